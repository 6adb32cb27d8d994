//! The algorithm in the lab, against a plaintext oracle.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use anchorhold_sdk::lab::{Lab, Rows};
use proptest::prelude::*;
use serde_json::{Value, json};

fn arguments(tell: &str) -> Value {
    json!({ "column": "worth", "minimum": -1_000_000, "maximum": 1_000_000, "tell": tell })
}

fn lab(values: &[i64], tell: &str) -> Lab {
    let mut lab = Lab::new(millionaires::algorithm());
    lab.parties(values.len()).arguments(arguments(tell));
    for (seat, value) in values.iter().enumerate() {
        lab.dataset(seat, "value", &Rows::new().int64("worth", [*value]));
    }
    lab
}

/// The names of those who have the most.
fn oracle(values: &[i64]) -> Value {
    let most = values.iter().max().unwrap();
    let having = values.iter().enumerate().filter(|(_, value)| *value == most);
    having.map(|(seat, _)| format!("party-{seat}")).collect::<Vec<_>>().into()
}

#[test]
fn all_learn_who_has_the_most_wherever_they_sit() {
    for parties in [3, 4, 5, 8, 10] {
        for richest in 0..parties {
            let mut values: Vec<i64> = (0..parties as i64).map(|seat| seat * 7 % 5).collect();
            values[richest] = 100;
            let report = lab(&values, "who").run();
            let expected = json!({ "parties": parties, "most": [format!("party-{richest}")] });
            assert_eq!(report.common_result(), &expected);
        }
    }
}

#[test]
fn all_who_have_the_most_are_named() {
    assert_eq!(lab(&[5, 5, 5], "who").run().common_result()["most"], oracle(&[5, 5, 5]));
    let values = [-3, 7, 2, 7, 7];
    assert_eq!(lab(&values, "who").run().common_result()["most"], oracle(&values));
}

#[test]
fn each_learns_only_whether_it_has_the_most() {
    for values in [vec![3, 9, 1], vec![1, 2, 3, 9, 9]] {
        let report = lab(&values, "whether").run();
        assert_eq!(report.common_result(), &json!({ "parties": values.len() }), "no more is told");
        for (seat, value) in values.iter().enumerate() {
            let said = if *value == 9 { "nobody has more" } else { "somebody has more" };
            assert_eq!(report.log(seat).last().unwrap(), &format!("info: {said}"));
        }
        // One answer of eight bytes for each, from one or from two.
        let opened = report.trace().iter().filter(|sent| sent.topic == "open");
        let bytes: Vec<_> = opened.map(|sent| (sent.to, sent.body.len())).collect();
        assert_eq!(bytes.len(), 3 + 2 * (values.len() - 3));
        assert!(bytes.iter().all(|(_, bytes)| *bytes == 8));
    }
}

#[test]
fn rounds_are_as_many_as_stated_whatever_the_values_are() {
    for (parties, levels) in [(3, 2), (4, 2), (5, 3), (8, 3)] {
        let expected = 14 + 11 * levels;
        for tell in ["who", "whether"] {
            let rounds = |values: Vec<i64>| lab(&values, tell).run().traffic().rounds;
            let values: Vec<i64> = (0..parties).collect();
            assert_eq!(rounds(values.clone()), expected, "{parties} parties");
            assert_eq!(rounds(values.into_iter().rev().collect()), expected);
        }
    }
}

#[test]
fn bad_input_is_told_to_all_before_any_share_leaves() {
    let name = "party-1 does not take part: ";
    assert_eq!(
        lab(&[1, 1_000_001, 3], "who").run().refusal(),
        format!(
            "{name}the column \"worth\" of the dataset \"value\": a value is outside the declared \
             bounds -1000000 to 1000000"
        ),
    );
    let mut two_rows = lab(&[1, 2, 3, 4], "who");
    two_rows.dataset(1, "value", &Rows::new().int64("worth", [1, 2]));
    let one_row = "the column \"worth\" of the dataset \"value\": it must have exactly one row";
    assert_eq!(two_rows.run().refusal(), format!("{name}{one_row}"));
    let mut differ = lab(&[1, 2, 3], "who");
    differ.arguments_of(2, arguments("whether"));
    assert_eq!(differ.run().refusal(), "party-2 was given other arguments than party-0");
    assert_eq!(
        lab(&[1, 2], "who").run().refusal(),
        "party-0 does not take part: replicated sharing takes three parties that compute, not 2",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn it_is_what_the_oracle_says(
        values in prop::collection::vec(-1_000_000_i64..=1_000_000, 3..9),
        seed: u64,
    ) {
        let report = lab(&values, "who").seed(seed).run();
        prop_assert_eq!(&report.common_result()["most"], &oracle(&values));
    }
}
