//! Random data of all column types, and the extremes.

use anchorhold_sdk::lab::{Lab, Rows};
use proptest::prelude::*;
use serde_json::json;

use crate::oracle::lab_of;

#[derive(Debug, Clone)]
struct Row {
    cents: Option<i64>,
    weight: Option<i64>,
    city: Option<&'static str>,
    smoker: Option<bool>,
}

fn row() -> impl Strategy<Value = Row> {
    let city = prop::option::of(prop::sample::select(vec!["Bonn", "Ulm", ""]));
    let values = (
        prop::option::of(-1_000_i64..=1_000),
        prop::option::of(0_i64..=30_000),
        city,
        prop::option::of(any::<bool>()),
    );
    values.prop_map(|(cents, weight, city, smoker)| Row { cents, weight, city, smoker })
}

type Meets<'a> = dyn Fn(&Row) -> bool + 'a;

fn rows(rows: &[Row]) -> Rows {
    Rows::new()
        .int64("cents", rows.iter().map(|row| row.cents))
        // A hundredth of a whole number: the nearest double, which is rounded back.
        .float64("weight", rows.iter().map(|row| row.weight.map(|weight| weight as f64 / 100.0)))
        .utf8("city", rows.iter().map(|row| row.city))
        .boolean("smoker", rows.iter().map(|row| row.smoker))
}

fn sum(rows: &[&Row], value: impl Fn(&Row) -> Option<i64>) -> (usize, i64) {
    let values: Vec<i64> = rows.iter().filter_map(|row| value(row)).collect();
    (values.len(), values.iter().sum())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_group_is_what_the_oracle_says(
        parties in prop::collection::vec(prop::collection::vec(row(), 0..30), 3..6),
        least in -500_i64..500,
        seed: u64,
    ) {
        let arguments = json!({
            "columns": [
                { "name": "cents", "minimum": -1_000, "maximum": 1_000 },
                { "name": "weight", "minimum": 0, "maximum": 300, "decimals": 2 }
            ],
            "groups": [
                { "name": "all" },
                { "name": "rich", "where": [{ "column": "cents", "minimum": least }] },
                { "name": "Ulm", "where": [{ "column": "city", "equals": "Ulm" }] },
                { "name": "light smokers", "where": [
                    { "column": "smoker", "equals": true },
                    { "column": "weight", "maximum": 150.25 }
                ] }
            ]
        });
        let mut lab = Lab::new(secure_sum::algorithm());
        lab.parties(parties.len()).arguments(&arguments).seed(seed);
        for (seat, party) in parties.iter().enumerate() {
            lab.dataset(seat, "patients", &rows(party));
        }
        let report = lab.run();
        let groups = &report.common_result()["groups"];

        let meets: [(&str, &Meets); 4] = [
            ("all", &|_| true),
            ("rich", &|row| row.cents.is_some_and(|cents| cents >= least)),
            ("Ulm", &|row| row.city == Some("Ulm")),
            ("light smokers", &|row| {
                row.smoker == Some(true) && row.weight.is_some_and(|weight| weight <= 15_025)
            }),
        ];
        for (name, meets) in meets {
            let rows: Vec<&Row> = parties.iter().flatten().filter(|row| meets(row)).collect();
            let (cents, total) = sum(&rows, |row| row.cents);
            let (weights, hundredths) = sum(&rows, |row| row.weight);
            let weight = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            prop_assert_eq!(&groups[name], &json!({
                "rows": rows.len(),
                "columns": {
                    "cents": { "non_null": cents, "sum": total.to_string(), "number": total },
                    "weight": {
                        "non_null": weights,
                        "number": weight.parse::<f64>().expect("a decimal number"),
                        "sum": weight
                    }
                }
            }));
        }
    }
}

#[test]
fn values_at_the_bounds_add_up_to_the_edge_of_the_ring() {
    // Three times 2^63 / 3, rounded down, is 2^63 - 2.
    let largest = i64::MAX / 3;
    for value in [largest, -largest] {
        let arguments = json!({
            "columns": [{ "name": "x", "minimum": -largest, "maximum": largest }], "max_rows": 1
        });
        let report = lab_of(&[&[value][..]; 3]).arguments(&arguments).run();
        let column = &report.common_result()["columns"]["x"];
        assert_eq!(column["sum"], (i128::from(value) * 3).to_string());
        assert!(column.get("number").is_none(), "too many digits for a number");
    }
}

#[test]
fn empty_datasets_and_single_rows_add_up() {
    let arguments = json!({ "columns": [{ "name": "x", "minimum": 0, "maximum": 9 }] });
    let sum = |columns: [&[Option<i64>]; 3]| {
        let report = lab_of(&columns).arguments(&arguments).run();
        let result = report.common_result();
        json!([result["rows"], result["columns"]["x"]["non_null"], result["columns"]["x"]["sum"]])
    };
    assert_eq!(sum([&[], &[], &[]]), json!([0, 0, "0"]));
    assert_eq!(sum([&[], &[Some(7)], &[]]), json!([1, 1, "7"]));
    assert_eq!(sum([&[None], &[Some(9)], &[None, None]]), json!([4, 1, "9"]));
}

#[test]
fn a_table_of_many_batches_is_added_whole() {
    let values: Vec<i64> = (0..10_000).collect();
    let arguments = json!({ "columns": [{ "name": "x", "minimum": 0, "maximum": 10_000 }] });
    let report = lab_of(&[&values[..], &values[..1], &values[..4_096]]).arguments(&arguments).run();
    let expected: i64 = (0..10_000).chain(0..1).chain(0..4_096).sum();
    assert_eq!(report.common_result()["columns"]["x"]["number"], expected);
}
