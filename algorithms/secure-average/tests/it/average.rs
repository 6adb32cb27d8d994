//! The average and on which side of it each party is.

use anchorhold_sdk::lab::{Lab, Rows, Traffic};
use proptest::prelude::*;
use serde_json::json;

use crate::{lab_of, with_position};

#[test]
fn three_learn_their_average_and_where_they_are() {
    let report = lab_of(&[300_000, 100_000, 200_000]).arguments(with_position()).run();
    for (seat, position) in ["above", "below", "at"].into_iter().enumerate() {
        let expected = json!({
            "parties": 3, "total": "600000", "average": "200000.0000", "position": position
        });
        assert_eq!(report.result(seat), &expected);
        let log = format!("info: the own value is {position} the average, 200000.0000");
        assert_eq!(report.log(seat).last(), Some(&log));
    }
}

#[test]
fn the_position_stays_in_the_log_unless_it_is_asked_for() {
    let report = lab_of(&[1, 2, 3]).run();
    let expected = json!({ "parties": 3, "total": "6", "average": "2.0000" });
    assert_eq!(report.common_result(), &expected);
    let log = "info: the own value is above the average, 2.0000".to_owned();
    assert_eq!(report.log(2).last(), Some(&log));
}

#[test]
fn an_average_that_is_no_whole_number_is_right() {
    // In the ring 10 / 3 would be 10 times the inverse of 3: 6148914691236517208.
    let report = lab_of(&[3, 3, 4]).run();
    assert_eq!(report.common_result()["average"], "3.3333");
    assert_eq!(lab_of(&[-3, -3, -4]).run().common_result()["average"], "-3.3333");
    assert_eq!(lab_of(&[0, 0, 2]).run().common_result()["average"], "0.6667");
    assert_eq!(lab_of(&[0, 0, -1]).run().common_result()["average"], "-0.3333");
}

#[test]
fn a_value_just_below_the_average_is_below_it() {
    let report = lab_of(&[3, 3, 4]).arguments(with_position()).run();
    let positions = [0, 1, 2].map(|seat| report.result(seat)["position"].clone());
    assert_eq!(positions, ["below", "below", "above"]);
    let report = lab_of(&[-3, -3, -4]).arguments(with_position()).run();
    let positions = [0, 1, 2].map(|seat| report.result(seat)["position"].clone());
    assert_eq!(positions, ["above", "above", "below"]);
}

#[test]
fn money_with_cents_is_averaged_exactly() {
    let arguments = json!({
        "column": "net_worth", "minimum": 0, "maximum": 1_000, "decimals": 2, "share_position": true
    });
    let mut lab = Lab::new(secure_average::algorithm());
    lab.parties(4).arguments(arguments);
    for (seat, value) in [0.1, 0.2, 0.3, 0.2].into_iter().enumerate() {
        lab.dataset(seat, "value", &Rows::new().float64("net_worth", [value]));
    }
    let report = lab.run();
    let positions = [0, 1, 2, 3].map(|seat| report.result(seat)["position"].clone());
    assert_eq!(positions, ["below", "at", "above", "at"]);
    assert_eq!(report.result(0)["total"], "0.80");
    assert_eq!(report.result(0)["average"], "0.200000");
}

#[test]
fn values_at_the_bounds_are_averaged() {
    let largest = i64::MAX / 3;
    for value in [largest, -largest] {
        let arguments = json!({ "column": "net_worth", "minimum": -largest, "maximum": largest });
        let report = lab_of(&[value; 3]).arguments(arguments).run();
        assert_eq!(report.common_result()["average"], format!("{value}.0000"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_average_is_what_the_oracle_says(
        values in prop::collection::vec(-1_000_000_i64..=1_000_000, 3..9),
        seed: u64,
    ) {
        let report = lab_of(&values).arguments(with_position()).seed(seed).run();
        let (parties, total) = (values.len(), values.iter().sum::<i64>());
        // Six digits before the point and four behind it are exact in a double's fifteen.
        let average = total as f64 / parties as f64;
        for (seat, value) in values.iter().enumerate() {
            let result = report.result(seat);
            let text = result["average"].as_str().expect("a text");
            prop_assert!((text.parse::<f64>().expect("a decimal number") - average).abs() <= 0.000_050_1, "{text}");
            prop_assert_eq!(&result["total"], &total.to_string());
            let position = match (*value as f64).total_cmp(&average) {
                std::cmp::Ordering::Less => "below",
                std::cmp::Ordering::Equal => "at",
                std::cmp::Ordering::Greater => "above",
            };
            prop_assert_eq!(&result["position"], position);
        }
        prop_assert_eq!(report.traffic(), Traffic {
            messages: 2 * parties - 1,
            bytes: (2 * parties - 1) * (32 + 1 + 8),
            rounds: u32::try_from(parties).expect("few parties") + 1,
        });
    }
}
