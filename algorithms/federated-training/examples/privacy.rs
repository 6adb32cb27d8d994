//! Trains a logistic regression on the breast cancer data among three organizations, without privacy and with
//! more and more of it, and prints how many of the rows that were not trained with it tells apart.
//!
//! `cargo run --release --package federated-training --example privacy`

#![allow(missing_docs, clippy::unwrap_used, reason = "what fails here has no numbers")]

#[cfg(not(target_family = "wasm"))]
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/plain.rs"]
mod plain;

#[cfg(not(target_family = "wasm"))]
mod table {
    use anchorhold_sdk::lab::{Lab, Rows};
    use serde_json::{Value, json};

    use super::plain::{Network, Row, Split, bounds_of, read, scaled, split};

    const ORGANIZATIONS: usize = 3;
    const ROUNDS: u32 = 30;
    /// How many times each is trained, with other noise.
    const TIMES: u64 = 20;

    pub fn print() {
        let text = include_str!("../../../tests/data/breast_cancer.csv");
        let rows = read(text);
        let rows = scaled(&rows, &bounds_of(&rows));
        let mixed: Vec<Row> = split(&rows, 1, Split::Even).concat();
        let (trained, others) = mixed.split_at(mixed.len() * 4 / 5);
        let parts = split(trained, ORGANIZATIONS, Split::Even);
        println!(
            "{} rows at {ORGANIZATIONS} organizations, {} others",
            trained.len(),
            others.len()
        );
        for epsilon in [None, Some(8.0), Some(4.0), Some(2.0), Some(1.0), Some(0.5), Some(0.25)] {
            let arguments = arguments(epsilon, rows[0].0.len(), trained.len());
            let times = if epsilon.is_some() { TIMES } else { 1 };
            let runs = (0..times).map(|seed| run(&parts, others, &arguments, seed));
            let runs: Vec<(f64, f64)> = runs.collect();
            let mut right: Vec<f64> = runs.iter().map(|(right, _)| *right).collect();
            right.sort_by(f64::total_cmp);
            let mean = right.iter().sum::<f64>() / right.len() as f64;
            let name =
                epsilon.map_or("no privacy".to_owned(), |epsilon| format!("epsilon {epsilon}"));
            println!(
                "{name:12} noise {:.4}  right {:.1} %, from {:.1} to {:.1}",
                runs[0].1,
                100.0 * mean,
                100.0 * right[0],
                100.0 * right[right.len() - 1],
            );
        }
    }

    fn arguments(epsilon: Option<f64>, features: usize, rows: usize) -> Value {
        let mut arguments = json!({
            "model": "logistic", "label": "class", "learning_rate": 4.0, "rounds": ROUNDS,
            "features": [{ "name": format!("x_{{0..{}}}", features - 1), "minimum": -1, "maximum": 1 }],
            "validation": 0, "retries": 0,
        });
        if let Some(epsilon) = epsilon {
            arguments["privacy"] = json!({ "epsilon": epsilon, "delta": 1e-5, "clip": 0.5 });
            arguments["expected_rows"] = rows.into();
        }
        arguments
    }

    /// Returns how many of the others are right, and the deviation of the noise in a step.
    fn run(parts: &[Vec<Row>], others: &[Row], arguments: &Value, seed: u64) -> (f64, f64) {
        let mut lab = Lab::new(federated_training::algorithm());
        lab.party("coordinator", "coordinator");
        for (place, rows) in parts.iter().enumerate() {
            lab.party(&format!("organization-{}", place + 1), "organization");
            let columns = (0..rows[0].0.len()).fold(Rows::new(), |table, column| {
                table.float64(
                    &format!("x_{column}"),
                    rows.iter().map(move |(x, _)| x[column].clamp(-1.0, 1.0)),
                )
            });
            let table = columns.int64("class", rows.iter().map(|(_, class)| *class as i64));
            lab.dataset(place + 1, "records", &table);
        }
        lab.seed(seed).arguments(arguments);
        let report = lab.run();
        let result = report.result(0);
        let (_, right) = Network::from_json(&result["model"]).judge(others);
        (right, result["privacy"]["deviation"].as_f64().unwrap_or_default())
    }
}

fn main() {
    #[cfg(not(target_family = "wasm"))]
    table::print();
}
