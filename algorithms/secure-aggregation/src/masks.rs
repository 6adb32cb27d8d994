//! Sums under masks that survive workers who leave: [`aggregation`](anchorhold_sdk::mpc::aggregation) in one
//! round, whose adder is the modeller and whose givers are the workers. Public keys are among what all
//! say to one another first.

use anchorhold_sdk::mpc::aggregation::{Group, MaskedSums, Met, Public, Roster, Secrets, Stopped};
use anchorhold_sdk::{Error, Result, Seat, Task};

use crate::muster::Facts;
use crate::plan::Plan;

/// The only round.
pub const ROUND: u32 = 0;

/// Gives a vector into the sum; returns whose are in it.
pub fn give(
    task: &mut Task,
    plan: &Plan,
    facts: &[Option<Facts>],
    secrets: Secrets,
    vector: Vec<u64>,
) -> Result<Roster> {
    let met = Met::new(ROUND, Some(secrets), publics(plan, facts)?);
    let given = sums(plan, vector.len()).give(task, met, vector);
    given.map_err(|stopped| match stopped {
        Stopped::TooFew(there) if there.is_empty() => {
            Error::new("the modeller says that too few workers are there")
        }
        stopped => explain(plan, stopped),
    })
}

/// Learns the sum of the vectors of all that stayed; returns it with whose these are.
pub fn collect(
    task: &Task,
    plan: &Plan,
    facts: &[Option<Facts>],
    length: usize,
) -> Result<(Vec<u64>, Roster)> {
    let met = Met::new(ROUND, None, publics(plan, facts)?);
    sums(plan, length).collect(task, met).map_err(|stopped| explain(plan, stopped))
}

fn sums(plan: &Plan, length: usize) -> MaskedSums {
    MaskedSums::new(Group {
        adder: plan.modeller,
        givers: plan.workers.clone(),
        threshold: plan.threshold,
        length,
        modulus: plan.modulus,
        compares: plan.arguments.active,
        patience: None,
    })
}

/// Returns the public parts of the workers that came.
fn publics(plan: &Plan, facts: &[Option<Facts>]) -> Result<Vec<Option<Public>>> {
    let public = |seat: &Seat| match &facts[seat.index()] {
        None => Ok(None),
        Some(Facts { public: Some(public), .. }) => Ok(Some(*public)),
        Some(_) => Err(Error::new(format!("{seat} did not tell a public key"))),
    };
    plan.workers.iter().map(public).collect()
}

fn explain(plan: &Plan, stopped: Stopped) -> Error {
    match stopped {
        Stopped::TooFew(there) => plan.too_few(there.len()),
        Stopped::LeftOut => {
            Error::new("the modeller goes on without this worker, which it took for lost")
        }
        Stopped::Failed(error) => error,
    }
}
