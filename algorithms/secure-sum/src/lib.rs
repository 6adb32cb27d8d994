//! Counts rows and adds columns over the datasets of all parties; no party's own count or sum is
//! seen by anybody else.
//!
//! **Parties**: n >= 3, all in one role, in a ring in the order of their seats. Two are refused:
//! each would subtract its own value from the total and have the other's.
//!
//! **Messages**: one vector for each hop of the ring and one to each party but the first, as
//! [`anchorhold_sdk::masked_ring`] says. A vector has, for each group of rows, the number of rows
//! and, for each column, the number of values and their sum: `groups * (1 + 2 * columns)` elements
//! of Z_2^64 of eight bytes each, whatever the data.
//!
//! **Assumes** parties that follow the protocol; arguments that all parties have in common, of which
//! a hash in each message is compared; values within the bounds declared, which each party checks
//! before it sends anything. No sum can overflow: that is excluded by the bounds beforehand.
//!
//! **Leaks** nothing but the result, which all parties learn. That a party fails is seen by the
//! others, and so that one of its values is out of bounds or that it has too many rows.
//!
//! **Does not protect** against two neighbours of a party who collude, nor all parties but one; the
//! small group: a sum over one row is that row's value; repeated questions whose difference is one
//! row; or a party that gives other numbers than those of its data. A total that the bounds exclude
//! is refused, any other change of a message by a party passes.

mod arguments;
mod filter;
mod plan;
mod tally;
mod totals;

use anchorhold_sdk::masked_ring::MaskedRing;
use anchorhold_sdk::{Dataset, Description, Result, Role, Security, Task, algorithm};

pub use arguments::{Arguments, Condition, Literal, Phase, RowGroup, SummedColumn};
pub use totals::{ColumnTotals, GroupTotals, Outcome};

use plan::Plan;

/// The dataset that is read.
const DATASET: &str = "patients";

/// What a party learns, and why two are too few.
const LEARNS: &str =
    "The counts and sums over all parties; of two parties, each would have the other's.";

algorithm!(describe, run);

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any that are not both neighbours of another party in the ring, nor all parties but one.",
        "Nothing but the result; that a party fails is seen by the others.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        "Counts the rows and adds the columns of all parties, under one mask in a ring.",
        security,
    )
    .role(Role::new("party", LEARNS).at_least(3))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the argument, column or neighbour that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let parties = task.parties().len();
    let plan = Plan::new(&arguments, parties)?;
    let ring = MaskedRing::new(task, &arguments, plan.length())?;
    let total = match arguments.phase {
        Phase::Whole => {
            let own = tally::tally(task, &plan)?;
            ring.sum(task, &own)?
        }
        Phase::Mask => {
            let own = tally::tally(task, &plan)?;
            ring.mask(task, &own)?;
            return Ok(Outcome::Masked { parties });
        }
        Phase::Unmask => ring.unmask(task)?,
    };
    totals::read(&plan, &total)
}
