//! A party that does not follow the protocol: each of its messages in turn is changed, lost, or replaced by
//! one that it sent before.

use anchorhold_sdk::lab::{Deviation, Failure, Report};
use serde_json::{Value, json};

use crate::{COORDINATOR, each_round_is_right, small_lab};

const ORGANIZATIONS: usize = 4;

/// Says whether the model may be wrong when a message of this topic is.
fn may_mislead(topic: &str, from: usize) -> bool {
    match topic {
        // An organization that gives another update, or tells some another public key.
        "masked" | "keys" => true,
        // The coordinator's own lie.
        "came" | "included" | "survivors" => from == COORDINATOR,
        _ => false,
    }
}

fn settings() -> [Value; 2] {
    [false, true].map(|active| {
        json!({ "validation": 0, "rounds": 2, "active": active, "round_seconds": 10, "retries": 1 })
    })
}

/// Checks that all have a result or an error of their own, and the coordinator a model that is right.
fn is_right_or_error(report: &Report, topic: &str, from: usize, what: &str) {
    for outcome in report.outcomes() {
        assert!(matches!(outcome, Ok(_) | Err(Failure::Returned(_))), "{what}: {outcome:?}");
    }
    if report.outcomes()[COORDINATOR].is_ok() && !may_mislead(topic, from) {
        for round in each_round_is_right(report, what) {
            assert!(round.len() >= 3, "{what}");
        }
    }
}

#[test]
fn a_changed_message_is_an_error_or_changes_nothing_but_as_the_readme_says() {
    let (mut tried, mut noticed) = (0, 0);
    for arguments in settings() {
        let honest = small_lab(ORGANIZATIONS, &arguments).run();
        for (from, to) in [(COORDINATOR, 2), (1, COORDINATOR), (1, 2), (3, 1)] {
            for (index, topic) in honest.topics(from, to).into_iter().enumerate() {
                for deviation in Deviation::ALL {
                    let what = format!("{arguments} {topic} {from} {to} {deviation:?}");
                    let mut lab = small_lab(ORGANIZATIONS, &arguments);
                    let report = lab.deviate(from, to, index, deviation).run();
                    is_right_or_error(&report, topic, from, &what);
                    tried += 1;
                    let ended = report.outcomes().iter().any(Result::is_err);
                    let stopped = report.outcomes()[COORDINATOR]
                        .as_ref()
                        .is_ok_and(|result| result["stopped"] != "all rounds are done");
                    // Who sends what is none is named by who receives it.
                    if matches!(deviation, Deviation::Emptied | Deviation::Extended) {
                        assert!(ended || stopped, "{what}");
                    }
                    noticed += usize::from(ended || stopped);
                }
            }
        }
    }
    // Others are messages of another round, or of other values where any are possible.
    assert!(tried > 400 && noticed * 2 > tried, "{noticed} of {tried}");
}

#[test]
fn a_message_that_is_repeated_in_the_place_of_another_is_no_other() {
    for arguments in settings() {
        let honest = small_lab(ORGANIZATIONS, &arguments).run();
        for (from, to) in [(COORDINATOR, 2), (1, COORDINATOR), (1, 2)] {
            let sent: Vec<_> =
                honest.trace().iter().filter(|sent| (sent.from, sent.to) == (from, to)).collect();
            for index in 1..sent.len() {
                for before in 0..index {
                    let body_before = sent[before].body.clone();
                    let mut lab = small_lab(ORGANIZATIONS, &arguments);
                    lab.corrupt_message(from, to, index, move |body| body.clone_from(&body_before));
                    let topic = &sent[index].topic;
                    let what = format!("{arguments} {from} {to} {topic} {before}");
                    is_right_or_error(&lab.run(), topic, from, &what);
                }
            }
        }
    }
}

#[test]
fn a_model_that_cannot_be_is_refused() {
    let arguments = &settings()[0];
    let changes: [fn(&mut Vec<u8>); 5] = [
        // The first and the last parameter: no number; infinite.
        |body| {
            let at = body.len() - 32;
            body[at..at + 8].copy_from_slice(&f64::NAN.to_le_bytes());
        },
        |body| {
            let at = body.len() - 8;
            body[at..].copy_from_slice(&f64::INFINITY.to_le_bytes());
        },
        // One less.
        |body| {
            let at = body.len() - 33;
            body[at] -= 1;
            body.truncate(body.len() - 8);
        },
        // More rounds than there are; a sum that was before.
        |body| body[2] = 3,
        |body| body[1] = 1,
    ];
    for change in changes {
        let mut lab = small_lab(ORGANIZATIONS, arguments);
        lab.corrupt_message(COORDINATOR, 2, 5, change);
        let report = lab.run();
        let expected =
            "after round 1: seat 0 told a round that cannot be, or a model of another shape";
        assert_eq!(report.failure(2).to_string(), expected);
    }
}

#[test]
fn a_sum_that_cannot_be_is_refused() {
    for index in [3, 7] {
        let mut lab = small_lab(ORGANIZATIONS, &settings()[0]);
        // The masked vector: the last element, of how many rows are right, where none are kept.
        lab.corrupt_message(1, COORDINATOR, index, |body| {
            let last = body.len() - 2;
            body[last] ^= 64;
        });
        let report = lab.run();
        let sentence = match &report.outcomes()[COORDINATOR] {
            Ok(result) => result["stopped"].as_str().unwrap().to_owned(),
            Err(failure) => failure.to_string(),
        };
        let expected = "the sum is not possible within the declared bounds: an organization did not follow \
                        the protocol";
        assert!(sentence.ends_with(expected), "{sentence}");
    }
}

#[test]
fn a_learning_rate_that_is_too_large_is_said() {
    let more = json!({ "learning_rate": 1e300, "epochs": 4, "model": "perceptron", "hidden": 2, "classes": 2 });
    let report = small_lab(3, &more).run();
    let expected =
        "the update of round 1 is no number and left out: \"learning_rate\" is too large";
    for organization in 1..=3 {
        let log = report.log(organization);
        assert!(log.iter().any(|line| line.contains(expected)), "{log:?}");
        // It ends as the others do, whatever its rows are.
        report.result(organization);
    }
}
