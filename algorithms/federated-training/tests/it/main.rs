//! The algorithm in the lab, beside training in plain code of all rows in one place.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod accuracy;
mod cost;
mod faults;
mod left;
mod liar;
mod oracle;
mod plain;
mod privacy;
mod refused;

use anchorhold_sdk::lab::{Lab, Report, Rows};
use serde_json::{Value, json};

use plain::{Network, Row, scaled};

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
    let rows: Vec<_> = (0..organizations).map(small_rows).collect();
    lab_of(&rows, &names(3), &small_arguments(more))
}

/// Rows of so many organizations in [`small_lab`].
fn small_rows(organization: usize) -> Vec<Row> {
    small(10 + 3 * organization, organization)
}

/// The parameters that the coordinator told organization 1, in all sums in turn.
fn told(report: &Report, parameters: usize) -> Vec<Vec<f64>> {
    let sent = report.trace().iter().filter(|sent| sent.topic == "round" && sent.to == 1);
    // The last message has none: it is the end.
    let with = sent.filter(|sent| sent.body.len() > 8 * parameters);
    with.map(|sent| {
        let bytes = &sent.body[sent.body.len() - 8 * parameters..];
        bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    })
    .collect()
}

/// Checks that each round of [`small_lab`] without validation is a step of gradient descent on the rows of
/// those who are named; returns their numbers, round by round.
fn each_round_is_right(report: &Report, what: &str) -> Vec<Vec<usize>> {
    let result = report.result(COORDINATOR);
    let error = result["error"].as_f64().unwrap() * (1.0 + 1e-6);
    let mut plain = Network::new(&[(3, 1)], &[0.0; 4]);
    let mut took_part = Vec::new();
    let mut allowed = 0.0;
    for entry in &result["history"].as_array().unwrap()[1..] {
        let names: Vec<String> = serde_json::from_value(entry["organizations"].clone()).unwrap();
        let number = |name: &String| name.rsplit_once('-').unwrap().1.parse::<usize>().unwrap();
        let numbers: Vec<usize> = names.iter().map(number).collect();
        let rows: Vec<Row> = numbers.iter().flat_map(|number| small_rows(number - 1)).collect();
        assert_eq!(entry["rows"], rows.len(), "{what}");
        let rows = scaled(&rows, &[(-4.0, 4.0); 3]);
        plain.step(&rows.iter().collect::<Vec<_>>(), 1.0);
        took_part.push(numbers);
        // A step of this length does not lengthen what was wrong before; of four elements.
        allowed += 2.0 * error;
    }
    let found = Network::from_json(&result["model"]).parameters();
    for (place, (found, expected)) in found.iter().zip(plain.parameters()).enumerate() {
        // Columns from -4 to 4, around zero.
        let found = if place < 3 { 4.0 * found } else { *found };
        assert!((found - expected).abs() <= allowed, "{what}: {found} {expected}");
    }
    took_part
}
