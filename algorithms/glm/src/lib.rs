//! Fits a linear, logistic or Poisson regression to rows that different organizations hold of the same
//! columns: coefficients with standard errors and p-values, as if all rows were in one place.
//!
//! **Parties**: n >= 3, all in one role, each with rows of its own. Two are refused: each would subtract its
//! own sums from those of both. Seat 0 adds and takes the steps.
//!
//! **Messages**: each party tells each that it is ready, or why not. Then seeds, and sums under masks that
//! each two parties share ([`anchorhold_sdk::mpc::pairwise`]): first of the rows and outcomes, and then, for
//! each step of Newton's method ([`anchorhold_sdk::newton`]), of the loss, its gradient and its Hessian.
//!
//! **Assumes** parties that follow the protocol, and two that do not collude with the others; values within
//! the bounds declared, which each party checks before it sends anything about them.
//!
//! **Leaks** to seat 0 the sums of each step, over all parties; to all others the coefficients of each step
//! and the number of rows of all together; of a party that cannot take part, why.
//!
//! **Does not protect** against all parties but one; against what sums and coefficients say of few rows;
//! against a party that gives other rows than it has, or sends other sums; or against a party that leaves.

mod family;
mod fit;
mod plan;

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
    /// The model.
    pub model: Kind,
    /// The column that is explained.
    pub outcome: Column,
    /// The columns that explain it. There is an intercept beside them.
    #[schemars(length(min = 1, max = 64))]
    pub features: Vec<Column>,
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
    /// The fewest rows that all parties may use together.
    #[serde(default = "default_min_rows")]
    #[schemars(range(min = 1))]
    pub min_rows: u64,
    /// After how many steps it is given up.
    #[serde(default = "Limits::default_max_steps")]
    #[schemars(range(min = 2, max = MAX_STEPS))]
    pub max_steps: u32,
}

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Of an outcome that is a number, by least squares.
    Linear,
    /// Of an outcome that is 0 or 1.
    Logistic,
    /// Of an outcome that is a count.
    Poisson,
}

/// What all parties return.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The number of parties.
    pub parties: usize,
    /// The number of rows that all use together.
    pub rows: u64,
    /// At how many coefficients sums were opened.
    pub steps: u32,
    /// The intercept and the coefficients, in the order of the arguments.
    pub coefficients: Vec<Coefficient>,
    /// Twice the logarithm of how much likelier a model is that fits each row; of a linear one the sum of
    /// squared errors.
    pub deviance: f64,
    /// The same of a model that has an intercept alone.
    pub null_deviance: f64,
    /// The logarithm of the likelihood.
    pub log_likelihood: f64,
}

/// A coefficient, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coefficient {
    /// The column, or `intercept`.
    pub name: String,
    /// How much the column's unit adds, of a logistic model to the logarithm of the odds, of a Poisson
    /// model to that of the count.
    pub coefficient: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The coefficient by its standard error.
    pub statistic: f64,
    /// How probable a statistic is that is as far from zero or farther, where the coefficient is zero: by
    /// Student's distribution of a linear model, by the normal one of the others.
    pub p_value: f64,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "Any but two: n - 2 of n parties learn sums of the others together.",
        "To the first party the sums of each step; to all the coefficients of each step, the number of rows, \
         and why a party cannot take part.",
    );
    let learns = "The coefficients, their standard errors and the likelihood; the coefficients of each step.";
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

fn default_min_rows() -> u64 {
    50
}
