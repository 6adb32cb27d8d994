//! Adds a column over all parties, such that the total still opens when some of them have left.
//!
//! **Parties**: n >= 3, all in one role, and a threshold t from 1 to n - 2, by default the largest
//! below n / 2.
//!
//! **Messages**: each party tells each that it is ready, or why not; then it sends each a share of
//! its count and sum, and then its share of the totals: three rounds, as
//! [`anchorhold_sdk::mpc::agree`] and [`anchorhold_sdk::mpc::shamir`] say. A share is two elements of
//! Fp127 of sixteen bytes each, whatever the data.
//!
//! **Assumes** parties that follow the protocol, of which at most t collude; values within the
//! bounds declared, which each party checks before any share leaves. No sum can overflow: that is
//! excluded by the bounds beforehand.
//!
//! **When parties leave** after they sent their shares, n - t - 1 of them may: their values are in
//! the total all the same. When one leaves before, there is no total.
//!
//! **Leaks** nothing but the result, which all parties learn; who was there; and of a party that
//! cannot take part, why.
//!
//! **Does not protect** against more than t parties that collude, nor all parties but one; repeated
//! questions whose difference is one party or one row; or a party that gives other numbers than
//! those of its data. A share of the total that was changed is noticed if more than t + 1 parties
//! are there.

use anchorhold_sdk::mpc::shamir::Shamir;
use anchorhold_sdk::mpc::{Domain as _, Fp127, agree};
use anchorhold_sdk::{
    Dataset, Decimal, Description, Error, Result, Role, Security, Task, algorithm,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The dataset that is read.
const DATASET: &str = "patients";

/// The fewest parties: of two, each could subtract its own value from the total.
const MIN_PARTIES: usize = 3;

algorithm!(describe, run);

/// What to add. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The column to add: whole or floating-point numbers. Nulls are not added and not counted.
    pub column: String,
    /// The smallest value that it may have, a whole number.
    pub minimum: i64,
    /// The largest value that it may have, a whole number.
    pub maximum: i64,
    /// To how many decimals its values are rounded before they are added, to the nearest.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub decimals: u32,
    /// The most rows that a party's dataset may have.
    #[serde(default = "default_max_rows")]
    pub max_rows: u64,
    /// How many parties may collude and learn nothing: at least one more must stay. Without it, the
    /// largest number below half of the parties.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub threshold: Option<usize>,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of parties whose values are in the total.
    pub parties: usize,
    /// The organizations that were there when the total was opened.
    pub opened_by: Vec<String>,
    /// The number of values that are not null.
    pub non_null: u64,
    /// The exact sum of all values.
    pub sum: String,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any, up to the threshold, nor all parties but one.",
        "Who was there at the end; why a party cannot take part.",
    );
    let learns = "The sum and the count over all parties.";
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new("party", learns).at_least(3))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument or column that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let parties = task.parties().len();
    let own = Plan::new(&arguments, parties).and_then(|plan| {
        let own = plan.add(task)?;
        Ok((plan, own))
    });
    let ((plan, own), _) = agree(task, &arguments, own, |_| ())?;
    let mut sharing = Shamir::new(task, plan.threshold)?;
    let shares = sharing.share_all(&own)?;
    let zero = sharing.public(&[Fp127::ZERO; 2]);
    let total = shares.iter().fold(zero, |total, share| total.plus(share));
    let opened = sharing.open(&total)?;
    let [non_null, sum] = [opened.values[0], opened.values[1]].map(Fp127::to_signed);
    let impossible = || Error::new("the total is not possible within the declared bounds");
    let sum = i64::try_from(sum).map_err(|_| impossible())?;
    if !plan.decimal.can_be_sum(sum, plan.summands) {
        return Err(impossible());
    }
    let all = task.parties();
    let name = |seat: &anchorhold_sdk::Seat| all[seat.index()].organization.clone();
    Ok(Outcome {
        parties,
        opened_by: opened.present.iter().map(name).collect(),
        non_null: u64::try_from(non_null).map_err(|_| impossible())?,
        sum: plan.decimal.text(sum),
    })
}

/// What the arguments come to.
struct Plan<'a> {
    arguments: &'a Arguments,
    decimal: Decimal,
    summands: u64,
    threshold: usize,
}

impl<'a> Plan<'a> {
    fn new(arguments: &'a Arguments, parties: usize) -> Result<Self> {
        if parties < MIN_PARTIES {
            return Err(Error::new(format!(
                "a sum takes at least {MIN_PARTIES} parties, not {parties}: a party that subtracts \
                 its own value from the sum of two learns the other's"
            )));
        }
        let threshold = arguments.threshold.unwrap_or((parties - 1) / 2);
        if threshold == 0 || threshold > parties - 2 {
            return Err(Error::new(format!(
                "\"threshold\" must be from 1 to {}, so that a party may leave, not {threshold}",
                parties - 2
            )));
        }
        let Arguments { minimum, maximum, decimals, max_rows, .. } = *arguments;
        let summands = u64::try_from(parties).map_err(Error::new)?.saturating_mul(max_rows);
        let decimal = Decimal::new(decimals, minimum, maximum, summands)?;
        Ok(Self { arguments, decimal, summands, threshold })
    }

    /// Counts and adds the party's own values.
    fn add(&self, task: &Task) -> Result<[Fp127; 2]> {
        let Arguments { column, max_rows, .. } = self.arguments;
        let table = task.table(DATASET)?;
        table.check_rows(*max_rows)?;
        let [mut count, mut sum] = [Fp127::ZERO; 2];
        for value in table.encoded(column, &self.decimal)?.into_iter().flatten() {
            count += Fp127::ONE;
            sum += Fp127::from_signed(value.into());
        }
        Ok([count, sum])
    }
}

fn default_max_rows() -> u64 {
    1_000_000
}
