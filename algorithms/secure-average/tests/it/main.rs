//! The algorithm in the lab, against a plaintext oracle.

mod average;
mod faults;
mod refused;

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

/// A lab in which each party has one row with this `net_worth`.
fn lab_of(values: &[i64]) -> Lab {
    let mut lab = Lab::new(secure_average::algorithm());
    lab.parties(values.len()).arguments(arguments());
    for (seat, value) in values.iter().enumerate() {
        lab.dataset(seat, "value", &Rows::new().int64("net_worth", [*value]));
    }
    lab
}

fn arguments() -> Value {
    json!({ "column": "net_worth", "minimum": -1_000_000, "maximum": 1_000_000 })
}

fn with_position() -> Value {
    let mut arguments = arguments();
    arguments["share_position"] = true.into();
    arguments
}
