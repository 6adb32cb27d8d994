//! Fits a linear or logistic model with an L2 penalty on columns that different organizations hold of the
//! same rows, such as the same patients; one of them learns the coefficients, and nobody anything else.
//!
//! **Parties**: n >= 2 holders of columns, one of whom has the outcome. Two of them need a third party
//! without data: a crypto provider, or a helper that computes with them. More may have a provider;
//! without one the first three compute.
//!
//! **Messages**: each party tells each that it is ready and how many rows it has, or why not. Each holder
//! brings its columns to mean 0 and variance 1 by itself, and shares them. The products of all columns
//! are computed and inverted with the penalty; a linear model is then solved and refined, a logistic one
//! found in a fixed number of iterations. The coefficients are brought back to the columns' units by
//! factors that their holders share, and opened to the receiver alone. How many messages and how long they
//! are follows from the number of rows, features, holders and iterations: the README says how.
//!
//! **Assumes** parties that follow the protocol, of whom neither the provider nor the helper colludes
//! with a holder; without a provider, no two of the three that compute collude. Values are within the
//! bounds declared, which each holder checks before any share leaves; no number can leave its range then.
//! The rows must be the same in the same order: nobody can check that.
//!
//! **Leaks** to all the number of rows; of a party that cannot take part, why, with the first row that has
//! no value; and that each column varies, within its bounds.
//!
//! **Does not protect** against what coefficients say of few rows, or many of them together; against a
//! holder that chooses its columns; or against a party that leaves, so that nobody has a result.

mod fit;
mod input;
mod inverse;
mod logistic;
mod plan;
mod precision;
mod ridge;

use anchorhold_sdk::mpc::replicated::Replicated;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Setting, Z2_128, agree};
use anchorhold_sdk::{Dataset, Description, Result, Role, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use input::Input;
use plan::Plan;

/// The dataset that each holder reads.
const DATASET: &str = "records";

/// Who has columns.
const HOLDER: &str = "holder";
/// Who deals randomness to the holders, and has no data.
const PROVIDER: &str = "provider";
/// Who computes with two holders, and has no data.
const HELPER: &str = "helper";

algorithm!(describe, run);

/// What to fit. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The model.
    pub model: Kind,
    /// The column that is explained.
    pub outcome: OutcomeColumn,
    /// The columns that explain it: those of each holder, in the order of their seats. Who has
    /// the outcome may have none.
    #[schemars(length(min = 2))]
    pub features: Vec<Vec<Column>>,
    /// How much half of the sum of the squared coefficients of standardized features weighs beside the
    /// mean loss of a row. The intercept is not penalized.
    #[schemars(range(min = 0.001, max = 10))]
    pub penalty: f64,
    /// How many iterations a logistic model takes.
    #[serde(default = "default_iterations")]
    #[schemars(range(min = 1, max = 500))]
    pub iterations: usize,
    /// The organization of the holder that learns the coefficients. Without it, who has the outcome.
    #[serde(default)]
    pub receiver: Option<String>,
    /// Which of its rows.
    #[serde(default)]
    pub rows: Rows,
    /// The fewest rows that must take part.
    #[serde(default)]
    pub minimum_rows: u64,
    /// The most rows that a dataset may have.
    #[serde(default = "default_max_rows")]
    #[schemars(range(min = 1, max = 1_048_576))]
    pub max_rows: u64,
}

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Linear, of an outcome that is a number. A row's loss is half of the squared error, of an outcome
    /// of variance 1.
    Ridge,
    /// Logistic, of an outcome that is 0 or 1. A row's loss is the negative logarithm of the probability
    /// of what it is.
    Logistic,
}

/// Which rows take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// All, in their order.
    #[default]
    All,
    /// Those that a private set intersection found before, in the same run.
    Linked,
}

/// The column that is explained.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeColumn {
    /// The organization that has it.
    pub holder: String,
    /// Its name: whole or floating-point numbers without nulls.
    pub name: String,
    /// The smallest value that it may have.
    #[serde(default)]
    pub minimum: f64,
    /// The largest value that it may have.
    #[serde(default = "default_maximum")]
    pub maximum: f64,
}

/// A column that explains.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: whole or floating-point numbers without nulls.
    pub name: String,
    /// The smallest value that it may have.
    pub minimum: f64,
    /// The largest value that it may have.
    pub maximum: f64,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of rows that all holders have.
    pub rows: usize,
    /// What was fitted. Only the receiver has it.
    #[serde(flatten)]
    pub model: Option<Model>,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// What is predicted where all features are 0.
    pub intercept: f64,
    /// Of each feature how much its unit adds, in the order of the arguments.
    pub coefficients: Vec<Coefficient>,
}

/// The coefficient of a feature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coefficient {
    /// The organization that has the column.
    pub holder: String,
    /// The column's name.
    pub column: String,
    /// The coefficient.
    pub coefficient: f64,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "With a provider all holders but one, but not with the provider; without it any holders that do \
         not compute with one of the three that do.",
        "The number of rows; that columns vary within their bounds; why a party cannot take part.",
    );
    let nothing = |name: &str| Role::new(name, "The number of rows.").at_least(0).at_most(1);
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(
        Role::new(HOLDER, "The number of rows; the receiver alone, the coefficients.").at_least(2),
    )
    .role(nothing(PROVIDER))
    .role(nothing(HELPER))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).role(HOLDER).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument or column that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = Plan::new(task, &arguments).and_then(|plan| {
        let input = Input::read(task, &plan)?;
        Ok((plan, input))
    });
    let said = |(_, input): &(Plan, Input)| (input.rows, input.linked_by.clone());
    let ((plan, input), said) = agree(task, &arguments, own, said)?;
    let rows = plan.common_rows(task, &said)?;
    let opened = match plan.setting {
        Setting::Provider(provider) => {
            fit::fit(&mut Spdz::new(task, provider)?, &plan, &input, rows)?
        }
        Setting::Servers(servers) => {
            fit::fit(&mut Replicated::<Z2_128>::new(task, servers)?, &plan, &input, rows)?
        }
    };
    Ok(Outcome { rows, model: opened.map(|opened| plan.model(task, &opened)) })
}

fn default_iterations() -> usize {
    60
}

fn default_max_rows() -> u64 {
    100_000
}

fn default_maximum() -> f64 {
    1.0
}
