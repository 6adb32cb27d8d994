//! Columns that two organizations hold of patients of whom they share a part: a private set intersection
//! and a regression, as two tasks of one run, through a server and nodes.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs;

use anchorhold_model::Digest;
use anchorhold_model::layout::ClosingEnding;
use anchorhold_node::{Config, Rule};
use anchorhold_tests::network::{Network, ORGANIZATIONS, Setup, rule};
use anchorhold_tests::{PSI, SECURE_REGRESSION};
use serde_json::{Value, json};

/// The patients of the second organization are these and more; the first has others.
const SHARED: std::ops::Range<i64> = 20..60;

fn dose(patient: i64) -> i64 {
    patient * 37 % 50
}

fn response(patient: i64) -> i64 {
    3 * dose(patient) - 2 * age(patient) + patient % 7
}

fn age(patient: i64) -> i64 {
    30 + patient * 17 % 41
}

fn table(header: &str, rows: impl Iterator<Item = String>) -> String {
    [header.to_owned()].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// The dataset of each organization: they list their patients in other orders, under names that are
/// written in other ways.
fn records(index: usize) -> String {
    match index {
        0 => table(
            "patient,dose,response",
            (0..SHARED.end).map(|x| format!("P-{x},{},{}", dose(x), response(x))),
        ),
        1 => table("patient,age", (SHARED.start..100).rev().map(|x| format!(" p-{x},{}", age(x)))),
        _ => table("nothing", ["0".to_owned()].into_iter()),
    }
}

fn configure(index: usize, mut config: Config) -> Config {
    let dataset = &mut config.datasets[0];
    fs::write(&dataset.file, records(index)).unwrap();
    dataset.name = "records".into();
    let records = records(index);
    let columns: Vec<_> = records.lines().next().unwrap().split(',').collect();
    let rule = |path| Rule { error_text: true, ..rule(path, "records", &columns) };
    config.rules = [PSI, SECURE_REGRESSION].map(rule).into();
    config
}

/// Fits what is fitted on shares: of the shared patients, with standardized columns.
fn oracle(penalty: f64) -> [f64; 3] {
    let moments = |of: fn(i64) -> i64| {
        let values: Vec<_> = SHARED.map(|x| of(x) as f64).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let deviation = square.sqrt();
        let standard: Vec<_> = values.iter().map(|x| (x - mean) / deviation).collect();
        (standard, mean, deviation)
    };
    let correlation =
        |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / x.len() as f64;
    let [dose, age, response] = [dose, age, response].map(moments);
    let between = correlation(&dose.0, &age.0);
    let [right_dose, right_age] = [&dose, &age].map(|of| correlation(&of.0, &response.0));
    let determinant = (1.0 + penalty).powi(2) - between.powi(2);
    let solve = |own: f64, other: f64| ((1.0 + penalty) * own - between * other) / determinant;
    let of_dose = solve(right_dose, right_age) * response.2 / dose.2;
    let of_age = solve(right_age, right_dose) * response.2 / age.2;
    [of_dose, of_age, response.1 - of_dose * dose.1 - of_age * age.1]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organizations_fit_a_model_on_the_patients_whom_they_share() {
    let [first, second] = [0, 1].map(|index| ORGANIZATIONS[index].name.as_str());
    let regression = json!({
        "model": "ridge", "penalty": 0.01, "rows": "linked",
        "outcome": { "holder": first, "name": "response", "minimum": -200, "maximum": 200 },
        "features": [[{ "name": "dose", "minimum": 0, "maximum": 50 }],
                     [{ "name": "age", "minimum": 0, "maximum": 100 }]],
    });
    let network = Network::set_up(Setup::new(3), configure).await;
    for third in ["provider", "helper"] {
        let mut run = network.run_of(&[PSI, SECURE_REGRESSION]).await;
        let mut matching =
            run.next(&json!({ "keys": ["patient"], "link": true }).to_string(), &["records"]);
        matching.parties.truncate(2);
        for (party, role) in matching.parties.iter_mut().zip(["modeller", "pod"]) {
            party.role = role.into();
        }
        let task = run.submit(&matching).await;
        run.wait(task).await;
        for outcome in run.outcomes(&matching, task).await {
            let outcome = outcome.expect("it was told");
            assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
            let result: Value = serde_json::from_slice(&outcome.result).unwrap();
            assert_eq!(result["shared"], SHARED.count());
        }

        run.digest = Digest::of(&fs::read(SECURE_REGRESSION).unwrap());
        let mut fitting = run.next(&regression.to_string(), &["records"]);
        for (party, role) in fitting.parties.iter_mut().zip(["holder", "holder", third]) {
            party.role = role.into();
        }
        fitting.parties[2].datasets.clear();
        let task = run.submit(&fitting).await;
        run.wait(task).await;
        let outcomes = run.outcomes(&fitting, task).await.into_iter().map(|outcome| {
            let outcome = outcome.expect("it was told");
            assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
            serde_json::from_slice::<Value>(&outcome.result).unwrap()
        });
        let outcomes: Vec<_> = outcomes.collect();
        let fitted = &outcomes[0];
        assert_eq!(fitted["coefficients"][1]["holder"], second);
        let of = |place: usize| fitted["coefficients"][place]["coefficient"].as_f64().unwrap();
        let fitted = [of(0), of(1), fitted["intercept"].as_f64().unwrap()];
        for (fitted, expected) in fitted.into_iter().zip(oracle(0.01)) {
            assert!((fitted - expected).abs() < 1e-4, "{fitted} instead of {expected}");
        }
        for other in &outcomes[1..] {
            assert_eq!(other, &json!({ "rows": SHARED.count() }), "they learn nothing else");
        }
        run.close().await;
    }
}
