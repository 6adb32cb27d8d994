//! The algorithm in the lab, beside training in plain code of all rows in one place.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod accuracy;
mod faults;
mod left;
mod oracle;
mod plain;
mod refused;

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

use plain::Row;

/// The seat of the coordinator; those of the organizations follow.
const COORDINATOR: usize = 0;

/// Names of the columns of so many features.
fn names(features: usize) -> Vec<String> {
    (0..features).map(|feature| format!("x{feature}")).collect()
}

/// Prepares a coordinator and organizations with these rows.
fn lab_of(organizations: &[Vec<Row>], names: &[String], arguments: &Value) -> Lab {
    let mut lab = Lab::new(federated_training::algorithm());
    lab.party("coordinator", "coordinator");
    for organization in 1..=organizations.len() {
        lab.party(&format!("organization-{organization}"), "organization");
    }
    lab.arguments(arguments);
    for (place, rows) in organizations.iter().enumerate() {
        lab.dataset(place + 1, "records", &table(rows, names));
    }
    lab
}

fn table(rows: &[Row], names: &[String]) -> Rows {
    let columns = names.iter().enumerate().fold(Rows::new(), |table, (column, name)| {
        table.float64(name, rows.iter().map(move |(x, _)| x[column]))
    });
    columns.int64("class", rows.iter().map(|(_, class)| *class as i64))
}

/// Small rows of three columns from -4 to 4, and of two classes that these almost tell.
fn small(rows: usize, seed: usize) -> Vec<Row> {
    let value = |row: usize, at: usize| ((row * 31 + seed * 17 + at * 13) % 33) as f64 / 4.0 - 4.0;
    let row = |row: usize| {
        let x: Vec<f64> = (0..3).map(|at| value(row, at)).collect();
        let class = usize::from(x[0] - 0.5 * x[1] + value(row * 7, 5) / 4.0 > 0.0);
        (x, class)
    };
    (0..rows).map(row).collect()
}

/// Arguments of a logistic regression on small rows, with more of them.
fn small_arguments(more: &Value) -> Value {
    let mut whole = json!({
        "model": "logistic", "label": "class", "learning_rate": 1.0, "rounds": 3,
        "features": [{ "name": "x{0..2}", "minimum": -4, "maximum": 4 }],
    });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole
}

/// Prepares so many organizations with small rows.
fn small_lab(organizations: usize, more: &Value) -> Lab {
    let rows: Vec<_> = (0..organizations).map(|seed| small(10 + 3 * seed, seed)).collect();
    lab_of(&rows, &names(3), &small_arguments(more))
}
