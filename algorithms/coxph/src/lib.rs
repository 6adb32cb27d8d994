//! Fits Cox's proportional hazards model to rows that different organizations hold of the same columns:
//! coefficients with standard errors and p-values, as if all rows were in one place.
//!
//! **Parties**: n >= 3, all in one role, each with rows of its own. Two are refused: each would subtract its
//! own sums from those of both. Seat 0 adds and takes the steps.
//!
//! **Messages**: each party tells each that it is ready, or why not. Then seeds, and sums under masks that
//! each two parties share ([`anchorhold_sdk::mpc::pairwise`]): first how many rows have an event, and how
//! many none, at each time of a declared grid; seat 0 tells all at which times there are events, and
//! where there are several. Then, for each step of Newton's method ([`anchorhold_sdk::newton`]), at each of
//! these times the sums over the rows at risk of e^(xb), of x e^(xb) and of xx' e^(xb), and the same over
//! rows with tied events.
//!
//! **Assumes** parties that follow the protocol, and two that do not collude with the others; values within
//! the bounds declared, which each party checks before it sends anything about them.
//!
//! **Leaks** to seat 0 how many rows end at each time and the sums of each step, over all parties. Sums at
//! two successive times differ by the rows that ended between them: **of a row that ended there alone, seat 0
//! learns all columns**, though not whose it is. To all others it leaks the times with events, where
//! several are tied, and the coefficients of each step; of a party that cannot take part, why.
//!
//! **Does not protect** against all parties but one; against what sums and coefficients say of few rows;
//! against a party that gives other rows than it has, or sends other sums; or against a party that leaves.

mod fit;
mod hazards;
mod plan;
mod times;

use anchorhold_sdk::mpc::agree;
use anchorhold_sdk::newton::{Column, Limits, MAX_ROWS, MAX_STEPS, Nulls};
use anchorhold_sdk::{Dataset, Description, Result, Role, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use plan::Plan;

/// The dataset that each party reads.
const DATASET: &str = "records";

algorithm!(describe, run);

/// What to fit. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The column with how long a row was observed.
    pub time: Time,
    /// The column with 1 where the event was then, and 0 where it was not until then.
    pub event: String,
    /// The columns that explain how soon it is.
    #[schemars(length(min = 1, max = 32))]
    pub features: Vec<Column>,
    /// How events at the same time are counted.
    #[serde(default)]
    pub ties: Ties,
    /// The fewest rows that may end at a time with events, or since the one before it.
    #[serde(default = "default_min_leaving")]
    #[schemars(range(min = 1))]
    pub min_leaving: u64,
    /// What becomes of rows that lack a value in one of these columns.
    #[serde(default)]
    pub nulls: Nulls,
    /// The most rows that a party may have.
    #[serde(default = "Limits::default_max_rows")]
    #[schemars(range(min = 1, max = MAX_ROWS))]
    pub max_rows: u64,
    /// The fewest rows that a party may use.
    #[serde(default = "Limits::default_min_party_rows")]
    #[schemars(range(min = 1))]
    pub min_party_rows: u64,
    /// The fewest events that all parties have together.
    #[serde(default = "default_min_events")]
    #[schemars(range(min = 1))]
    pub min_events: u64,
    /// After how many steps it is given up.
    #[serde(default = "Limits::default_max_steps")]
    #[schemars(range(min = 2, max = MAX_STEPS))]
    pub max_steps: u32,
}

/// The column of times: whole numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Its name.
    pub name: String,
    /// The latest time.
    #[schemars(range(min = 1, max = 65_535))]
    pub maximum: u32,
    /// How long an interval of the grid is: times are rounded up to a multiple of it.
    #[serde(default = "default_interval")]
    #[schemars(range(min = 1))]
    pub interval: u32,
}

/// How events at the same time are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ties {
    /// As if they had come one after the other, each with its part of the others still at risk.
    #[default]
    Efron,
    /// As if all of them had still been at risk at each.
    Breslow,
}

/// What all parties return.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The number of parties.
    pub parties: usize,
    /// The number of rows that all use together.
    pub rows: u64,
    /// The number of events among them.
    pub events: u64,
    /// At how many coefficients sums were opened.
    pub steps: u32,
    /// The coefficients, in the order of the arguments.
    pub coefficients: Vec<Coefficient>,
    /// The logarithm of the partial likelihood.
    pub log_likelihood: f64,
    /// The same where all coefficients are zero.
    pub null_log_likelihood: f64,
}

/// A coefficient, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coefficient {
    /// The column.
    pub name: String,
    /// How much the column's unit adds to the logarithm of the hazard.
    pub coefficient: f64,
    /// By how much the column's unit multiplies the hazard.
    pub hazard_ratio: f64,
    /// The coefficient's standard error.
    pub standard_error: f64,
    /// The coefficient by its standard error.
    pub statistic: f64,
    /// How probable a statistic is that is as far from zero or farther, where the coefficient is zero.
    pub p_value: f64,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any but two: n - 2 of n parties learn sums of the others together.",
        "To the first party how many rows end at each time, and the sums of each step, which tell the \
         columns of a row that ended alone; to all the times with events, the coefficients of each step, and why a party cannot take part.",
    );
    let learns =
        "The coefficients, their standard errors and the likelihood; the times with events.";
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
    let own = Plan::new(task, &arguments).and_then(|plan| {
        let rows = plan.read(task)?;
        Ok((plan, rows))
    });
    let ((plan, rows), _) = agree(task, &arguments, own, |_| ())?;
    fit::fit(task, &plan, rows)
}

fn default_interval() -> u32 {
    1
}

fn default_min_leaving() -> u64 {
    5
}

fn default_min_events() -> u64 {
    10
}
