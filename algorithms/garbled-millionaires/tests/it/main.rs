//! The algorithm in the lab, against a plaintext oracle.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod changed;
mod leaving;
mod refused;

use anchorhold_sdk::lab::{Lab, Rows};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Bounds such that each value within them is one of the integers that are compared.
const LARGEST: i64 = i64::MAX;

fn arguments(minimum: i64, maximum: i64, decimals: u32) -> Value {
    json!({ "column": "worth", "minimum": minimum, "maximum": maximum, "decimals": decimals })
}

/// Two parties with whole numbers.
fn lab(values: [i64; 2]) -> Lab {
    let mut lab = Lab::new(garbled_millionaires::algorithm());
    lab.parties(2).arguments(arguments(-LARGEST, LARGEST, 0));
    for (seat, value) in values.into_iter().enumerate() {
        lab.dataset(seat, "value", &Rows::new().int64("worth", [value]));
    }
    lab
}

/// The names of those who have the most.
fn oracle(values: [i64; 2]) -> Value {
    let having = (0..2).filter(|seat| values[*seat] >= values[1 - *seat]);
    having.map(|seat| format!("party-{seat}")).collect::<Vec<_>>().into()
}

fn told(values: [i64; 2]) {
    let report = lab(values).run();
    let expected = json!({ "parties": 2, "most": oracle(values) });
    assert_eq!(report.common_result(), &expected, "{values:?}");
    assert!((0..2).all(|seat| report.log(seat).is_empty()), "nothing is logged");
}

#[test]
fn both_learn_who_has_more_or_that_they_have_the_same() {
    for values in [[5, 7], [7, 5], [7, 7], [0, 0], [0, 1], [1 << 40, (1 << 40) - 1]] {
        told(values);
    }
}

#[test]
fn a_debt_is_less_than_nothing() {
    for values in [[-1, 0], [0, -1], [-1, 1], [-3, -2], [-2, -3], [-5, -5]] {
        told(values);
    }
}

#[test]
fn values_at_the_bounds_are_compared() {
    for values in [
        [LARGEST, -LARGEST],
        [-LARGEST, LARGEST],
        [LARGEST, LARGEST],
        [-LARGEST, -LARGEST],
        [LARGEST - 1, LARGEST],
        [-LARGEST, 1 - LARGEST],
    ] {
        told(values);
    }
}

#[test]
fn values_are_rounded_before_they_are_compared() {
    let mut lab = lab([0, 0]);
    let most = |lab: &mut Lab, decimals, values: [f64; 2]| {
        lab.arguments(arguments(0, 10, decimals));
        for (seat, value) in values.into_iter().enumerate() {
            lab.dataset(seat, "value", &Rows::new().float64("worth", [value]));
        }
        lab.run().common_result()["most"].clone()
    };
    assert_eq!(most(&mut lab, 2, [1.25, 1.26]), json!(["party-1"]));
    assert_eq!(most(&mut lab, 1, [1.27, 1.26]), json!(["party-0", "party-1"]));
}

#[test]
fn messages_are_as_many_and_as_large_as_stated_whatever_the_values_are() {
    for values in [[5, 7], [7, 5], [7, 7], [LARGEST, -LARGEST]] {
        let traffic = lab(values).run().traffic();
        assert_eq!((traffic.messages, traffic.bytes, traffic.rounds), (71, 987_504, 35));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn it_is_what_the_oracle_says(first in -LARGEST..=LARGEST, second in -LARGEST..=LARGEST) {
        told([first, second]);
    }
}
