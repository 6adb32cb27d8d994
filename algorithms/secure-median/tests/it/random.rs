//! Random values, with ties, nulls, and parties that have none.

use super::*;
use proptest::prelude::*;

fn check(values: &[Vec<Option<i64>>], has_provider: bool, find: &Value, seed: u64) {
    let all: Vec<i64> = values.iter().flatten().flatten().copied().collect();
    let report = lab(values, has_provider, &arguments(find)).seed(seed).run();
    assert_eq!(found(&report, values.len()), oracle::find(&all, find), "{find}");
    assert!(report.result(0).get("count").is_none(), "it was not asked for");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_found_is_that_of_the_sorted_values(
        values in prop::collection::vec(
            prop::collection::vec(prop::option::weighted(0.9, -20_i64..=20), 0..12), 3..6
        ),
        wide in any::<bool>(),
        millionths in 0_u32..=1_000_000,
        has_provider in any::<bool>(),
        seed: u64,
    ) {
        let scale = if wide { 50 } else { 1 };
        let values: Vec<Vec<_>> = values
            .iter()
            .map(|values| values.iter().map(|value| value.map(|value| value * scale)).collect())
            .collect();
        let count = values.iter().flatten().flatten().count();
        prop_assume!(count > 0);
        let part = f64::from(millionths) / 1e6;
        check(&values, has_provider, &json!("median"), seed);
        check(&values, has_provider, &json!({ "quantile": part }), seed);
        check(&values, has_provider, &json!({ "kth": 1 + seed % count as u64 }), seed);
    }
}

#[test]
fn the_median_is_not_the_median_of_sums() {
    // Of the sums of shares of {1, 2, 100} and {3, 4, 5} the median is 6.
    let values = some(&[&[1, 2, 100], &[3, 4, 5]]);
    let report = lab(&values, true, &arguments(&json!("median"))).run();
    assert_eq!(found(&report, 2), "3.5");
}

#[test]
fn one_value_and_equal_ones_and_the_ends_of_the_range() {
    for values in [
        some(&[&[7], &[], &[]]),
        some(&[&[5, 5], &[5], &[5]]),
        some(&[&[-1_000], &[1_000], &[]]),
        some(&[&[-1_000, -1_000], &[1_000, 1_000], &[1_000]]),
        some(&[&[1, 1, 2], &[2], &[]]),
    ] {
        for find in [json!("median"), json!({ "quantile": 0.5 }), json!({ "kth": 1 })] {
            check(&values, false, &find, 0);
            check(&values, true, &find, 0);
        }
    }
}

#[test]
fn one_possible_value_is_found() {
    let mut arguments = arguments(&json!("median"));
    arguments["minimum"] = json!(4);
    arguments["maximum"] = json!(4);
    let report = lab(&some(&[&[4, 4], &[], &[4]]), false, &arguments).run();
    assert_eq!(found(&report, 3), "4.0");
}
