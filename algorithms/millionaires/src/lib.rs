//! Compares one value of each party: all learn who has the most, or each only whether it has; nobody
//! learns a value.
//!
//! **Parties**: n >= 3, all in one role; the first three compute. Two are for another algorithm.
//!
//! **Messages**: each party tells each that it is ready, or why not, and shares its value among the
//! three. They find the largest by a tree of comparisons and compare each value with it; then the
//! answers are opened. See [`anchorhold_sdk::mpc::replicated`], which says how many rounds and bytes
//! each step takes: with n parties that is 14 + 11 ceil(log2 n) rounds, whatever the values are.
//!
//! **Assumes** parties that follow the protocol, and that no two of the first three collude; values
//! within the bounds declared, which each party checks before any share leaves.
//!
//! **Leaks** nothing but the answer: all who have the largest value, where several have the same.
//!
//! **Does not protect** against two of the first three who collude: they have all values; repeated
//! questions, in which a party may put any value in the place of its own; or a party that gives
//! another value than its own.

use anchorhold_sdk::mpc::replicated::{Replicated, Servers};
use anchorhold_sdk::mpc::{Arithmetic as _, Domain as _, Numbers as _, Shared, Z2_64, agree};
use anchorhold_sdk::{Dataset, Decimal, Description, Result, Role, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The dataset that is read; it has one row.
const DATASET: &str = "value";

algorithm!(describe, run);

/// What to compare. All parties must be given the same.
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
    /// What is told.
    #[serde(default)]
    pub tell: Tell,
}

/// What is told of who has the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tell {
    /// All parties and the requester learn who has the most.
    #[default]
    Who,
    /// Each party learns whether it has the most, in its own log; nobody else does.
    Whether,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of parties.
    pub parties: usize,
    /// Who has the most: more than one where several have the same. Only where that is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Vec<String>>,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any, but no two of the first three parties.",
        "Nothing but the answer; why a party cannot take part.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new("party", "Who has the most, or whether it has.").at_least(3))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument or column that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let parties = task.parties().len();
    let own = Servers::first(task).and_then(|servers| {
        let value = own_value(task, &arguments)?;
        Ok((servers, value))
    });
    let ((servers, value), _) = agree(task, &arguments, own, |_| ())?;
    let less = less_than_the_most(task, servers, value, arguments.tell)?;
    let has_most = |less: &Z2_64| *less == Z2_64::ZERO;
    match arguments.tell {
        Tell::Who => {
            let all = task.parties().iter().zip(&less);
            let most = all.filter(|(_, less)| has_most(less));
            let most = most.map(|(party, _)| party.organization.clone()).collect();
            Ok(Outcome { parties, most: Some(most) })
        }
        Tell::Whether => {
            let own = less.first().is_some_and(has_most);
            task.info(if own { "nobody has more" } else { "somebody has more" });
            Ok(Outcome { parties, most: None })
        }
    }
}

/// Returns for each party, or for this one alone, 1 if it has less than the most.
fn less_than_the_most(
    task: &mut Task,
    servers: Servers,
    own: Z2_64,
    tell: Tell,
) -> Result<Vec<Z2_64>> {
    let seats: Vec<_> = task.parties().iter().map(|party| party.seat).collect();
    let mut parties = Replicated::<Z2_64>::new(task, servers)?;
    let values = Shared::concatenation(&parties.share_all(Some(&[own]), 1)?);
    let mut largest = values.clone();
    while largest.len() > 1 {
        let half = largest.len() / 2;
        let (one, other) = (largest.range(0..half), largest.range(half..2 * half));
        let rest = largest.range(2 * half..largest.len());
        largest = parties.maximum(&one, &other)?.concatenated(&rest);
    }
    let less = parties.is_less(&values, &largest.repeated(seats.len()))?;
    if tell == Tell::Who {
        return parties.open(&less);
    }
    // The others' first: they need not wait for what this party receives.
    let own = parties.task().seat();
    let others = seats.into_iter().filter(|seat| *seat != own);
    let mut answer = None;
    for seat in others.chain([own]) {
        answer = parties.open_to(seat, &less.range(seat.index()..seat.index() + 1))?;
    }
    Ok(answer.unwrap_or_default())
}

/// Reads the one value of the dataset.
fn own_value(task: &Task, arguments: &Arguments) -> Result<Z2_64> {
    let Arguments { column, minimum, maximum, decimals, .. } = arguments;
    // Two of them are subtracted: so the difference fits.
    let decimal = Decimal::new(*decimals, *minimum, *maximum, 2)?;
    task.table(DATASET)?.only(column, &decimal).map(Z2_64::from_signed)
}
