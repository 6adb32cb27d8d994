//! The algorithm in the lab, against a plaintext oracle, on the breast cancer data and on random ones.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod corrupt;
mod cost;
mod left;
mod random;
mod real;
mod refused;

use anchorhold_sdk::lab::{Lab, Report, Rows};
use serde_json::{Value, json};

/// Who is there beside the holders, at the last seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Third {
    Provider,
    Helper,
    Nobody,
}

/// Each kind of computation: so many holders, and who else.
const SETTINGS: [(usize, Third); 6] = [
    (2, Third::Provider),
    (2, Third::Helper),
    (3, Third::Nobody),
    (3, Third::Provider),
    (5, Third::Nobody),
    (5, Third::Provider),
];

impl Third {
    fn join(self, lab: &mut Lab, holders: usize) {
        let role = match self {
            Self::Provider => "provider",
            Self::Helper => "helper",
            Self::Nobody => return,
        };
        lab.party(&format!("party-{holders}"), role);
    }
}

/// Prepares so many holders, who have no data yet, and whoever else is there.
fn parties(holders: usize, third: Third) -> Lab {
    let mut lab = Lab::new(secure_dot::algorithm());
    lab.parties(holders);
    third.join(&mut lab, holders);
    lab
}

/// Says of each of these columns that its values are from minus to plus a bound.
fn arguments(bounds: &[i64], max_rows: usize) -> Value {
    let columns = bounds.iter().map(|bound| column(-bound, *bound));
    json!({ "columns": columns.collect::<Vec<_>>(), "max_rows": max_rows })
}

fn column(minimum: i64, maximum: i64) -> Value {
    json!({ "name": "x", "minimum": minimum, "maximum": maximum })
}

/// Prepares holders of these columns of whole numbers from -1,000 to 1,000.
fn lab(columns: &[Vec<i64>], third: Third) -> Lab {
    let mut lab = parties(columns.len(), third);
    lab.arguments(arguments(&vec![1_000; columns.len()], 1_000));
    for (seat, values) in columns.iter().enumerate() {
        lab.dataset(seat, "records", &rows(values));
    }
    lab
}

fn rows(values: &[i64]) -> Rows {
    Rows::new().int64("x", values.iter().copied())
}

/// So many columns of numbers that differ.
fn some_columns(holders: usize, rows: i64) -> Vec<Vec<i64>> {
    let holders = 0..i64::try_from(holders).unwrap();
    let value = |holder: i64, row: i64| (holder * 37 + row * 101 + 5) * (row + 3) % 1_999 - 999;
    holders.map(|holder| (0..rows).map(|row| value(holder, row)).collect()).collect()
}

/// What a holder returns, computed in the clear of columns of integers that have so many decimals.
fn oracle(columns: &[(Vec<i128>, usize)]) -> Value {
    let pairs = (0..columns.len()).flat_map(|i| (i + 1..columns.len()).map(move |j| (i, j)));
    let product = |(i, j): (usize, usize)| {
        let ((left, left_decimals), (right, right_decimals)) = (&columns[i], &columns[j]);
        let dot: i128 = left.iter().zip(right).map(|(left, right)| left * right).sum();
        let scale = 10_i128.pow((left_decimals + right_decimals).try_into().unwrap());
        let (sign, decimals) = (if dot < 0 { "-" } else { "" }, left_decimals + right_decimals);
        let mut text = format!("{sign}{}", dot.abs() / scale);
        if decimals > 0 {
            text.push_str(&format!(".{:0>decimals$}", dot.abs() % scale));
        }
        json!({ "left": format!("party-{i}"), "right": format!("party-{j}"), "dot": text })
    };
    json!({ "rows": columns[0].0.len(), "products": pairs.map(product).collect::<Vec<_>>() })
}

fn oracle_of_whole(columns: &[Vec<i64>]) -> Value {
    let whole = |column: &Vec<i64>| (column.iter().map(|value| (*value).into()).collect(), 0);
    oracle(&columns.iter().map(whole).collect::<Vec<_>>())
}

/// All holders have the result, and whoever has no data has none of it.
fn computed(report: &Report, holders: usize, expected: &Value) {
    for seat in 0..report.outcomes().len() {
        match seat < holders {
            true => assert_eq!(report.result(seat), expected, "seat {seat}"),
            false => assert_eq!(report.result(seat), &json!({ "rows": expected["rows"] })),
        }
    }
}
