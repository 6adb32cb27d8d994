//! Applies the model of one organization to the records of another: the first learns nothing but how
//! many records there are, the second the predictions and nothing else of the model but its shape.
//!
//! **Parties**: one in the role `model`, one in the role `records`, and a third that helps: either a
//! `provider`, which deals randomness ([`anchorhold_sdk::mpc::spdz`]), or a `helper`, which computes
//! ([`anchorhold_sdk::mpc::replicated`]). Neither of these has data, or gets a result.
//!
//! **Messages**: each party tells each that it is ready, or why not; then the model's owner shares its
//! weights, and for each batch the records' owner its rows. Each layer is a matrix product and a
//! truncation, and between two layers a comparison for each hidden unit and record. Then the
//! predictions are opened to the records' owner alone. Their number and size follow from the shape, the
//! number of records and the batch.
//!
//! **Assumes** parties that follow the protocol, of whom the third colludes with neither of the others.
//! Weights and features are within the bounds declared, which each owner checks before any share leaves;
//! no number can overflow within them. With a provider, a message that is not what the protocol says is
//! noticed before a prediction is opened; but who shares weights or features out of their bounds is not,
//! and can read some of the other's.
//!
//! **Leaks** to all the shape of the model, which is an argument, and the number of records; of a party
//! that cannot take part, why. To the records' owner, where predictions are numbers, a little more than
//! they say: see [`Numbers::truncate`](anchorhold_sdk::mpc::Numbers::truncate).
//!
//! **Does not protect** the model against whoever may ask for many predictions: each says something of
//! it, and enough of them all of it. Nor the records against predictions that are shown to others.

mod input;
mod network;
mod plan;

use anchorhold_sdk::mpc::replicated::Replicated;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Setting, Z2_64, agree};
use anchorhold_sdk::{Dataset, Description, Error, Result, Role, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use input::Input;
use plan::Plan;

/// The role of who has the model, and its dataset.
pub const MODEL: &str = "model";
/// The role of who has the records, and their dataset.
pub const RECORDS: &str = "records";
/// The role of who deals randomness.
pub const PROVIDER: &str = "provider";
/// The role of the third one that computes.
pub const HELPER: &str = "helper";

algorithm!(describe, run);

/// The model's shape, and what its numbers may be. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// How many inputs the model has, units each layer between, and outputs: [64, 32, 10] is a
    /// perceptron with one hidden layer, [30, 1] a linear or logistic model.
    #[schemars(length(min = 2, max = 8))]
    pub layers: Vec<usize>,
    /// What is predicted for a record.
    pub output: Output,
    /// The columns of the records, in the order of the inputs. Without it, all columns in their order.
    #[serde(default)]
    pub features: Option<Vec<String>>,
    /// The largest absolute value of a feature.
    pub feature_bound: f64,
    /// The largest absolute value of a weight.
    pub weight_bound: f64,
    /// How many fractional bits all numbers have.
    #[serde(default = "default_fraction_bits")]
    #[schemars(range(min = 1, max = 26))]
    pub fraction_bits: u32,
    /// How many records are computed with at once.
    #[serde(default = "default_batch")]
    #[schemars(range(min = 1, max = 100_000))]
    pub batch: usize,
}

/// What is predicted for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// The outputs themselves, as of a linear model.
    Value,
    /// The logistic function of each output.
    Probability,
    /// The place of the largest output, from 0, and nothing else.
    Class,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of records.
    pub records: usize,
    /// At the records' owner alone, the prediction for each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predictions: Option<Predictions>,
}

/// The predictions, record by record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Predictions {
    /// The place of the largest output.
    Classes(Vec<u64>),
    /// The outputs, or the logistic function of each.
    Numbers(Vec<Vec<f64>>),
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "None: neither the helper or provider with one of the others, nor these.",
        "The model's shape; the number of records; why a party cannot take part.",
    );
    let nothing = |name: &str| Role::new(name, "The number of records.").at_least(0).at_most(1);
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new(MODEL, "The number of records."))
    .role(Role::new(RECORDS, "The predictions."))
    .role(nothing(PROVIDER))
    .role(nothing(HELPER))
    .arguments::<Arguments>()
    .dataset(input::model_dataset())
    .dataset(Dataset::new(RECORDS).role(RECORDS).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument, column or row that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = Plan::new(&arguments, task).and_then(|plan| {
        let input = Input::read(task, &plan)?;
        Ok((plan, input))
    });
    let rows = |(_, input): &(Plan, Input)| input.records();
    let ((plan, input), records) = agree(task, &arguments, own, rows)?;
    let owner = plan.records.index();
    // Only the owner's word counts.
    let records = records.into_iter().nth(owner).flatten();
    let records = records.ok_or_else(|| Error::new("the records' owner has none"))?;
    let predictions = match plan.setting {
        Setting::Provider(seat) => {
            network::predict(&mut Spdz::new(task, seat)?, &plan, &input, records)?
        }
        Setting::Servers(servers) => {
            network::predict(&mut Replicated::<Z2_64>::new(task, servers)?, &plan, &input, records)?
        }
    };
    Ok(Outcome { records, predictions })
}

fn default_fraction_bits() -> u32 {
    16
}

fn default_batch() -> usize {
    256
}
