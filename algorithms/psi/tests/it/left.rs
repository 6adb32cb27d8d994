//! A party that never comes, or leaves at any step: the other is told, or has its result already.

use anchorhold_sdk::lab::{Failure, Lab, Rows};
use serde_json::{Value, json};

use crate::{KINDS, MODELLER, POD, lab_of, sum, text};

fn prepared(arguments: &Value) -> Lab {
    let theirs = Rows::new().utf8("key", ["b", "c", "d"]).int64("value", [1, 2, 3]);
    lab_of(&text(&["a", "b", "c"]), &theirs, arguments)
}

fn settings() -> impl Iterator<Item = Value> {
    let linked = KINDS.map(|kind| json!({ "kind": kind, "link": true }));
    linked.into_iter().chain([json!({ "output": "count" }), sum(0, 9, 0, 1), json!({})])
}

#[test]
fn nobody_waits_for_a_party_that_never_comes() {
    for arguments in settings() {
        for (absent, other) in [(MODELLER, POD), (POD, MODELLER)] {
            let report = prepared(&arguments).absent(absent).run();
            let error = report.error(other);
            assert!(error.contains(&format!("seat {absent}")), "{error}");
            assert!(report.only_agreed(), "nothing left");
        }
    }
}

#[test]
fn a_party_that_leaves_at_any_step_leads_to_an_error_at_who_needed_it() {
    for arguments in settings() {
        let honest = prepared(&arguments).run();
        for (left, other) in [(MODELLER, POD), (POD, MODELLER)] {
            let steps = honest.trace().iter().filter(|sent| sent.from == left).count();
            for step in 0..steps {
                let mut lab = prepared(&arguments);
                let report = lab.drop_message(left, other, step).run();
                let sentence = report.error(other);
                assert!(
                    sentence.ends_with(&format!("seat {left} any more: it is lost")),
                    "{sentence}"
                );
                assert!(
                    lab.stored(other).is_empty(),
                    "{arguments} {left} {step}: nothing is linked"
                );
                match &report.outcomes()[left] {
                    Ok(result) => assert_eq!(result, honest.result(left)),
                    Err(Failure::Returned(_)) => {}
                    Err(failure) => panic!("{failure}"),
                }
            }
        }
    }
}
