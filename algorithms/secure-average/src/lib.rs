//! Computes the average of one value of each party. Every party learns the average and whether its
//! own value is above, below or at it, and nobody another's value.
//!
//! **Parties**: n >= 3, all in one role, in a ring in the order of their seats. Two are refused:
//! each would compute the other's value from the average.
//!
//! **Messages**: those of [`anchorhold_sdk::masked_ring`], with one element of Z_2^64. The total is
//! opened and then divided: a division in the ring, by an inverse, would be right only where the
//! number of parties divides the total.
//!
//! **Assumes** parties that follow the protocol; arguments that all parties have in common, of which
//! a hash in each message is compared; values within the bounds declared, which each party checks
//! before it sends anything, so that no sum overflows.
//!
//! **Leaks** nothing but the average. A party's position goes to its own log, and into the result,
//! which the requester sees, only if the arguments say so.
//!
//! **Does not protect** against two neighbours of a party who collude, nor all parties but one; a
//! value that only few people can have: the average of three says much about the largest; repeated
//! averages of all but one party; or a party that gives another value than its own.

use anchorhold_sdk::masked_ring::MaskedRing;
use anchorhold_sdk::{
    Dataset, Decimal, Description, Error, Result, Role, Security, Task, Z2_64, algorithm,
    decimal_text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The dataset that is read; it has one row.
const DATASET: &str = "value";

/// How many decimals the average has more than the values.
const MORE_DECIMALS: u32 = 4;

algorithm!(describe, run);

/// What to average. All parties must be given the same.
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
    /// Whether the result says on which side of the average the party is. The requester sees the
    /// results of all parties.
    #[serde(default)]
    pub share_position: bool,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of parties.
    pub parties: usize,
    /// The exact sum of all values.
    pub total: String,
    /// The average, rounded to four decimals more than the values have; a tie to the even one.
    pub average: String,
    /// The party's own position, if the arguments ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// Above the average.
    Above,
    /// Exactly at the average.
    At,
    /// Below the average.
    Below,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any that are not both neighbours of another party in the ring, nor all parties but one.",
        "Nothing but the result; that a party fails is seen by the others.",
    );
    let learns = "The average over all parties, and so whether its own value is above it.";
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        "Averages one value of each party, under one mask in a ring.",
        security,
    )
    .role(Role::new("party", learns).at_least(3))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the argument, column or neighbour that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let parties = task.parties().len();
    let Arguments { column, minimum, maximum, decimals, .. } = &arguments;
    let summands = u64::try_from(parties).map_err(Error::new)?;
    let decimal = Decimal::new(*decimals, *minimum, *maximum, summands)?;
    let ring = MaskedRing::new(task, &arguments, 1)?;
    let own = task.table(DATASET)?.only(column, &decimal)?;

    let total = ring.sum(task, &[Z2_64::from_signed(own)])?[0].to_signed();
    if !decimal.can_be_sum(total, summands) {
        return Err(Error::new(format!(
            "the total of {column:?} is not possible within the declared bounds: a party did not \
             follow the protocol"
        )));
    }

    let (total_wide, parties_wide) = (i128::from(total), i128::from(summands));
    let average = divide_to_nearest(total_wide * 10_i128.pow(MORE_DECIMALS), parties_wide);
    let average = decimal_text(average, decimals + MORE_DECIMALS);
    let position = match (i128::from(own) * parties_wide).cmp(&total_wide) {
        std::cmp::Ordering::Greater => Position::Above,
        std::cmp::Ordering::Equal => Position::At,
        std::cmp::Ordering::Less => Position::Below,
    };
    let side = match position {
        Position::Above => "above",
        Position::At => "at",
        Position::Below => "below",
    };
    task.info(&format!("the own value is {side} the average, {average}"));
    Ok(Outcome {
        parties,
        total: decimal.text(total),
        average,
        position: arguments.share_position.then_some(position),
    })
}

/// Divides, rounding to the nearest integer and a tie to the even one. The divisor is positive.
fn divide_to_nearest(dividend: i128, divisor: i128) -> i128 {
    let (floor, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Equal => floor + floor.rem_euclid(2),
        std::cmp::Ordering::Greater => floor + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::divide_to_nearest;

    #[test]
    fn quotients_are_rounded_to_the_nearest_and_ties_to_the_even() {
        let rounded =
            [-7, -6, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6, 7].map(|x| divide_to_nearest(x, 4));
        assert_eq!(rounded, [-2, -2, -1, -1, 0, 0, 0, 0, 0, 1, 1, 2, 2]);
    }
}
