//! What the parties are given, and what they return.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to compare, and what to say of it. Both parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// How keys are hidden.
    #[serde(default)]
    pub kind: Kind,
    /// What the modeller learns.
    #[serde(default)]
    pub output: Output,
    /// The columns that make a key, where they have the same names at both parties.
    #[serde(default)]
    pub keys: Option<Vec<String>>,
    /// The modeller's, where the names differ.
    #[serde(default)]
    pub modeller_keys: Option<Vec<String>>,
    /// The pod's, in the same order.
    #[serde(default)]
    pub pod_keys: Option<Vec<String>>,
    /// Whether text is compared as it stands.
    #[serde(default)]
    pub exact: bool,
    /// The most distinct keys that the modeller may have, and so may ask for.
    #[serde(default = "default_bound")]
    #[schemars(range(max = 4_000_000))]
    pub max_modeller: u32,
    /// The most distinct keys that the pod may have.
    #[serde(default = "default_bound")]
    #[schemars(range(max = 4_000_000))]
    pub max_pod: u32,
    /// Whether both sets are filled up to these bounds, so that nobody learns their sizes.
    #[serde(default)]
    pub pad: bool,
    /// Whether both store which of their rows belong together, for a later task of the run.
    #[serde(default)]
    pub link: bool,
    /// The pod's column of which the output `sum` adds the values.
    #[serde(default)]
    pub column: Option<Column>,
    /// With fewer shared keys the output `sum` has no sum; without it, 5.
    #[serde(default)]
    pub minimum_size: Option<u32>,
}

/// How keys are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Multiplied by secrets in the group ristretto255.
    #[default]
    Ecdh,
    /// The same, and the pod proves that it uses one key: RFC 9497.
    Voprf,
    /// RSA signatures of blinded hashes.
    Rsa,
}

/// What the modeller learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Which of its rows have a key that the pod has too.
    #[default]
    Rows,
    /// How many keys both have.
    Count,
    /// How many, and the sum of a column of the pod over them.
    Sum,
}

/// A column of the pod that is added.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: whole or floating-point numbers, not null where a row has a key.
    pub name: String,
    /// The smallest value that a key may have, a whole number.
    pub minimum: i64,
    /// The largest value that a key may have, a whole number.
    pub maximum: i64,
    /// To how many decimals values are rounded before they are added, to the nearest.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub decimals: u32,
}

/// What a party returns.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    /// How many distinct keys the modeller has, or where sets are filled up its bound.
    pub modeller: usize,
    /// The same of the pod.
    pub pod: usize,
    /// How many keys both have. At the modeller, and at the pod where rows are linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<usize>,
    /// The own rows with such a key, from 0, in ascending order. At the same, with the output `rows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<u64>>,
    /// The sum over these keys. At the modeller, with the output `sum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// Why there is no sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
}

fn default_bound() -> u32 {
    1_000_000
}
