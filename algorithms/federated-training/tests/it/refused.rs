//! What is refused: all parties are told who and why, in the same words, before anything else leaves.

use anchorhold_sdk::lab::Rows;
use serde_json::{Value, json};

use crate::{COORDINATOR, lab_of, names, small, small_arguments, small_lab, small_rows, table};

/// Gives the second of three organizations these rows.
fn second(rows: &Rows, more: &Value, expected: &str) {
    let mut lab = small_lab(3, more);
    lab.dataset(2, "records", rows);
    assert_eq!(lab.run().refusal(), format!("organization-2 does not take part: {expected}"));
}

fn rows(column: &str, values: [Option<f64>; 6]) -> Rows {
    ["x0", "x1", "x2", "class"].iter().fold(Rows::new(), |rows, name| match *name == column {
        true => rows.float64(name, values),
        false => rows.float64(name, [0.0; 6]),
    })
}

#[test]
fn bad_arguments_are_told_to_all() {
    let column = |name: &str, minimum: f64, maximum: f64| json!([{ "name": name, "minimum": minimum, "maximum": maximum }]);
    let range = |name: &str, least: u64, most: u64, not: u64| {
        format!("\"{name}\" must be from {least} to {most}, not {not}")
    };
    let perceptron =
        "a perceptron needs \"hidden\" from 1 to 4096, and \"classes\" from 2 to 1000".to_owned();
    let logistic = "\"hidden\" and \"classes\" are for perceptrons".to_owned();
    let of = |hidden: usize, classes: usize| json!({ "model": "perceptron", "hidden": hidden, "classes": classes });
    let bad = [
        (json!({ "hidden": 3 }), logistic.clone()),
        (json!({ "classes": 2 }), logistic),
        (json!({ "model": "perceptron" }), perceptron.clone()),
        (of(0, 2), perceptron.clone()),
        (of(3, 1), perceptron.clone()),
        (of(3, 1_001), perceptron.clone()),
        (of(usize::MAX, 2), perceptron),
        (of(4_096, 1_000), "the model has more than 1000000 parameters".to_owned()),
        (json!({ "rounds": 0 }), range("rounds", 1, 10_000, 0)),
        (json!({ "epochs": 0 }), range("epochs", 1, 1_000, 0)),
        (json!({ "epochs": 1_001 }), range("epochs", 1, 1_000, 1_001)),
        (json!({ "batch": 0 }), range("batch", 1, 1_048_576, 0)),
        (json!({ "max_rows": 0 }), range("max_rows", 1, 1_048_576, 0)),
        (json!({ "bits": 7 }), range("bits", 8, 32, 7)),
        (json!({ "bits": 33 }), range("bits", 8, 32, 33)),
        (json!({ "retries": 101 }), range("retries", 0, 100, 101)),
        (json!({ "round_seconds": 0 }), range("round_seconds", 1, 86_400, 0)),
        (json!({ "patience": 0 }), range("patience", 1, 10_000, 0)),
        (
            json!({ "patience": 1, "validation": 0 }),
            "\"patience\" needs rows for \"validation\"".to_owned(),
        ),
        (json!({ "learning_rate": 0 }), "\"learning_rate\" must be positive".to_owned()),
        (json!({ "learning_rate": -1 }), "\"learning_rate\" must be positive".to_owned()),
        (json!({ "row_clip": 0 }), "\"row_clip\" must be positive".to_owned()),
        (json!({ "validation": 0.51 }), "\"validation\" must be from 0 to 0.5".to_owned()),
        (json!({ "validation": -0.1 }), "\"validation\" must be from 0 to 0.5".to_owned()),
        (json!({ "clip": 0 }), "\"clip\" must be positive and not too small".to_owned()),
        (json!({ "features": [] }), "there must be at least one feature".to_owned()),
        (
            json!({ "features": column("class", 0.0, 1.0) }),
            "the column \"class\" is named twice".to_owned(),
        ),
        (
            json!({ "features": column("x{0..5000}", 0.0, 1.0) }),
            "the features are more than 4096 columns".to_owned(),
        ),
        (
            json!({ "features": column("x0", 1.0, 1.0) }),
            "the column \"x0\" must have bounds of which the maximum is above the minimum, not 1 and 1"
                .to_owned(),
        ),
        (
            json!({ "bits": 32, "max_rows": 1 << 20 , "rounds": 1 }),
            String::new(),
        ),
        (
            json!({ "threshold": 4 }),
            "\"threshold\" must be from 3 to 3, the number of organizations, not 4".to_owned(),
        ),
        (
            json!({ "corrupt": 2 }),
            "a \"threshold\" of 3 must be larger by 2 than \"corrupt\", 2".to_owned(),
        ),
        (
            json!({ "rounds": 9_999 }),
            "9999 rounds of 3 organizations with 4 parameters are more messages or bytes than a party may \
             send: declare fewer rounds"
                .to_owned(),
        ),
    ];
    for (more, why) in bad {
        let mut lab = small_lab(3, &more);
        match why.is_empty() {
            // The widest sum that there is of three.
            true => assert!(lab.run().outcomes().iter().all(Result::is_ok)),
            false => {
                assert_eq!(lab.run().refusal(), format!("coordinator does not take part: {why}"))
            }
        }
    }
}

#[test]
fn a_sum_that_could_overflow_is_refused() {
    // Of 4097 organizations 2^32 times 2^20 would be too large; no task has so many.
    let more = json!({ "bits": 32, "max_rows": 1 << 20, "rounds": 1 });
    assert!(small_lab(5, &more).run().outcomes().iter().all(Result::is_ok));
}

#[test]
fn there_are_three_organizations_and_one_coordinator() {
    let expected = "coordinator does not take part: training takes at least 3 organizations, not 2: of two, \
                    each could subtract its own update from the sum";
    assert_eq!(small_lab(2, &json!({})).run().refusal(), expected);
    let mut lab = small_lab(3, &json!({}));
    lab.party("another", "coordinator").arguments_of(4, small_arguments(&json!({})));
    let expected = "coordinator does not take part: there must be exactly one party in the role \
                    \"coordinator\"";
    assert_eq!(lab.run().refusal(), expected);
}

#[test]
fn arguments_that_differ_are_told_to_all() {
    for more in [json!({ "clip": 5 }), json!({ "rounds": 4 }), json!({ "learning_rate": 0.5 })] {
        let mut lab = small_lab(3, &json!({}));
        lab.arguments_of(2, small_arguments(&more));
        assert_eq!(
            lab.run().refusal(),
            "organization-2 was given other arguments than coordinator",
        );
    }
}

#[test]
fn bad_rows_are_told_to_all() {
    let good = Some(0.0);
    let with = |value: Option<f64>| [good, good, value, good, good, good];
    let outside = |name: &str, bounds: &str| {
        format!(
            "the column {name:?} of the dataset \"records\": a value is outside the declared bounds {bounds}"
        )
    };
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 4.000_001, -1e300] {
        second(&rows("x1", with(Some(value))), &json!({}), &outside("x1", "-4 to 4"));
        second(&rows("class", with(Some(value))), &json!({}), &outside("class", "0 to 1"));
    }
    second(&rows("class", with(Some(2.0))), &json!({}), &outside("class", "0 to 1"));
    second(&rows("class", with(Some(-1.0))), &json!({}), &outside("class", "0 to 1"));
    let fraction = "the column \"class\" of the dataset \"records\": a value is no whole number";
    second(&rows("class", with(Some(0.5))), &json!({}), fraction);
    let more = json!({ "model": "perceptron", "hidden": 2, "classes": 10 });
    second(&rows("class", with(Some(10.0))), &more, &outside("class", "0 to 9"));
    for name in ["x2", "class"] {
        let null = format!("the column {name:?} of the dataset \"records\" has a null in row 2");
        second(&rows(name, with(None)), &json!({}), &null);
    }
}

#[test]
fn other_columns_and_too_few_or_many_rows_are_told_to_all() {
    let lacks = "the dataset \"records\" has no column \"x2\", but [\"class\", \"x0\", \"x1\"]";
    let fewer = Rows::new().float64("x0", [0.0; 6]).float64("x1", [0.0; 6]).int64("class", [0; 6]);
    second(&fewer, &json!({}), lacks);
    let few = "the dataset \"records\" has fewer rows to use than \"min_party_rows\" asks for, 5";
    second(&table(&small(4, 1), &names(3)), &json!({}), few);
    let none = "the dataset \"records\" has fewer rows to use than \"min_party_rows\" asks for, 1";
    second(&table(&[], &names(3)), &json!({ "min_party_rows": 0 }), none);
    let many = "the dataset \"records\" has more rows than \"max_rows\" allows, 20";
    second(&table(&small(21, 1), &names(3)), &json!({ "max_rows": 20 }), many);
    let text = Rows::new()
        .utf8("x0", ["a"; 6])
        .float64("x1", [0.0; 6])
        .float64("x2", [0.0; 6])
        .int64("class", [0; 6]);
    let mut lab = small_lab(3, &json!({}));
    let report = lab.dataset(2, "records", &text).run();
    let start = "organization-2 does not take part: the column \"x0\" of the dataset \"records\" is not of numbers";
    assert!(report.failure(1).to_string().starts_with(start));
}

#[test]
fn rows_that_lack_a_value_may_be_left_out() {
    let good = Some(1.0);
    let omitted = rows("x1", [good, None, good, good, good, good]);
    let arguments = json!({ "nulls": "omit", "validation": 0, "rounds": 1 });
    let parts = [small_rows(0), Vec::new(), small_rows(2)];
    let mut lab = lab_of(&parts, &names(3), &small_arguments(&arguments));
    let report = lab.dataset(2, "records", &omitted).run();
    let rows = small_rows(0).len() + 5 + small_rows(2).len();
    assert_eq!(report.result(COORDINATOR)["history"][1]["rows"], rows);
}
