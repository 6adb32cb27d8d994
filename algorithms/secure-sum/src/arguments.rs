//! What to count and to add.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to count and to add. All parties must be given the same.
///
/// `{}` counts the rows of the dataset `patients`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The columns to add; without any, rows are counted.
    #[serde(default)]
    pub columns: Vec<SummedColumn>,
    /// Which rows to look at: those that meet all of these conditions; without any, all.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Condition>,
    /// Groups of these rows to count and add apart from each other; a row may be in several. Without
    /// any, all rows are one.
    #[serde(default)]
    pub groups: Vec<RowGroup>,
    /// The most rows that a party's dataset may have.
    #[serde(default = "default_max_rows")]
    pub max_rows: u64,
    /// Which part of the protocol to run.
    // Not part of what the parties of both tasks must agree on.
    #[serde(default, skip_serializing)]
    pub phase: Phase,
}

/// A column to add: whole or floating-point numbers. Nulls are not added and not counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SummedColumn {
    /// The column's name.
    pub name: String,
    /// The smallest value that it may have, a whole number.
    pub minimum: i64,
    /// The largest value that it may have, a whole number.
    pub maximum: i64,
    /// To how many decimals its values are rounded before they are added, to the nearest.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub decimals: u32,
}

/// A condition on a row: either `equals`, or `minimum`, `maximum` or both, which are included. A
/// null meets no condition.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column that it looks at.
    pub column: String,
    /// What the value must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Literal>,
    /// The smallest number that meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<serde_json::Number>,
    /// The largest number that meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<serde_json::Number>,
}

/// A value to compare with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Literal {
    /// For a column of truth values.
    Boolean(bool),
    /// For a column of numbers.
    Number(serde_json::Number),
    /// For a column of text.
    Text(String),
}

/// Rows that are counted and added apart from others.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowGroup {
    /// The group's name in the result.
    pub name: String,
    /// Its rows: those that meet all of these conditions too; without any, all.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Condition>,
}

/// Which part of the protocol a task runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// All of it.
    #[default]
    Whole,
    /// The first of two tasks of one run: the ring passes, and the first party keeps the mask and
    /// the masked total.
    Mask,
    /// The second: the first party takes the mask off, once, and tells the total.
    Unmask,
}

fn default_max_rows() -> u64 {
    1_000_000
}
