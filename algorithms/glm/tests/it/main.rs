//! The algorithm in the lab, against what statsmodels fits to the pooled rows, and a plaintext oracle.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod cost;
mod faults;
mod oracle;
mod random;
mod reference;
mod refused;

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

/// Columns by name, any of whose values may be missing.
type Columns = Vec<(String, Vec<Option<f64>>)>;

/// Reads columns of one of the files of `tests/data`.
fn data(file: &str, names: &[&str]) -> Columns {
    let path = format!("{}/../../tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<_> = lines.collect();
    let column = |name: &&str| {
        let place = header.iter().position(|column| column == name).unwrap();
        let values = rows.iter().map(|row| row[place].parse().ok());
        ((*name).to_owned(), values.collect())
    };
    names.iter().map(column).collect()
}

/// Gives each party the rows for which `of` names it.
fn split(columns: &Columns, parties: usize, of: impl Fn(usize) -> usize) -> Vec<Columns> {
    let part = |party| {
        let column = |(name, values): &(String, Vec<Option<f64>>)| {
            let own = values.iter().enumerate().filter(|(row, _)| of(*row) == party);
            (name.clone(), own.map(|(_, value)| *value).collect())
        };
        columns.iter().map(column).collect()
    };
    (0..parties).map(part).collect()
}

fn rows(columns: &Columns) -> Rows {
    columns.iter().fold(Rows::new(), |rows, (name, values)| rows.float64(name, values.clone()))
}

fn lab(arguments: &Value, parts: &[Columns]) -> Lab {
    let mut lab = Lab::new(glm::algorithm());
    lab.parties(parts.len()).arguments(arguments);
    for (seat, part) in parts.iter().enumerate() {
        lab.dataset(seat, "records", &rows(part));
    }
    lab
}

/// A small study: 60 rows of two features, with an outcome that is 0 or 1, from a fixed generator.
fn study(parties: usize) -> (Value, Vec<Columns>) {
    let arguments = json!({
        "model": "logistic",
        "outcome": { "name": "ill", "minimum": 0, "maximum": 1 },
        "features": [{ "name": "age", "minimum": 0, "maximum": 100 },
                     { "name": "dose", "minimum": -1, "maximum": 1 }],
        "min_party_rows": 1,
    });
    (arguments, split(&table(60, 1), parties, move |row| row % parties))
}

/// Rows of `age` from 20 to 90, `dose` from -1 to 1, and `ill`, 0 or 1, which they explain a little.
fn table(rows: usize, seed: u64) -> Columns {
    let mut state = seed;
    let mut uniform = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut age, mut dose, mut ill) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let (a, d) = (20.0 + 70.0 * uniform(), 2.0 * uniform() - 1.0);
        let p = 1.0 / (1.0 + f64::exp(-(a - 55.0) / 20.0 - d));
        age.push(Some(a));
        dose.push(Some(d));
        ill.push(Some(if uniform() < p { 1.0 } else { 0.0 }));
    }
    vec![("age".to_owned(), age), ("dose".to_owned(), dose), ("ill".to_owned(), ill)]
}

/// Checks a number to so many parts of it, or of one.
fn close(found: &Value, expected: f64, to: f64, what: &str) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= to * expected.abs().max(1e-300),
        "{what}: {found} {expected}"
    );
}
