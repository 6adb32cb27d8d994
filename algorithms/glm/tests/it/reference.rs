//! What statsmodels fits to the pooled rows; `tests/peers/models.py` made the numbers.

use serde_json::{Value, json};

use crate::{close, data, lab, split};

fn column(name: &Value) -> Value {
    let (minimum, maximum) = match name.as_str().unwrap() {
        "age" => (0, 120),
        "sex" => (1, 2),
        "ph_ecog" => (0, 5),
        "ph_karno" | "pat_karno" => (0, 100),
        "mean_smoothness" | "mean_concavity" | "target" => (0, 1),
        _ => (0, 50),
    };
    json!({ "name": name, "minimum": minimum, "maximum": maximum })
}

fn compare(model: &str, file: &str, parties: usize, of: impl Fn(usize) -> usize) {
    let text = include_str!("../../../../tests/data/models.json");
    let expected = &serde_json::from_str::<Value>(text).unwrap()[model];
    let features = expected["features"].as_array().unwrap();
    let names: Vec<_> =
        features.iter().chain([&expected["outcome"]]).map(|name| name.as_str().unwrap()).collect();
    let arguments = json!({
        "model": model,
        "outcome": column(&expected["outcome"]),
        "features": features.iter().map(column).collect::<Vec<_>>(),
        "nulls": "omit",
        "min_party_rows": 1,
    });
    let report = lab(&arguments, &split(&data(file, &names), parties, of)).run();
    let found = report.common_result();
    assert_eq!(found["rows"], expected["rows"]);
    assert_eq!(found["coefficients"].as_array().unwrap().len(), features.len() + 1);
    for (place, coefficient) in found["coefficients"].as_array().unwrap().iter().enumerate() {
        let what = format!("{model} {}", coefficient["name"]);
        for (name, of_reference, to) in [
            ("coefficient", "coefficients", 1e-9),
            ("standard_error", "standard_errors", 1e-9),
            ("statistic", "statistics", 1e-9),
            ("p_value", "p_values", 1e-7),
        ] {
            let number = expected[of_reference][place].as_f64().unwrap();
            close(&coefficient[name], number, to, &format!("{what} {name}"));
        }
    }
    for name in ["deviance", "null_deviance", "log_likelihood"] {
        close(&found[name], expected[name].as_f64().unwrap(), 1e-11, &format!("{model} {name}"));
    }
}

#[test]
fn a_linear_model_is_that_of_the_pooled_rows() {
    for parties in [3, 5, 10] {
        compare("linear", "lung.csv", parties, |row| row % parties);
    }
}

#[test]
fn a_logistic_model_is_that_of_the_pooled_rows() {
    for parties in [3, 5, 10] {
        compare("logistic", "breast_cancer.csv", parties, |row| row % parties);
    }
}

#[test]
fn a_poisson_model_is_that_of_the_pooled_rows() {
    for parties in [3, 5, 10] {
        compare("poisson", "lung.csv", parties, |row| row % parties);
    }
}

#[test]
fn a_party_may_have_one_row_or_other_kinds_of_rows() {
    compare("linear", "lung.csv", 3, |row| if row == 0 { 1 } else { 2 * (row % 2) });
    // The first rows are of malignant tumours above all.
    compare("logistic", "breast_cancer.csv", 4, |row| if row == 5 { 0 } else { 1 + row / 200 });
}
