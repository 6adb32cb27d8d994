//! What the parties are given, and what they return.

use anchorhold_sdk::newton::{Column, Limits, MAX_ROWS, Nulls};
use anchorhold_sdk::privacy::Privacy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What to train, and how. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The model.
    pub model: Kind,
    /// How many units a perceptron has between inputs and classes.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub hidden: Option<usize>,
    /// How many classes a perceptron tells apart.
    #[serde(default)]
    #[schemars(range(min = 2))]
    pub classes: Option<usize>,
    /// The column that has the class: whole numbers from 0.
    pub label: String,
    /// The columns that explain it. A name may stand for several: `pixel_{0..7}` for eight, and
    /// `{mean,worst}_radius` for two.
    #[schemars(length(min = 1))]
    pub features: Vec<Column>,
    /// What becomes of rows that lack a value in one of these columns.
    #[serde(default)]
    pub nulls: Nulls,
    /// The most rows that an organization may have.
    #[serde(default = "Limits::default_max_rows")]
    #[schemars(range(min = 1, max = MAX_ROWS))]
    pub max_rows: u64,
    /// The fewest rows that an organization may use.
    #[serde(default = "Limits::default_min_party_rows")]
    #[schemars(range(min = 1))]
    pub min_party_rows: u64,
    /// How many rounds there are at the most.
    #[serde(default = "default_rounds")]
    #[schemars(range(min = 1))]
    pub rounds: u32,
    /// How often an organization goes through its rows in a round.
    #[serde(default = "default_epochs")]
    #[schemars(range(min = 1))]
    pub epochs: u32,
    /// How many rows a step is computed from; without it, all.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub batch: Option<usize>,
    /// How far a step goes along the gradient.
    pub learning_rate: f64,
    /// The largest length of a row's gradient, to which a longer one is shortened; without it, none is.
    #[serde(default)]
    pub row_clip: Option<f64>,
    /// Lets each row have this differential privacy, towards the coordinator and up to `corrupt`
    /// organizations; `clip` in it is the largest length of a row's gradient. A round is then one step of all
    /// rows.
    #[serde(default)]
    pub privacy: Option<Privacy>,
    /// With `privacy`: how many rows all organizations have, about. Sums of gradients are divided by it.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub expected_rows: Option<u64>,
    /// The largest absolute value of an element of an update; an update with a larger one is shortened.
    #[serde(default = "default_clip")]
    pub clip: f64,
    /// To how many bits an element of an update is rounded.
    #[serde(default = "default_bits")]
    #[schemars(range(min = 8, max = 32))]
    pub bits: u32,
    /// What part of its rows each organization keeps for validation.
    #[serde(default = "default_validation")]
    #[schemars(range(min = 0.0, max = 0.5))]
    pub validation: f64,
    /// After how many rounds without a smaller validation loss it ends; without it, not before the last.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub patience: Option<u32>,
    /// How many organizations must stay to the end of a round.
    #[serde(default)]
    #[schemars(range(min = 3))]
    pub threshold: Option<usize>,
    /// Whether organizations compare what the coordinator tells them.
    #[serde(default)]
    pub active: bool,
    /// How many organizations may collude with the coordinator.
    #[serde(default)]
    pub corrupt: Option<usize>,
    /// After how many seconds an organization that does not answer is absent from a round; without it,
    /// when it has ended.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub round_seconds: Option<u32>,
    /// How often a round is tried again in which too few stayed.
    #[serde(default = "default_retries")]
    #[schemars(range(max = 100))]
    pub retries: u32,
}

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Logistic regression: two classes.
    Logistic,
    /// A perceptron with one layer of units between, which are zero where they would be negative.
    Perceptron,
}

/// What the parties return.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// The coordinator's.
    Coordinator(Box<Trained>),
    /// An organization's.
    Organization {
        /// In which rounds it was told that its update is in the sum.
        rounds: Vec<u32>,
    },
}

/// A trained model.
#[derive(Debug, Clone, Serialize)]
pub struct Trained {
    /// How many rounds were trained.
    pub rounds: u32,
    /// After how many of them the model was as it is here: where its validation loss was smallest.
    pub best: u32,
    /// Why it ended.
    pub stopped: String,
    /// By how much an element of a round's average update is wrong at the most, as they are rounded.
    pub error: f64,
    /// What the rows' privacy is, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Spent>,
    /// What is known of the model after each round, from none.
    pub history: Vec<Round>,
    /// The model, for columns as they are: tensors by name, each a list of lists of numbers.
    pub model: Map<String, Value>,
}

/// What a row's differential privacy is, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// Epsilon, of all sums together; at most what was asked for.
    pub epsilon: f64,
    /// Delta.
    pub delta: f64,
    /// How many sums it is for; fewer were opened if no round was tried again.
    pub sums: u32,
    /// The standard deviation of the noise in a parameter's change in a round, where all are there.
    pub deviation: f64,
}

/// What is known of the model after a round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Round {
    /// After how many rounds.
    pub round: u32,
    /// The organizations whose updates are in the last of them, in the order of their seats.
    pub organizations: Vec<String>,
    /// How many rows these have trained with; with privacy that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Of how many rows the loss and the accuracy are: those kept by who took part in the round after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_rows: Option<u64>,
    /// The negative logarithm of the probability of a row's class, on the average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// The part of the rows whose class is the most probable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
}

fn default_rounds() -> u32 {
    20
}

fn default_epochs() -> u32 {
    1
}

fn default_clip() -> f64 {
    4.0
}

fn default_bits() -> u32 {
    20
}

fn default_validation() -> f64 {
    0.2
}

fn default_retries() -> u32 {
    3
}
