//! Compares one value of each of two parties by a garbled circuit: both learn who has more, or that
//! both have the same.
//!
//! **Parties**: 2, both in one role. The second garbles the circuit, the first evaluates it.
//!
//! **Messages**: each tells the other that it is ready, or why not. What follows is polytune's
//! protocol, message by message in `form.rs`: 35 rounds and 1 MB with the first ones, whatever the
//! values are.
//!
//! **Assumes** parties that follow the protocol; values within the bounds declared, which each party
//! checks before anything else leaves.
//!
//! **Leaks** nothing but the answer.
//!
//! **Does not protect** against a party that does not follow the protocol. The protocol is one that
//! would, but polytune 0.2.0-alpha.4 leaves out checks of it, and takes at the beginning the random
//! numbers that are to be drawn after what they check: such a party can learn the other's value
//! unnoticed, and make it accept a wrong answer. What is malformed ends the task; but where a row of
//! the garbled circuit cannot be decrypted, polytune panics, and the first party's execution ends by
//! a trap. Nor does it protect against repeated questions, in which a party may put any value in the
//! place of its own; or a party that gives another value than its own.

mod channel;
mod circuit;
mod form;

use anchorhold_sdk::mpc::agree;
use anchorhold_sdk::rand_core::Rng as _;
use anchorhold_sdk::{
    Dataset, Decimal, Description, Error, Result, Role, Security, Task, algorithm,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use channel::compute;
use circuit::Comparison;

/// The dataset that is read; it has one row.
const DATASET: &str = "value";

algorithm!(describe, run);

/// What to compare. Both parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The column of the value, whole or floating-point.
    pub column: String,
    /// The smallest value that a party may have, a whole number.
    pub minimum: i64,
    /// The largest value that a party may have, a whole number.
    pub maximum: i64,
    /// To how many decimals a value is rounded, to the nearest.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub decimals: u32,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of parties.
    pub parties: usize,
    /// Who has the most: both where they have the same.
    pub most: Vec<String>,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "There are two parties; neither learns more than the answer.",
        "Nothing but the answer; why a party cannot take part.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new("party", "Who of the two has more, or that both have the same.").exactly(2))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument, column or message that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = own_value(task, &arguments);
    let (value, _) = agree(task, &arguments, own, |_| ())?;
    let comparison = Comparison::new();
    let random = task.rng().next_u64();
    let input = comparison.input(task.seat().index(), value, random);
    let output = compute(task, comparison.circuit(), &input)?;
    let answer = comparison.answer(&output)?;
    let most = task.parties().iter().zip(answer).filter(|(_, has_most)| *has_most);
    let most = most.map(|(party, _)| party.organization.clone()).collect();
    Ok(Outcome { parties: task.parties().len(), most })
}

/// Reads the one value of the dataset, if there are two parties.
fn own_value(task: &Task, arguments: &Arguments) -> Result<i64> {
    let Arguments { column, minimum, maximum, decimals } = arguments;
    let parties = task.parties().len();
    if parties != 2 {
        return Err(Error::new(format!("a garbled circuit takes two parties, not {parties}")));
    }
    let decimal = Decimal::new(*decimals, *minimum, *maximum, 1)?;
    task.table(DATASET)?.only(column, &decimal)
}
