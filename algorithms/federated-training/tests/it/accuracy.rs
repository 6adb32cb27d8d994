//! Real data, split in several ways, beside training in plain code of all rows in one place.

use serde_json::{Value, json};

use crate::plain::{Network, Row, Split, bounds_of, digits, digits_arguments, read, scaled, split};
use crate::{COORDINATOR, lab_of, names};

const BREAST_CANCER: &str = include_str!("../../../../tests/data/breast_cancer.csv");

/// Trains on the first rows, and judges the model on the others.
fn judged(rows: &[Row], first: usize, organizations: usize, how: Split, arguments: &Value) -> f64 {
    let names = match arguments["features"][0]["name"] == "pixel_{0..7}_{0..7}" {
        true => (0..64).map(|at| format!("pixel_{}_{}", at / 8, at % 8)).collect(),
        false => names(rows[0].0.len()),
    };
    let parts = split(&rows[..first], organizations, how);
    let report = lab_of(&parts, &names, arguments).run();
    let result = report.result(COORDINATOR);
    assert_eq!(result["stopped"], "all rounds are done");
    Network::from_json(&result["model"]).judge(&rows[first..]).1
}

#[test]
fn breast_cancer_is_told_as_well_as_from_all_rows_in_one_place() {
    let rows = read(BREAST_CANCER);
    let bounds = bounds_of(&rows);
    let features: Vec<_> = names(30)
        .into_iter()
        .zip(&bounds)
        .map(|(name, (low, high))| json!({ "name": name, "minimum": low, "maximum": high }))
        .collect();
    let arguments = json!({
        "model": "logistic", "label": "class", "features": features,
        "rounds": 30, "epochs": 5, "batch": 16, "learning_rate": 0.1,
    });
    let first = 400;
    let all = scaled(&rows, &bounds);
    let mut plain = Network::new(&[(30, 1)], &[0.0; 31]);
    for _ in 0..150 {
        all[..first]
            .chunks(16)
            .for_each(|batch| plain.step(&batch.iter().collect::<Vec<_>>(), 0.1));
    }
    let (_, centralized) = plain.judge(&all[first..]);
    assert!(centralized > 0.96, "{centralized}");
    for organizations in [3, 10] {
        for how in [Split::Even, Split::Uneven, Split::ByLabel] {
            let accuracy = judged(&rows, first, organizations, how, &arguments);
            assert!(accuracy > centralized - 0.02, "{organizations} {how:?} {accuracy}");
        }
    }
}

#[test]
fn digits_are_read_after_few_rounds_as_the_readme_says() {
    let (rows, first) = digits();
    let arguments = digits_arguments(12);
    for (organizations, how, least) in [
        (3, Split::Even, 0.88),
        (3, Split::Uneven, 0.88),
        (3, Split::ByLabel, 0.75),
        (10, Split::Even, 0.86),
        (10, Split::Uneven, 0.88),
        (10, Split::ByLabel, 0.4),
    ] {
        let accuracy = judged(&rows, first, organizations, how, &arguments);
        assert!(accuracy > least, "{organizations} {how:?} {accuracy}");
    }
}
