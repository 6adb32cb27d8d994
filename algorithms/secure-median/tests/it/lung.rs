//! Columns of the lung cancer data, dealt to the parties by the row.

use super::*;

const LUNG: &str = include_str!("../../../../tests/data/lung.csv");

fn column(name: &str, parties: usize) -> Vec<Vec<Option<i64>>> {
    let mut lines = LUNG.lines();
    let place = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    let mut of_parties = vec![Vec::new(); parties];
    for (row, line) in lines.enumerate() {
        let cell = line.split(',').nth(place).unwrap();
        of_parties[row % parties].push(cell.parse::<f64>().ok().map(|value| value as i64));
    }
    of_parties
}

/// Settings of so many that have values, with a provider or without.
const SETTINGS: [(usize, bool); 5] = [(3, false), (5, false), (10, false), (2, true), (3, true)];

#[test]
fn the_median_and_quantiles_are_those_of_the_sorted_column() {
    for (name, count) in [("age", 227), ("meal_cal", 180), ("wt_loss", 213)] {
        for (parties, has_provider) in SETTINGS {
            let values = column(name, parties);
            let all: Vec<i64> = values.iter().flatten().flatten().copied().collect();
            assert_eq!(all.len(), count);
            for find in [
                json!("median"),
                json!({ "quantile": 0.25 }),
                json!({ "quantile": 0.9 }),
                json!({ "quantile": 0 }),
                json!({ "quantile": 1 }),
                json!({ "kth": 1 }),
                json!({ "kth": 100 }),
                json!({ "kth": count }),
            ] {
                let arguments = json!({
                    "column": "age", "minimum": -50, "maximum": 3_000, "find": find,
                    "max_rows": 120, "tell_count": true,
                });
                let report = lab(&values, has_provider, &arguments).run();
                let expected = oracle::find(&all, &find);
                assert_eq!(found(&report, parties), expected, "{name} {find} {parties}");
                assert_eq!(report.result(0)["count"], json!(count));
            }
        }
    }
}

#[test]
fn decimals_are_exact() {
    let values = [[0.1, 2.25], [0.35, -1.0], [7.5, 0.2]];
    let mut lab = lab(&some(&[&[], &[], &[]]), false, &Value::Null);
    for (seat, values) in values.iter().enumerate() {
        lab.dataset(seat, "patients", &Rows::new().float64("age", values.to_vec()));
    }
    let mut arguments = arguments(&json!("median"));
    arguments["decimals"] = json!(2);
    // 0.2 and 0.35 are in the middle.
    assert_eq!(found(&lab.arguments(&arguments).run(), 3), "0.275");
    arguments["find"] = json!({ "kth": 1 });
    assert_eq!(found(&lab.arguments(&arguments).run(), 3), "-1.00");
}
