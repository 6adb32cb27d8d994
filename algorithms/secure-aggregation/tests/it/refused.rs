//! What is refused: all parties are told who and why, in the same words, before anything else leaves.

use anchorhold_sdk::lab::Rows;
use serde_json::{Value, json};

use crate::{lab, settings, states, with};

/// Gives the second of four workers these arguments of its own, in each kind.
fn second(arguments: &Value, own: &Value, expected: &str) {
    for setting in settings() {
        let arguments = with(&setting, arguments);
        let mut lab = lab(&states(4), &arguments);
        lab.arguments_of(2, with(&arguments, own));
        assert_eq!(lab.run().refusal(), expected);
    }
}

fn second_state(state: Value, expected: &str) {
    let expected = format!("worker-2 does not take part: {expected}");
    second(&json!({}), &json!({ "state": state }), &expected);
}

#[test]
fn bad_arguments_are_told_to_all() {
    let large = "the sum of 4 workers' values of 32 bits with weights of at most";
    let smaller = "can be too large: declare fewer bits or smaller weights";
    let given = |weight: u64| json!({ "weights": "given", "max_weight": weight, "bits": 32 });
    let shares = |more: Value| with(&more, &json!({ "kind": "shares" }));
    let active = |more: Value| with(&more, &json!({ "active": true }));
    let masks_only = "\"active\", \"threshold\" and \"corrupt\" are for the kind \"masks\"";
    let bad = [
        (json!({ "bits": 1 }), "\"bits\" must be from 2 to 32, not 1".to_owned()),
        (json!({ "bits": 33 }), "\"bits\" must be from 2 to 32, not 33".to_owned()),
        (json!({ "clip": 0.0 }), "\"clip\" must be positive and not too small".to_owned()),
        (json!({ "clip": -1.0 }), "\"clip\" must be positive and not too small".to_owned()),
        (json!({ "clip": 1e-305 }), "\"clip\" must be positive and not too small".to_owned()),
        (json!({ "max_weight": 3 }), "\"max_weight\" is for weights that are not equal".to_owned()),
        (
            json!({ "weights": "given" }),
            "weights that are not equal need a \"max_weight\" of at least 1".to_owned(),
        ),
        (
            json!({ "weights": "rows", "max_weight": 0 }),
            "weights that are not equal need a \"max_weight\" of at least 1".to_owned(),
        ),
        (given(1 << 31), format!("{large} 2147483648 {smaller}")),
        (given(u64::MAX), format!("{large} 18446744073709551615 {smaller}")),
        (shares(given(1 << 28)), format!("{large} 268435456 {smaller}")),
        (
            json!({ "threshold": 2 }),
            "\"threshold\" must be from 3 to 4, the number of workers, not 2".to_owned(),
        ),
        (
            json!({ "threshold": 5 }),
            "\"threshold\" must be from 3 to 4, the number of workers, not 5".to_owned(),
        ),
        (
            json!({ "threshold": 3, "corrupt": 2 }),
            "a \"threshold\" of 3 must be larger by 2 than \"corrupt\", 2".to_owned(),
        ),
        (
            json!({ "corrupt": usize::MAX }),
            "a \"threshold\" of 3 must be larger by 2 than \"corrupt\", 18446744073709551615"
                .to_owned(),
        ),
        (
            active(json!({ "threshold": 3, "corrupt": 2 })),
            "a \"threshold\" of 3 must be larger by 2 than \"corrupt\", 2".to_owned(),
        ),
        (shares(json!({ "threshold": 3 })), masks_only.to_owned()),
        (shares(json!({ "corrupt": 0 })), masks_only.to_owned()),
        (shares(json!({ "active": true })), masks_only.to_owned()),
    ];
    for (arguments, why) in bad {
        assert_eq!(
            lab(&states(4), &arguments).run().refusal(),
            format!("modeller does not take part: {why}"),
        );
    }
}

#[test]
fn comparing_needs_a_threshold_above_half_of_all_and_the_corrupt() {
    // Of seven with three corrupt ones, 2t > 10.
    let arguments = |threshold| json!({ "active": true, "corrupt": 3, "threshold": threshold });
    let expected = "modeller does not take part: with \"active\", twice the \"threshold\" of 5 must be \
                    more than 7 workers and 3 corrupt ones";
    assert_eq!(lab(&states(7), &arguments(5)).run().refusal(), expected);
    assert!(lab(&states(7), &arguments(6)).run().outcomes().iter().all(Result::is_ok));
}

#[test]
fn too_few_workers_are_refused() {
    let masks = "modeller does not take part: the kind \"masks\" takes at least 3 workers, not 2";
    let shares = "modeller does not take part: the kind \"shares\" takes at least 2 workers, not 1";
    for arguments in [json!({}), json!({ "active": true })] {
        assert_eq!(lab(&states(2), &arguments).run().refusal(), masks);
    }
    assert_eq!(lab(&states(1), &json!({ "kind": "shares" })).run().refusal(), shares);
}

#[test]
fn there_is_one_modeller() {
    for arguments in settings() {
        let mut lab = lab(&states(3), &arguments);
        lab.party("another", "modeller").arguments_of(4, with(&arguments, &json!({})));
        let why = "there must be exactly one party in the role \"modeller\"";
        assert_eq!(lab.run().refusal(), format!("modeller does not take part: {why}"));
    }
}

#[test]
fn arguments_that_differ_are_told_to_all() {
    for own in [json!({ "clip": 7.0 }), json!({ "bits": 17 }), json!({ "larger": "clip" })] {
        let own = with(&own, &json!({ "state": states(1)[0] }));
        second(&json!({}), &own, "worker-2 was given other arguments than modeller");
    }
}

#[test]
fn the_modeller_has_no_state() {
    for setting in settings() {
        let mut lab = lab(&states(3), &setting);
        lab.arguments_of(0, with(&setting, &json!({ "state": { "x": 1 } })));
        let why = "\"state\" and \"weight\" are for workers";
        assert_eq!(lab.run().refusal(), format!("modeller does not take part: {why}"));
    }
}

#[test]
fn tensors_that_are_not_the_same_are_named() {
    let differs = |tensor: &str| {
        format!(
            "the tensor {tensor:?} is not in the state dictionaries of both worker-1 and worker-2, or \
             not of one shape"
        )
    };
    let changed = |change: fn(&mut Value)| {
        let mut state = states(2)[1].clone();
        change(&mut state);
        json!({ "state": state })
    };
    let flat = changed(|state| state["layer.weight"] = json!([1, 2, 3, 4, 5, 6]));
    second(&json!({}), &flat, &differs("layer.weight"));
    let turned = changed(|state| state["layer.weight"] = json!([[1, 2], [3, 4], [5, 6]]));
    second(&json!({}), &turned, &differs("layer.weight"));
    let more = changed(|state| state["another"] = json!([]));
    second(&json!({}), &more, &differs("another"));
    let fewer = changed(|state| drop(state.as_object_mut().unwrap().remove("scale")));
    second(&json!({}), &fewer, &differs("scale"));
}

#[test]
fn bad_state_dictionaries_are_told_to_all() {
    second(
        &json!({}),
        &json!({}),
        "worker-2 does not take part: there is neither an argument nor a dataset \"state\"",
    );
    second_state(json!({}), "the state dictionary has no values");
    second_state(json!({ "x": [[], []] }), "the state dictionary has no values");
    let ragged = "is not of the shape that its first elements have";
    second_state(json!({ "x": [[1, 2], [3]] }), &format!("the tensor \"x\" at [1] {ragged}"));
    second_state(json!({ "x": [[1], 2] }), &format!("the tensor \"x\" at [1] {ragged}"));
    second_state(json!({ "x": [1, [2]] }), &format!("the tensor \"x\" at [1] {ragged}"));
    second_state(json!({ "x": [[1, null]] }), "the tensor \"x\" at [0, 1] is no number");
    second_state(json!({ "x": "NaN" }), "the tensor \"x\" at [] is no number");
    second_state(json!({ "x": [[1], "NaN"] }), "the tensor \"x\" at [1] is no number");
    let deep = (0..9).fold(json!(1), |inner, _| json!([inner]));
    second_state(json!({ "x": deep }), "the tensor \"x\" has more than 8 dimensions");
    let larger = "the tensor \"y\" at [1, 0] is larger than \"clip\" allows";
    second_state(json!({ "x": [8, -8], "y": [[1], [8.000001]] }), larger);
    second_state(json!({ "x": [8, -8], "y": [[1], [-1e300]] }), larger);
}

#[test]
fn bad_rows_are_told_to_all() {
    let bad = |rows: Rows, why: &str| {
        for setting in settings() {
            let mut lab = lab(&states(3), &setting);
            lab.arguments_of(2, with(&setting, &json!({}))).dataset(2, "state", &rows);
            assert_eq!(lab.run().refusal(), format!("worker-2 does not take part: {why}"));
        }
    };
    let rows = |name: [Option<&'static str>; 2], value: [Option<f64>; 2]| {
        Rows::new().utf8("tensor", name).float64("value", value)
    };
    let name = [Some("x"), Some("x")];
    let finite = "the tensor \"x\" at [1] is not finite";
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        bad(rows(name, [Some(1.0), Some(number)]), finite);
    }
    let null = |column: &str| {
        format!("the column {column:?} of the dataset \"state\" has a null in row 1")
    };
    bad(rows(name, [Some(1.0), None]), &null("value"));
    bad(rows([Some("x"), None], [Some(1.0), Some(1.0)]), &null("tensor"));
    let none: [&str; 0] = [];
    let nothing = Rows::new().utf8("tensor", none).float64("value", [0.0; 0]);
    bad(nothing, "the state dictionary has no values");
}

#[test]
fn a_state_dictionary_is_given_once() {
    let mut lab = lab(&states(3), &json!({}));
    lab.dataset(2, "state", &Rows::new().utf8("tensor", ["x"]).float64("value", [1.0]));
    let why = "there are both an argument and a dataset \"state\": one is enough";
    assert_eq!(lab.run().refusal(), format!("worker-2 does not take part: {why}"));
}

#[test]
fn a_number_that_is_none_does_not_come_in() {
    for text in ["NaN", "Infinity", "1e999"] {
        let mut lab = lab(&states(3), &json!({ "larger": "clip" }));
        lab.argument_bytes(2, format!("{{\"clip\":8,\"state\":{{\"x\":[{text}]}}}}").as_bytes());
        let report = lab.run();
        let sentence = report.failure(2).to_string();
        assert!(sentence.starts_with("the arguments are malformed"), "{sentence}");
    }
}

#[test]
fn bad_weights_are_told_to_all() {
    let who = "worker-2 does not take part: ";
    let own = |weight: Value| with(&json!({ "state": states(1)[0] }), &json!({ "weight": weight }));
    // Others have none either, but the first that lacks it is named.
    let given = json!({ "weights": "given", "max_weight": 100 });
    for setting in settings() {
        let arguments = with(&setting, &given);
        for (weight, why) in [
            (json!(0), "the argument \"weight\" is 0"),
            (json!(101), "the argument \"weight\" is more than \"max_weight\" allows, 100"),
            (json!(null), "the argument \"weight\" is missing"),
        ] {
            let mut lab = lab(&states(3), &arguments);
            for worker in 1..=3 {
                let weight = if worker == 2 { weight.clone() } else { json!(100) };
                lab.arguments_of(worker, with(&arguments, &own(weight)));
            }
            assert_eq!(lab.run().refusal(), format!("{who}{why}"));
        }
    }
    let equal = format!("{who}\"weight\" is for weights that are given");
    second(&json!({}), &own(json!(1)), &equal);
    for (rows, why) in [
        (0, "the number of rows of \"records\" is 0"),
        (4, "the number of rows of \"records\" is more than \"max_weight\" allows, 3"),
    ] {
        let mut lab = lab(&states(3), &json!({ "weights": "rows", "max_weight": 3 }));
        for worker in 1..=3 {
            let rows = if worker == 2 { rows } else { 1 };
            lab.dataset(worker, "records", &Rows::new().int64("x", 0..rows));
        }
        assert_eq!(lab.run().refusal(), format!("{who}{why}"));
    }
}
