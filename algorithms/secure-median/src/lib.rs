//! Finds the median of a column over all parties, a quantile, or the k-th smallest value, and tells
//! nothing else.
//!
//! **Parties**: any number in the role `party`, of whom the first three compute
//! ([`anchorhold_sdk::mpc::replicated`]); or two or more, with one in the role `provider`, which has no
//! data and deals randomness ([`anchorhold_sdk::mpc::spdz`]).
//!
//! **Messages**: each party tells each that it is ready, or why not; then it shares how many values it
//! has, and all learn whether together they have enough. A quantile or the k-th value is found bit by
//! bit: each party shares how many of its values are not above a number that all know, and all learn
//! whether these are enough ([`Numbers::kth`]). For the median, of which the two middle values must not
//! be told where it is the mean of two, each party shares its values bit by bit, filled up to `max_rows`,
//! and no bit is opened but those of the sum of the two ([`Numbers::kth_of_shared`]).
//!
//! **Assumes** parties that follow the protocol, and that no two of the first three collude; with a
//! provider, that it colludes with none. Values are within the bounds declared, which each party checks
//! before any share leaves. With a provider, another message than the protocol says is noticed before
//! something is opened that depends on it; but not counts that are those of no values, which can be
//! chosen to learn more.
//!
//! **Leaks** nothing but the result: the bits that are opened on the way to a quantile follow from it.
//! That the values are at least as many as `minimum_count`, or the opposite; their count where that is
//! asked for.
//!
//! **Does not protect** against repeated questions: each quantile is one person's value, all of them are
//! all values, and two medians before and after one person came say much of that one. Nor against a
//! party that gives other values than it has.

mod plan;
mod search;

use anchorhold_sdk::mpc::replicated::Replicated;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Numbers, Setting, Z2_64, agree};
use anchorhold_sdk::{Dataset, Description, Result, Role, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use plan::Plan;

/// The dataset that a party reads.
const DATASET: &str = "patients";
/// The role of who deals randomness.
pub const PROVIDER: &str = "provider";
/// The role of who has values.
pub const PARTY: &str = "party";

algorithm!(describe, run);

/// What to find. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The column, whole or floating-point numbers. Nulls are not counted.
    pub column: String,
    /// The smallest value that it may have, a whole number.
    pub minimum: i64,
    /// The largest value that it may have, a whole number.
    pub maximum: i64,
    /// To how many decimals its values are rounded, to the nearest.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub decimals: u32,
    /// What to find.
    #[serde(default)]
    pub find: Find,
    /// The fewest values of all parties together of which something is told.
    #[serde(default = "default_minimum_count")]
    #[schemars(range(min = 1))]
    pub minimum_count: u64,
    /// The most rows that a party's dataset may have. For a median, each party's values are filled up
    /// to so many.
    #[serde(default = "default_max_rows")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_rows: u64,
    /// Whether the number of values of all parties is told.
    #[serde(default)]
    pub tell_count: bool,
}

/// What to find.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Find {
    /// The middle value, or the mean of the two middle ones.
    #[default]
    Median,
    /// The smallest value such that this part of all values, from 0 to 1 with up to six decimals, is
    /// not above it.
    Quantile(f64),
    /// The k-th smallest value, from 1.
    Kth(u64),
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// What was looked for, exactly: of a median with one decimal more than the values have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The number of values of all parties, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any, but no two of the first three parties, nor the provider with anyone.",
        "That there are enough values; their count if it is asked for; why a party cannot take part.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new(PARTY, "The median, quantile or k-th value.").at_least(2))
    .role(Role::new(PROVIDER, "Nothing.").at_least(0).at_most(1))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).role(PARTY).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument or column that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = Plan::new(&arguments, task).and_then(|plan| {
        let values = plan.read(task)?;
        Ok((plan, values))
    });
    let ((plan, values), _) = agree(task, &arguments, own, |_| ())?;
    match plan.setting {
        Setting::Provider(seat) => find(Spdz::new(task, seat)?, &plan, values),
        Setting::Servers(servers) => find(Replicated::<Z2_64>::new(task, servers)?, &plan, values),
    }
}

fn find<A: Numbers>(mut parties: A, plan: &Plan, values: Option<Vec<i64>>) -> Result<Outcome> {
    let found = search::find(&mut parties, plan, values.as_deref())?;
    // The provider's are zeros.
    let has_values = values.is_some();
    Ok(Outcome {
        value: has_values.then_some(found.text),
        count: found.count.filter(|_| has_values),
    })
}

fn default_minimum_count() -> u64 {
    10
}

fn default_max_rows() -> u64 {
    10_000
}
