//! What all say to one another first; workers who do not come are done without.

use anchorhold_sdk::mpc::aggregation::Public;
use anchorhold_sdk::mpc::agree_without;
use anchorhold_sdk::{Error, Party, Result, Task};
use serde::{Deserialize, Serialize};

use crate::arguments::{Arguments, Kind};
use crate::tensors::{Format, Layout, Precision, shown};
use crate::{MODELLER, WORKER};

/// What a party says of its own input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// A worker's names and shapes.
    pub layout: Option<Layout>,
    /// The precision of a worker's tensors.
    pub precision: Option<Precision>,
    /// What belongs to a worker's secrets, with the kind `masks`.
    pub public: Option<Public>,
}

/// Tells the other parties that this one is ready, or why it is not. Returns the own input and the facts
/// of all parties that came, in the order of their seats.
///
/// # Errors
/// [`Error::Said`] at every party that came, with the same words, if any of these is not ready or was
/// given other arguments; [`Error::PeerEnded`] if the modeller did not come or, unless the kind is
/// `masks`, anybody.
pub fn muster<I>(
    task: &Task,
    arguments: &Arguments,
    own: Result<I>,
    facts: impl FnOnce(&I) -> Facts,
) -> Result<(I, Vec<Option<Facts>>)> {
    let may_lack = |party: &Party| arguments.kind == Kind::Masks && party.role != MODELLER;
    let (own, facts) = agree_without(task, arguments, own, facts, may_lack)?;
    same_layout(task, arguments.format, &facts)?;
    Ok((own, facts))
}

/// Compares the layouts of all workers that came.
fn same_layout(task: &Task, format: Format, facts: &[Option<Facts>]) -> Result<()> {
    let mut first = None;
    for (party, facts) in task.parties().iter().zip(facts) {
        let Some(facts) = facts.as_ref().filter(|_| party.role == WORKER) else { continue };
        let name = &party.organization;
        let lacks = |what: &str| Error::new(format!("{name} did not say what {what} are"));
        let layout = facts.layout.as_ref().ok_or_else(|| lacks("its tensors"))?;
        let possible = layout.values().and_then(|_| layout.check_names(format));
        possible.map_err(|error| Error::new(format!("{name}: {error}")))?;
        let (other, expected) = *first.get_or_insert((name, layout));
        if let Some(tensor) = layout.difference(expected) {
            return Err(Error::new(format!(
                "the tensor {} is not in the state dictionaries of both {other} and {name}, or \
                 not of one shape",
                shown(tensor)
            )));
        }
    }
    Ok(())
}
