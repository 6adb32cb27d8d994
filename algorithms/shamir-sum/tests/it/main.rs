//! The algorithm in the lab, against a plaintext oracle, on the lung cancer data and on random ones.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use anchorhold_sdk::lab::{Lab, Rows};
use proptest::prelude::*;
use serde_json::{Value, json};

const LUNG: &str = include_str!("../../../../tests/data/lung.csv");

fn arguments() -> Value {
    json!({ "column": "age", "minimum": 0, "maximum": 120 })
}

/// The ages in the lung cancer data, dealt to so many parties by the row.
fn ages(parties: usize) -> Vec<Vec<i64>> {
    let mut lines = LUNG.lines();
    let column = lines.next().unwrap().split(',').position(|name| name.trim_matches('"') == "age");
    let mut of_parties = vec![Vec::new(); parties];
    for (row, line) in lines.enumerate() {
        let age = line.split(',').nth(column.unwrap()).unwrap();
        of_parties[row % parties].push(age.parse().unwrap());
    }
    of_parties
}

fn lab(ages: &[Vec<i64>], arguments: &Value) -> Lab {
    let mut lab = Lab::new(shamir_sum::algorithm());
    lab.parties(ages.len()).arguments(arguments);
    for (seat, ages) in ages.iter().enumerate() {
        lab.dataset(seat, "patients", &Rows::new().int64("age", ages.clone()));
    }
    lab
}

#[test]
fn the_sum_is_the_plaintext_sum_on_the_lung_data() {
    for parties in [3, 5, 10] {
        let ages = ages(parties);
        let all: Vec<i64> = ages.iter().flatten().copied().collect();
        assert_eq!(all.len(), 227);
        let report = lab(&ages, &arguments()).run();
        let result = report.common_result();
        assert_eq!(result["sum"], all.iter().sum::<i64>().to_string());
        assert_eq!((&result["non_null"], &result["parties"]), (&json!(227), &json!(parties)));
        assert_eq!(result["opened_by"].as_array().unwrap().len(), parties);
        let n = parties;
        assert_eq!((report.traffic().rounds, report.traffic().messages), (3, 3 * n * (n - 1)));
    }
}

/// What a party sends to one other: that it is ready, its share, and its share of the total.
const OPENING: usize = 2;

#[test]
fn it_opens_when_as_many_left_after_sharing_as_the_threshold_allows() {
    let ages = ages(5);
    let sum: i64 = ages.iter().flatten().sum();
    // Five parties under the threshold 2: two may leave.
    for left in [vec![], vec![1], vec![0, 4]] {
        let mut lab = lab(&ages, &arguments());
        for (from, to) in left.iter().flat_map(|from| (0..5).map(move |to| (*from, to))) {
            if from != to {
                lab.drop_message(from, to, OPENING);
            }
        }
        let report = lab.run();
        for seat in (0..5).filter(|seat| !left.contains(seat)) {
            let result = report.result(seat);
            assert_eq!(result["sum"], sum.to_string());
            assert_eq!(result["opened_by"].as_array().unwrap().len(), 5 - left.len());
        }
    }
    let mut lab = lab(&ages, &arguments());
    for (from, to) in (0..3).flat_map(|from| (3..5).map(move |to| (from, to))) {
        lab.drop_message(from, to, OPENING);
    }
    let report = lab.run();
    assert_eq!(report.error(4), "of 5 parties 2 are there, and 3 are needed to open");
    assert_eq!(report.result(0)["sum"], sum.to_string(), "those who are there open");
}

#[test]
fn a_party_that_leaves_before_it_has_shared_ends_the_sum() {
    let report = lab(&ages(3), &arguments()).absent(1).run();
    for seat in [0, 2] {
        let error = report.error(seat);
        assert!(error.contains("seat 1"), "{error}");
    }
}

#[test]
fn a_changed_share_of_the_total_is_noticed_where_more_than_enough_are_there() {
    let mut lab = lab(&ages(5), &arguments());
    let report = lab.corrupt_message(3, 0, OPENING, |body| body[3] ^= 1).run();
    assert_eq!(
        report.error(0),
        "the shares do not fit together: a party sent another one than it has"
    );
}

#[test]
fn bad_input_is_told_to_all_before_any_share_leaves() {
    let three = || vec![vec![61, 70], vec![54, 48], vec![80, 33]];
    let mut out_of_bounds = three();
    out_of_bounds[1].push(121);
    assert_eq!(
        lab(&out_of_bounds, &arguments()).run().refusal(),
        "party-1 does not take part: the column \"age\" of the dataset \"patients\": a value is \
         outside the declared bounds 0 to 120",
    );
    let mut other = lab(&three(), &arguments());
    other.dataset(2, "patients", &Rows::new().int64("sex", [1]));
    let report = other.run();
    let error = report.error(0);
    assert!(error.starts_with("party-2 does not take part: "), "{error}");
    assert!(error.contains("\"age\""), "{error}");
    let mut differ = lab(&three(), &arguments());
    differ.arguments_of(2, json!({ "column": "age", "minimum": 0, "maximum": 130 }));
    assert_eq!(differ.run().refusal(), "party-2 was given other arguments than party-0");
    let of = |threshold: usize| {
        let mut arguments = arguments();
        arguments["threshold"] = threshold.into();
        arguments
    };
    for threshold in [0, 2] {
        let expected = format!(
            "party-0 does not take part: \"threshold\" must be from 1 to 1, so that a party may \
             leave, not {threshold}"
        );
        assert_eq!(lab(&three(), &of(threshold)).run().refusal(), expected);
    }
    assert_eq!(
        lab(&three()[..2], &arguments()).run().refusal(),
        "party-0 does not take part: a sum takes at least 3 parties, not 2: a party that subtracts \
         its own value from the sum of two learns the other's",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_sum_is_what_the_oracle_says(
        values in prop::collection::vec(prop::collection::vec(-1_000_i64..=1_000, 0..6), 3..7),
        seed: u64,
    ) {
        let arguments = json!({ "column": "age", "minimum": -1_000, "maximum": 1_000 });
        let report = lab(&values, &arguments).seed(seed).run();
        let sum: i64 = values.iter().flatten().sum();
        prop_assert_eq!(&report.common_result()["sum"], &json!(sum.to_string()));
    }
}
