//! Arguments and data that are refused, before anything is sent.

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

use crate::oracle::lab_of;

/// Returns why seat 0 refuses these arguments over the values 1, 2 and 3; nothing was sent.
fn refusal(arguments: Value) -> String {
    let mut lab = Lab::new(secure_sum::algorithm());
    lab.parties(3).arguments(arguments);
    let rows = Rows::new().int64("x", [1, 2, 3]).utf8("city", ["a", "b", "c"]);
    for seat in 0..3 {
        lab.dataset(seat, "patients", &rows);
    }
    let report = lab.run();
    assert_eq!(report.traffic().messages, 0);
    report.failure(0).to_string()
}

fn column(minimum: i64, maximum: i64, decimals: u32) -> Value {
    json!({ "name": "x", "minimum": minimum, "maximum": maximum, "decimals": decimals })
}

#[test]
fn two_parties_are_refused_with_the_reason() {
    let report = lab_of(&[&[1], &[2]]).arguments(json!({})).run();
    let reason = "a sum takes at least 3 parties, not 2: a party that subtracts its own value from \
                  the sum of two learns the other's";
    assert_eq!([0, 1].map(|seat| report.failure(seat).to_string()), [reason; 2]);
    assert_eq!(report.traffic().messages, 0);
}

#[test]
fn a_value_out_of_bounds_is_refused_by_column_and_bound_and_not_named() {
    for values in [[1, 2, 4321], [1, -4321, 2]] {
        let arguments = json!({ "columns": [column(0, 120, 0)] });
        let report = lab_of(&[&[1, 2, 3], &values, &[3, 4, 5]]).arguments(arguments).run();
        let reason = "the column \"x\" of the dataset \"patients\": a value is outside the declared \
                      bounds 0 to 120";
        assert_eq!(report.failure(1).to_string(), reason);
    }
}

#[test]
fn a_value_that_no_group_has_may_be_out_of_bounds() {
    let arguments = json!({
        "columns": [column(0, 120, 0)], "where": [{ "column": "x", "maximum": 120 }]
    });
    let report = lab_of(&[&[1], &[4321], &[3]]).arguments(arguments).run();
    assert_eq!(report.common_result()["columns"]["x"]["number"], 4);
}

#[test]
fn more_rows_than_declared_are_refused() {
    let report = lab_of(&[&[1][..], &[1, 2, 3], &[1]]).arguments(json!({ "max_rows": 2 })).run();
    let reason = "the dataset \"patients\" has more rows than \"max_rows\" allows, 2";
    assert_eq!(report.failure(1).to_string(), reason);
}

#[test]
fn sums_that_could_overflow_are_refused() {
    let overflow = refusal(json!({ "columns": [column(0, 1_000_000_000_000, 6)] }));
    let reason = "the column \"x\": a sum of 3000000 numbers of 0 to 1000000000000 with 6 decimals \
                  can reach 2^63: declare narrower bounds, fewer decimals or fewer rows";
    assert_eq!(overflow, reason);
    assert!(refusal(json!({ "max_rows": u64::MAX })).starts_with("\"max_rows\" is too large"));
    assert!(refusal(json!({ "max_rows": 1_u64 << 62 })).contains("can reach 2^63"));
    // One more than what is just possible, see `values_at_the_bounds_add_up_to_the_edge_of_the_ring`.
    let edge = json!({ "columns": [column(0, i64::MAX / 3 + 1, 0)], "max_rows": 1 });
    assert!(refusal(edge).contains("can reach 2^63"));
}

#[test]
fn arguments_without_sense_are_refused() {
    let cases = [
        (json!({ "columns": [column(1, 0, 0)] }), "the minimum 1 is above the maximum 0"),
        (json!({ "columns": [column(0, 1, 19)] }), "at most 18 are possible"),
        (json!({ "columns": [column(0, 1, 0), column(0, 2, 0)] }), "\"x\" is named twice"),
        (json!({ "groups": [{ "name": "g" }, { "name": "g" }] }), "group \"g\" is named twice"),
        (json!({ "where": [{ "column": "x" }] }), "must have either"),
        (json!({ "where": [{ "column": "x", "equals": 1, "minimum": 1 }] }), "must have either"),
        (
            json!({ "where": [{ "column": "x", "equals": "1" }] }),
            "does not suit its type, int64: it takes",
        ),
        (
            json!({ "where": [{ "column": "x", "minimum": 1.5 }] }),
            "does not suit its type, int64: it takes",
        ),
        (
            json!({ "where": [{ "column": "city", "minimum": 1 }] }),
            "does not suit its type, utf8: it takes equals with a text",
        ),
        (json!({ "where": [{ "column": "city", "equals": true }] }), "does not suit its type"),
        (json!({ "where": [{ "column": "y", "equals": 1 }] }), "has no column \"y\""),
        (json!({ "columns": [{ "name": "y", "minimum": 0, "maximum": 1 }] }), "no column \"y\""),
        (json!({ "dataset": "patients" }), "unknown field `dataset`"),
        (json!({ "column": [] }), "unknown field `column`"),
        (json!({ "phase": "half" }), "unknown variant `half`"),
    ];
    for (arguments, reason) in cases {
        let refusal = refusal(arguments.clone());
        assert!(refusal.contains(reason), "{arguments}: {refusal}");
    }
    let text = refusal(json!({ "columns": [{ "name": "city", "minimum": 0, "maximum": 1 }] }));
    assert!(text.contains("is not of numbers: it is of type utf8"), "{text}");
}

#[test]
fn parties_with_other_arguments_do_not_compute_together() {
    let with = |maximum: i64| json!({ "columns": [column(0, maximum, 0)] });
    let mut lab = lab_of(&[&[1], &[2], &[3]]);
    let report = lab.arguments(with(10)).arguments_of(2, with(11)).run();
    let reason = "seat 1 computes with other arguments";
    assert!(report.failure(2).to_string().starts_with(reason));
    assert!((0..2).all(|seat| report.outcomes()[seat].is_err()));
}

#[test]
fn the_description_is_what_the_contract_wants() {
    let description = secure_sum::describe();
    let schema: Value = serde_json::from_str(&description.arguments).expect("a JSON text");
    assert_eq!(description.name, "secure-sum");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema.get("required"), None, "the simplest case has no arguments");
    assert_eq!(description.roles[0].min_parties, 3);
}
