//! Trains a model on rows that different organizations hold of the same columns: each trains on its own,
//! and a coordinator learns nothing of them but the average of their updates (federated averaging).
//!
//! **Parties**: a coordinator, which has no data, and three or more organizations with rows of their own.
//!
//! **Messages**: each party tells each that it is ready, or why not. Then, in each round, the coordinator
//! tells the model (`round`); each organization trains on its rows from there, and gives by how much the
//! model changed, times its number of rows, into a masked sum
//! ([`aggregation`](anchorhold_sdk::mpc::aggregation)), with that number and with how good the model is on
//! rows that it keeps for validation. The coordinator alone learns the sum, and takes the step.
//!
//! With `privacy` they give instead the sum of their rows' gradients with noise, and nothing beside it.
//!
//! **Assumes** messages that only their receiver can read, and what the sums assume; values within the
//! bounds declared, which each organization checks before anything about them leaves. No sum can overflow.
//!
//! **Leaks** to all organizations the model of each round, and who takes part; to the coordinator for each
//! round the average update, the number of rows, and the loss and accuracy on those kept, all of them sums
//! over three organizations at the least; of a party that cannot take part, why.
//!
//! **Does not protect** against what a model and its updates say of rows; against an organization that gives
//! another update than its own; or against sums of two rounds of which one organization is in one alone.
//!
//! Source: McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized Data",
//! AISTATS 2017.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod arguments;
mod coordinator;
mod input;
mod model;
mod names;
mod organization;
mod plan;
mod private;
mod round;
mod training;
mod vector;

use anchorhold_sdk::mpc::agree_without;
use anchorhold_sdk::{Dataset, Description, Result, Role, Security, Task, algorithm};

pub use arguments::{Arguments, Kind, Outcome, Round, Spent, Trained};
use plan::Plan;

/// Who learns the sums.
pub const COORDINATOR: &str = "coordinator";
/// Who has rows.
pub const ORGANIZATION: &str = "organization";

/// The dataset that each organization reads.
const DATASET: &str = "records";

algorithm!(describe, run);

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "As many organizations as the threshold less 2, with the coordinator.",
        "To organizations the model of each round; to the coordinator the sums of each round: average \
         update, rows, validation loss and accuracy; who was there at each step; why a party cannot take \
         part.",
    );
    let model =
        "The model, and of each round the average update, loss, accuracy and who took part.";
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new(COORDINATOR, model))
    .role(Role::new(ORGANIZATION, "The model of each round; who took part.").at_least(3))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).role(ORGANIZATION).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument, column or message that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = Plan::new(task, &arguments).and_then(|plan| {
        let rows = input::read(task, &plan)?;
        Ok((plan, rows))
    });
    let may_lack = |party: &anchorhold_sdk::Party| party.role == ORGANIZATION;
    let ((plan, rows), _) = agree_without(task, &arguments, own, |_| (), may_lack)?;
    match rows {
        Some(rows) => {
            let rounds = organization::follow(task, &plan, rows)?;
            Ok(Outcome::Organization { rounds })
        }
        None => coordinator::lead(task, &plan).map(|model| Outcome::Coordinator(Box::new(model))),
    }
}
