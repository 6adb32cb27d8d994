//! What the parties are given, and what they return.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::tensors::{Format, read_argument};

/// What to average. All parties must be given the same, but for `state` and `weight`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// How values are hidden.
    #[serde(default)]
    pub kind: Kind,
    /// The largest absolute value.
    pub clip: f64,
    /// To how many bits a value is rounded.
    #[serde(default = "default_bits")]
    #[schemars(range(min = 2, max = 32))]
    pub bits: u32,
    /// What happens to a value that is larger.
    #[serde(default)]
    pub larger: Larger,
    /// How much each worker counts.
    #[serde(default)]
    pub weights: Weights,
    /// The largest weight of a worker; needed unless weights are equal.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_weight: Option<u64>,
    /// Whether workers compare what the modeller tells them, with the kind `masks`.
    #[serde(default)]
    pub active: bool,
    /// How many workers must stay to the end, with the kind `masks`.
    #[serde(default)]
    #[schemars(range(min = 3))]
    pub threshold: Option<usize>,
    /// How many workers may collude with the modeller, with the kind `masks`.
    #[serde(default)]
    pub corrupt: Option<usize>,
    /// In which format the modeller gets the average. A file of tensors has nothing else in it: who is in the
    /// average stands in the modeller's log.
    #[serde(default)]
    pub format: Format,
    /// A worker's own state dictionary: tensors by name, each a list of lists of numbers. Without it, the
    /// dataset `state` has it.
    #[serde(default, deserialize_with = "read_argument")]
    pub state: Option<Map<String, Value>>,
    /// A worker's own weight, where weights are given.
    #[serde(default)]
    pub weight: Option<u64>,
}

/// How values are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Under masks of each pair of workers, which cancel, and one of each worker's own.
    #[default]
    Masks,
    /// Under random numbers that each worker sends each other.
    Shares,
}

/// What happens to a value that is larger than declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Larger {
    /// It ends the task.
    #[default]
    Refuse,
    /// The largest value of its sign stands in its place.
    Clip,
}

/// How much each worker counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weights {
    /// As much as any other.
    #[default]
    Equal,
    /// As much as its dataset `records` has rows.
    Rows,
    /// As much as its argument `weight` says.
    Given,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The organizations whose state dictionaries are in the average, in the order of their seats.
    pub workers: Vec<String>,
    /// The sum of their weights. At the modeller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u64>,
    /// By how much a value of the average is wrong at the most, as values are rounded. At the modeller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// The average. At the modeller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<Map<String, Value>>,
}

fn default_bits() -> u32 {
    16
}
