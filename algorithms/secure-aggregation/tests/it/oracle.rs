//! The average is what it is in plain numbers.

use anchorhold_sdk::lab::Rows;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{MODELLER, is_average_of, lab, settings, state, states, values, with};

#[test]
fn the_average_of_three_ten_and_a_hundred_is_right() {
    for workers in [3, 10, 100] {
        for arguments in settings() {
            if workers == 100 && arguments.get("active").is_some() {
                continue; // as of ten, with forty times as many messages
            }
            let states = states(workers);
            let report = lab(&states, &arguments).run();
            let result = report.result(MODELLER);
            is_average_of(result, &states.iter().collect::<Vec<_>>(), &vec![1; workers]);
            assert_eq!(result["workers"].as_array().unwrap().len(), workers);
            for worker in 1..=workers {
                assert_eq!(report.result(worker), &json!({ "workers": result["workers"] }));
            }
        }
    }
}

#[test]
fn the_average_has_the_shapes_of_the_state_dictionaries() {
    let state =
        json!({ "a": 2, "b": [[[1, 2], [3, 4]]], "empty": [], "flat": [[], []], "z": [[-1]] });
    for arguments in settings() {
        let report = lab(&vec![state.clone(); 3], &with(&arguments, &json!({ "clip": 1e3 }))).run();
        let average = &report.result(MODELLER)["average"];
        let rounded =
            |value: &Value| values(value).iter().map(|value| value.round()).collect::<Vec<_>>();
        assert_eq!(rounded(average), [2.0, 1.0, 2.0, 3.0, 4.0, -1.0]);
        for (name, tensor) in state.as_object().unwrap() {
            let lengths = |value: &Value| value.to_string().matches(['[', ',']).count();
            assert_eq!(lengths(&average[name]), lengths(tensor), "{name}");
        }
    }
}

#[test]
fn two_workers_share_but_do_not_mask() {
    let states = states(2);
    let report = lab(&states, &json!({ "kind": "shares" })).run();
    is_average_of(report.result(MODELLER), &[&states[0], &states[1]], &[1, 1]);
}

#[test]
fn weights_are_given_or_counted() {
    let (states, weights) = (states(4), [1_u64, 7, 1_000, 20]);
    for arguments in settings() {
        let given = with(&arguments, &json!({ "weights": "given", "max_weight": 1_000 }));
        let mut lab_given = lab(&states, &given);
        for (worker, weight) in weights.iter().enumerate() {
            let own = json!({ "state": states[worker], "weight": weight });
            lab_given.arguments_of(worker + 1, with(&given, &own));
        }
        let counted = with(&arguments, &json!({ "weights": "rows", "max_weight": 1_000 }));
        let mut lab_counted = lab(&states, &counted);
        for (worker, weight) in weights.iter().enumerate() {
            let rows = (0..*weight).map(|row| row as i64);
            lab_counted.dataset(worker + 1, "records", &Rows::new().int64("x", rows));
        }
        for mut lab in [lab_given, lab_counted] {
            is_average_of(lab.run().result(MODELLER), &states.iter().collect::<Vec<_>>(), &weights);
        }
    }
}

#[test]
fn state_dictionaries_may_be_rows() {
    for arguments in settings() {
        let mut lab = lab(&states(3), &arguments);
        for worker in 1..=3 {
            let values = [1.0, 2.0, 4.0].map(|value| value * worker as f64 / 4.0);
            let rows = Rows::new().utf8("tensor", ["w", "b", "w"]).float64("value", values);
            lab.arguments_of(worker, with(&arguments, &json!({}))).dataset(worker, "state", &rows);
        }
        let report = lab.run();
        let average = &report.result(MODELLER)["average"];
        let expected = json!({ "b": [1.0], "w": [0.5, 2.0] });
        for (value, expected) in values(average).iter().zip(values(&expected)) {
            assert!((value - expected).abs() < 3e-4, "{average}");
        }
        assert_eq!(average["w"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn extreme_values_are_averaged() {
    let largest = |sign: f64| json!({ "x": [8.0 * sign, -8.0 * sign, 0.0, -0.0, 1e-300] });
    for arguments in settings() {
        for bits in [2, 16, 32] {
            let arguments = with(&arguments, &json!({ "bits": bits }));
            let report = lab(&[largest(1.0), largest(1.0), largest(1.0)], &arguments).run();
            let average = values(&report.result(MODELLER)["average"]);
            assert_eq!(average, [8.0, -8.0, 0.0, 0.0, 0.0]);
            let report = lab(&[largest(1.0), largest(-1.0), largest(0.0)], &arguments).run();
            assert_eq!(values(&report.result(MODELLER)["average"]), [0.0; 5]);
        }
    }
}

#[test]
fn the_widest_sum_there_is_does_not_wrap() {
    // 4 workers, 2^32 - 2 levels, and weights of 2^30: just below 2^64. Of shares, below 2^61.
    for (kind, weight) in [("masks", 1_u64 << 30), ("shares", 1 << 26)] {
        let arguments =
            json!({ "kind": kind, "bits": 32, "weights": "given", "max_weight": weight });
        let states = vec![json!({ "x": [8.0, -8.0, 3.0] }); 4];
        let mut lab = lab(&states, &arguments);
        for (worker, state) in states.iter().enumerate() {
            lab.arguments_of(
                worker + 1,
                with(&arguments, &json!({ "state": state, "weight": weight })),
            );
        }
        let report = lab.run();
        is_average_of(report.result(MODELLER), &states.iter().collect::<Vec<_>>(), &[weight; 4]);
    }
}

#[test]
fn larger_values_are_clipped_if_asked_for() {
    let states = [json!({ "x": [9.0] }), json!({ "x": [-1e300] }), json!({ "x": [5.0] })];
    let report = lab(&states, &json!({ "larger": "clip" })).run();
    let clipped = [json!([8.0]), json!([-8.0]), json!([5.0])];
    is_average_of(report.result(MODELLER), &clipped.iter().collect::<Vec<_>>(), &[1; 3]);
}

#[test]
fn the_same_seed_gives_the_same_messages_and_another_one_others() {
    for arguments in settings() {
        let masked = |seed| {
            let report = lab(&[state(0), state(1), state(2)], &arguments).seed(seed).run();
            let sent =
                report.trace().iter().filter(|sent| ["masked", "final"].contains(&&*sent.topic));
            sent.map(|sent| sent.body.clone()).collect::<Vec<_>>()
        };
        assert_eq!(masked(1), masked(1));
        assert!(masked(1).iter().zip(masked(2)).all(|(one, other)| *one != other));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn random_state_dictionaries_are_averaged(
        values in prop::collection::vec(prop::collection::vec(-8.0..=8.0, 9), 3..7),
        weights in prop::collection::vec(1_u64..500, 7),
        bits in 2_u32..=32,
        setting in 0_usize..3,
    ) {
        let more = json!({ "bits": bits, "weights": "given", "max_weight": 500 });
        let arguments = with(&settings()[setting], &more);
        let states: Vec<_> = values.iter().map(|values| json!({ "x": values })).collect();
        let mut lab = lab(&states, &arguments);
        for (worker, state) in states.iter().enumerate() {
            let own = json!({ "state": state, "weight": weights[worker] });
            lab.arguments_of(worker + 1, with(&arguments, &own));
        }
        let states: Vec<_> = states.iter().collect();
        is_average_of(lab.run().result(MODELLER), &states, &weights[..states.len()]);
    }
}
