//! What lifelines (Efron) and statsmodels (Breslow) fit to the pooled rows; `tests/peers/models.py` made the
//! numbers.

use serde_json::{Value, json};

use crate::{close, data, lab, split};

fn column(name: &Value) -> Value {
    let (minimum, maximum) = match name.as_str().unwrap() {
        "age" => (0, 120),
        "sex" => (1, 2),
        "ph_ecog" => (0, 5),
        _ => (0, 1),
    };
    json!({ "name": name, "minimum": minimum, "maximum": maximum })
}

fn compare(model: &str, file: &str, parties: usize, of: impl Fn(usize) -> usize) {
    let text = include_str!("../../../../tests/data/models.json");
    let expected = &serde_json::from_str::<Value>(text).unwrap()[model];
    let features = expected["features"].as_array().unwrap();
    let names: Vec<_> = [&expected["time"], &expected["event"]]
        .into_iter()
        .chain(features)
        .map(|name| name.as_str().unwrap())
        .collect();
    let arguments = json!({
        "time": { "name": expected["time"], "maximum": 4000 },
        "event": expected["event"],
        "features": features.iter().map(column).collect::<Vec<_>>(),
        "ties": expected["ties"],
        "nulls": "omit",
        "min_party_rows": 1,
        "min_leaving": 1,
    });
    let report = lab(&arguments, &split(&data(file, &names), parties, of)).run();
    let found = report.common_result();
    assert_eq!(found["rows"], expected["rows"]);
    assert_eq!(found["events"], expected["events"]);
    assert_eq!(found["coefficients"].as_array().unwrap().len(), features.len());
    for (place, coefficient) in found["coefficients"].as_array().unwrap().iter().enumerate() {
        let what = format!("{model} {}", coefficient["name"]);
        for (name, of_reference) in [
            ("coefficient", "coefficients"),
            ("standard_error", "standard_errors"),
            ("statistic", "statistics"),
            ("p_value", "p_values"),
        ] {
            let number = expected[of_reference][place].as_f64().unwrap();
            close(&coefficient[name], number, 1e-8, &format!("{what} {name}"));
        }
        let ratio = expected["coefficients"][place].as_f64().unwrap().exp();
        close(&coefficient["hazard_ratio"], ratio, 1e-8, &what);
    }
    for name in ["log_likelihood", "null_log_likelihood"] {
        close(&found[name], expected[name].as_f64().unwrap(), 1e-11, &format!("{model} {name}"));
    }
}

#[test]
fn lung_cancer_is_as_in_the_pooled_rows() {
    for parties in [3, 5, 10] {
        compare("lung_efron", "lung.csv", parties, |row| row % parties);
        compare("lung_breslow", "lung.csv", parties, |row| row % parties);
    }
}

#[test]
fn kidney_transplants_are_as_in_the_pooled_rows() {
    for parties in [3, 5] {
        compare("kidney_efron", "kidney_transplant.csv", parties, |row| row % parties);
        compare("kidney_breslow", "kidney_transplant.csv", parties, |row| row % parties);
    }
}

#[test]
fn a_party_may_have_one_row_or_no_events() {
    let columns = data("lung.csv", &["status", "ph_ecog"]);
    let has_event = move |row: usize| columns[0].1[row] == Some(1.0);
    compare("lung_efron", "lung.csv", 4, |row| match row {
        7 => 0,
        _ if has_event(row) => 1 + row % 2,
        _ => 3,
    });
}
