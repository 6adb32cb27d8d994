//! Columns of the breast cancer data.

use anchorhold_sdk::lab::Rows;
use anchorhold_sdk::{Column, ColumnType};
use serde_json::json;

use crate::{SETTINGS, Third, computed, oracle, parties};

const BREAST: &str = include_str!("../../../../tests/data/breast_cancer.csv");

/// Columns, a bound of their values, and how many decimals they have.
const COLUMNS: [(&str, i64, usize); 5] = [
    ("mean_radius", 50, 3),
    ("mean_texture", 50, 2),
    ("mean_area", 5_000, 1),
    ("mean_smoothness", 1, 5),
    ("mean_concavity", 1, 7),
];

/// The values of a column as integers, read digit by digit.
fn integers(name: &str, decimals: usize) -> Vec<i128> {
    let mut lines = BREAST.lines();
    let place = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    let integer = |line: &str| {
        let (whole, fraction) = line.split(',').nth(place).unwrap().split_once('.').unwrap();
        format!("{whole}{fraction:0<decimals$}").parse().unwrap()
    };
    lines.map(integer).collect()
}

#[test]
fn dot_products_are_exact_with_any_number_of_holders_in_each_setting() {
    for (holders, third) in SETTINGS {
        let mut lab = parties(holders, third);
        let columns = COLUMNS[..holders].iter().map(|(name, maximum, decimals)| {
            json!({ "name": name, "minimum": 0, "maximum": maximum, "decimals": decimals })
        });
        lab.arguments(json!({ "columns": columns.collect::<Vec<_>>() }));
        for (seat, (name, ..)) in COLUMNS[..holders].iter().enumerate() {
            let column = Column::new(name, ColumnType::Float64);
            lab.dataset(seat, "records", &Rows::from_csv(BREAST, &[column]).unwrap());
        }
        let expected: Vec<_> = COLUMNS[..holders]
            .iter()
            .map(|(name, _, decimals)| (integers(name, *decimals), *decimals))
            .collect();
        let expected = oracle(&expected);
        assert_eq!(expected["rows"], 569);
        let report = lab.run();
        computed(&report, holders, &expected);
        let to_third = report.trace().iter().filter(|sent| sent.to == holders);
        let told: Vec<_> = to_third.map(|sent| (sent.from, &sent.topic[..])).collect();
        if third == Third::Provider {
            let agreed: Vec<_> = (0..holders).map(|seat| (seat, "agree")).collect();
            assert_eq!(told, agreed, "the provider is told nothing else");
        }
    }
}

#[test]
fn the_first_product_of_the_data_is_what_other_software_says() {
    // sum(df.mean_radius * df.mean_texture), in decimals.
    let expected = oracle(&[(integers("mean_radius", 3), 3), (integers("mean_texture", 2), 2)]);
    assert_eq!(expected["products"][0]["dot"], "157845.97628");
}
