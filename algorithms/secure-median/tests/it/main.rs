//! The algorithm in the lab, against sorted values, on the lung cancer data and on random ones.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod lung;
mod messages;
mod oracle;
mod random;
mod refused;

use anchorhold_sdk::lab::{Lab, Report, Rows};
use serde_json::{Value, json};

/// Parties with these values, and maybe a provider after them.
fn lab(values: &[Vec<Option<i64>>], has_provider: bool, arguments: &Value) -> Lab {
    let mut lab = Lab::new(secure_median::algorithm());
    for seat in 0..values.len() {
        lab.party(&format!("clinic-{seat}"), "party");
    }
    if has_provider {
        lab.party("dealer", "provider");
    }
    lab.arguments(arguments);
    for (seat, values) in values.iter().enumerate() {
        lab.dataset(seat, "patients", &Rows::new().int64("age", values.clone()));
    }
    lab
}

fn arguments(find: &Value) -> Value {
    json!({
        "column": "age", "minimum": -1_000, "maximum": 1_000, "find": find,
        "minimum_count": 1, "max_rows": 20,
    })
}

/// Returns what all who have values found; the provider found nothing.
fn found(report: &Report, parties: usize) -> String {
    for seat in 0..report.outcomes().len() {
        let expected = if seat < parties { report.result(0).clone() } else { json!({}) };
        assert_eq!(report.result(seat), &expected, "seat {seat}");
    }
    report.result(0)["value"].as_str().unwrap().to_owned()
}

fn some(values: &[&[i64]]) -> Vec<Vec<Option<i64>>> {
    values.iter().map(|values| values.iter().copied().map(Some).collect()).collect()
}
