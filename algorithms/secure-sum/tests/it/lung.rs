//! Real data, split by institution.

use serde_json::{Value, json};

use crate::oracle::{LUNG, Patient, lung_of, patients, run_on_lung};

/// Counts rows and, in them, adds a column in the clear.
fn plain(column: &str, meets: impl Fn(&Patient) -> bool) -> (usize, usize, f64) {
    let rows: Vec<_> = patients(LUNG).into_iter().filter(|patient| meets(patient)).collect();
    let values: Vec<f64> = rows.iter().filter_map(|patient| patient[column]).collect();
    (rows.len(), values.len(), values.iter().sum())
}

#[test]
fn the_split_has_every_patient_once() {
    for parties in [3, 5, 10] {
        let split: usize = lung_of(parties).iter().map(|text| patients(text).len()).sum();
        assert_eq!(split, 227);
    }
}

#[test]
fn patients_and_deaths_and_their_ages() {
    let arguments = json!({
        "columns": [{ "name": "age", "minimum": 0, "maximum": 120 }],
        "groups": [
            { "name": "patients" },
            { "name": "deaths", "where": [{ "column": "status", "equals": 1 }] }
        ]
    });
    let (patients, _, years) = plain("age", |_| true);
    let (deaths, _, years_of_dead) = plain("age", |patient| patient["status"] == Some(1.0));
    assert_eq!((patients, deaths), (227, 164), "the oracle");
    for parties in [3, 5, 10] {
        let expected = json!({
            "parties": parties,
            "groups": {
                "patients": {
                    "rows": 227,
                    "columns": { "age": {
                        "non_null": 227, "sum": format!("{years}"), "number": years as i64
                    } }
                },
                "deaths": {
                    "rows": 164,
                    "columns": { "age": {
                        "non_null": 164,
                        "sum": format!("{years_of_dead}"),
                        "number": years_of_dead as i64
                    } }
                }
            }
        });
        assert_eq!(run_on_lung(parties, &arguments).common_result(), &expected);
    }
}

#[test]
fn nulls_are_counted_apart_and_decimals_are_exact() {
    let column = |name, minimum, maximum, decimals| json!({ "name": name, "minimum": minimum, "maximum": maximum, "decimals": decimals });
    let arguments = json!({
        "columns": [column("meal_cal", 0, 5_000, 1), column("wt_loss", -100, 200, 2)],
        "where": [
            { "column": "ph_karno", "minimum": 70, "maximum": 90 },
            { "column": "sex", "equals": 2 }
        ]
    });
    let meets = |patient: &Patient| {
        let karnofsky = patient["ph_karno"].is_some_and(|value| (70.0..=90.0).contains(&value));
        karnofsky && patient["sex"] == Some(2.0)
    };
    let (rows, meals, calories) = plain("meal_cal", meets);
    let (_, losses, pounds) = plain("wt_loss", meets);
    assert!(meals < rows && losses < rows, "the data have nulls here");
    for parties in [3, 5, 10] {
        let report = run_on_lung(parties, &arguments);
        let result = report.common_result();
        let (meal_cal, wt_loss) = (&result["columns"]["meal_cal"], &result["columns"]["wt_loss"]);
        assert_eq!(result["rows"], rows);
        assert_eq!((&meal_cal["non_null"], &wt_loss["non_null"]), (&meals.into(), &losses.into()));
        assert_eq!(meal_cal["sum"], format!("{calories:.1}"));
        assert_eq!(wt_loss["sum"], format!("{pounds:.2}"));
        assert_eq!(wt_loss["number"], Value::from(pounds));
    }
}

#[test]
fn without_arguments_rows_are_counted() {
    let report = run_on_lung(3, &json!({}));
    assert_eq!(report.common_result(), &json!({ "parties": 3, "rows": 227 }));
}

#[test]
fn nobody_has_the_condition_that_nobody_meets() {
    let arguments = json!({
        "columns": [{ "name": "age", "minimum": 0, "maximum": 120 }],
        "where": [{ "column": "status", "equals": 7 }]
    });
    let expected = json!({
        "parties": 5, "rows": 0, "columns": { "age": { "non_null": 0, "sum": "0", "number": 0 } }
    });
    assert_eq!(run_on_lung(5, &arguments).common_result(), &expected);
}
