//! What is refused, before anything is sent, and never with a value in the reason.

use anchorhold_sdk::lab::Rows;
use serde_json::{Value, json};

use crate::{arguments, lab_of};

fn refusal(rows: Rows, arguments: Value) -> String {
    let mut lab = lab_of(&[1, 2, 3]);
    let report = lab.arguments(arguments).dataset(0, "value", &rows).run();
    assert_eq!(report.traffic().messages, 0);
    report.failure(0).to_string()
}

#[test]
fn two_parties_are_refused_with_the_reason() {
    let report = lab_of(&[1, 2]).run();
    let text = report.failure(0).to_string();
    assert!(text.starts_with("a sum takes at least 3 parties, not 2"), "{text}");
    assert_eq!(report.traffic().messages, 0);
}

#[test]
fn a_dataset_has_one_row_with_one_value_within_the_bounds() {
    let column = "the column \"net_worth\" of the dataset \"value\"";
    let one = |value: Option<i64>| Rows::new().int64("net_worth", [value]);
    let several = Rows::new().int64("net_worth", [1, 2]);
    let none = Rows::new().int64("net_worth", [0_i64; 0]);
    let cases = [
        (several, "it must have exactly one row"),
        (none, "it must have exactly one row"),
        (one(None), "its value is null"),
        (one(Some(7_654_321)), "a value is outside the declared bounds -1000000 to 1000000"),
    ];
    for (rows, reason) in cases {
        assert_eq!(refusal(rows, arguments()), format!("{column}: {reason}"));
    }
    let text = refusal(Rows::new().utf8("net_worth", ["much"]), arguments());
    assert!(text.contains("is not of numbers: it is of type utf8"), "{text}");
    let text = refusal(Rows::new().int64("worth", [1]), arguments());
    assert!(text.contains("has no column \"net_worth\""), "{text}");
}

#[test]
fn arguments_without_sense_are_refused() {
    let change = |name: &str, value: Value| {
        let mut arguments = arguments();
        arguments[name] = value;
        refusal(Rows::new().int64("net_worth", [1]), arguments)
    };
    assert!(change("maximum", i64::MAX.into()).contains("can reach 2^63"));
    assert!(change("minimum", 2_000_000.into()).contains("is above the maximum"));
    assert!(change("decimals", 19.into()).contains("at most 18 are possible"));
    assert!(change("dataset", "value".into()).contains("unknown field `dataset`"));
    assert!(change("average", 1.into()).contains("unknown field `average`"));
    assert!(refusal(Rows::new().int64("net_worth", [1]), json!({})).contains("missing field"));
}

#[test]
fn parties_with_other_arguments_do_not_compute_together() {
    let mut lab = lab_of(&[1, 2, 3]);
    let mut others = arguments();
    others["share_position"] = true.into();
    let report = lab.arguments_of(1, others).run();
    let text = report.failure(1).to_string();
    assert!(text.starts_with("seat 0 computes with other arguments"), "{text}");
    assert!(report.outcomes().iter().all(Result::is_err));
}

#[test]
fn the_description_is_what_the_contract_wants() {
    let description = secure_average::describe();
    let schema: Value = serde_json::from_str(&description.arguments).expect("a JSON text");
    assert_eq!(description.name, "secure-average");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["column", "minimum", "maximum"]));
    assert_eq!(description.roles[0].min_parties, 3);
}
