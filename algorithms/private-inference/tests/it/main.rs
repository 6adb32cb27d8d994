//! The algorithm in the lab, against a plaintext oracle, on the digits and on random models.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod digits;
mod faults;
mod linear;
mod oracle;
mod refused;

use anchorhold_sdk::lab::{Lab, Rows};
use oracle::Model;
use serde_json::{Value, json};

/// The third party, which has no data.
const THIRD: [&str; 2] = ["provider", "helper"];

/// The model's owner, the records' owner and a third one.
fn lab(third: &str, model: &Model, records: &[Vec<f64>], arguments: &Value) -> Lab {
    let mut lab = Lab::new(private_inference::algorithm());
    lab.party("bank", "model").party("clinic", "records").party("third", third);
    lab.arguments(arguments);
    lab.dataset(0, "model", &model.rows()).dataset(1, "records", &rows(records));
    lab
}

/// A column for each feature.
fn rows(records: &[Vec<f64>]) -> Rows {
    let features = records.first().map_or(0, Vec::len);
    (0..features).fold(Rows::new(), |rows, feature| {
        let name = format!("feature_{feature}");
        rows.float64(&name, records.iter().map(|record| record[feature]).collect::<Vec<_>>())
    })
}

fn arguments(layers: &[usize], output: &str) -> Value {
    json!({ "layers": layers, "output": output, "feature_bound": 16, "weight_bound": 4 })
}
