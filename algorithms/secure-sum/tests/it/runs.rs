//! Two tasks of one run: one masks, the other unmasks.

use anchorhold_sdk::lab::Lab;
use serde_json::{Value, json};

use crate::oracle::lab_of;

fn arguments(phase: &str) -> Value {
    let columns = json!([{ "name": "x", "minimum": 0, "maximum": 9 }]);
    json!({ "columns": columns, "phase": phase })
}

fn lab() -> Lab {
    lab_of(&[&[1, 2][..], &[3], &[4, 5, 6]])
}

#[test]
fn a_total_is_masked_in_one_task_and_unmasked_in_the_next() {
    let mut lab = lab();
    let whole = lab.arguments(arguments("whole")).run().common_result().clone();

    let masked = lab.arguments(arguments("mask")).run();
    assert_eq!(masked.common_result(), &json!({ "parties": 3 }));
    assert_eq!(masked.traffic().messages, 3);
    assert_eq!([0, 1, 2].map(|seat| lab.stored(seat).len()), [2, 0, 0]);

    let unmasked = lab.arguments(arguments("unmask")).run();
    assert_eq!(unmasked.common_result(), &whole);
    assert_eq!(unmasked.traffic().messages, 2);
    assert!(lab.stored(0).is_empty(), "neither the mask nor the masked total remains");
}

#[test]
fn nothing_is_unmasked_twice_or_without_a_mask() {
    let mut lab = lab();
    let reason = "there is no mask of these arguments in this run";
    let report = lab.arguments(arguments("unmask")).run();
    assert!(report.failure(0).to_string().starts_with(reason));
    assert_eq!(report.traffic().messages, 0);

    lab.arguments(arguments("mask")).run().common_result();
    lab.arguments(arguments("unmask")).run().common_result();
    assert!(lab.run().failure(0).to_string().starts_with(reason));
}

#[test]
fn a_mask_is_for_the_arguments_that_it_was_made_with() {
    let mut lab = lab();
    lab.arguments(arguments("mask")).run().common_result();
    let others = json!({ "max_rows": 7, "phase": "unmask" });
    let report = lab.arguments(others).run();
    assert!(report.failure(0).to_string().starts_with("there is no mask of these arguments"));
    assert_eq!(lab.arguments(arguments("unmask")).run().common_result()["rows"], 6);
}

#[test]
fn a_first_task_that_fails_is_repeated_with_another_mask() {
    let mut lab = lab();
    lab.arguments(arguments("mask"));
    let failed = lab.drop_message(2, 0, 0).run();
    assert!(lab.stored(0).is_empty());
    let repeated = lab.run();
    assert_ne!(failed.trace()[0].body, repeated.trace()[0].body);
    assert_eq!(lab.arguments(arguments("unmask")).run().common_result()["rows"], 6);
}
