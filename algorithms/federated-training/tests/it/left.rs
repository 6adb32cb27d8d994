//! Organizations that leave, or are away and come back: each round is of those who stayed, if they are
//! enough.

use std::time::Duration;

use anchorhold_sdk::lab::{Failure, Lab};
use serde_json::{Value, json};

use crate::{COORDINATOR, each_round_is_right, small_lab};

const ORGANIZATIONS: usize = 5;

/// Places among an organization's messages to the coordinator: one to agree, and these in each sum.
const KEYS: usize = 1;
const RECEIVED: usize = 2;
const MASKED: usize = 3;
const SHARES: usize = 4;
const STEPS: [usize; 4] = [KEYS, RECEIVED, MASKED, SHARES];
/// In a later sum.
const A_SUM: usize = 4;

const PATIENCE: Duration = Duration::from_secs(10);

fn arguments(rounds: u32, more: &Value) -> Value {
    let mut whole = json!({ "validation": 0, "rounds": rounds, "round_seconds": 10 });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole
}

fn lab(rounds: u32, more: &Value) -> Lab {
    small_lab(ORGANIZATIONS, &arguments(rounds, more))
}

fn but(left: usize) -> Vec<usize> {
    (1..=ORGANIZATIONS).filter(|organization| *organization != left).collect()
}

const ALL: [usize; 5] = [1, 2, 3, 4, 5];

#[test]
fn an_organization_that_leaves_at_any_step_is_done_without() {
    for more in [json!({}), json!({ "active": true }), json!({ "round_seconds": null })] {
        for step in STEPS {
            let mut lab = lab(3, &more);
            lab.drop_message(2, COORDINATOR, A_SUM + step);
            let report = lab.run();
            let what = format!("{more} {step}");
            let second = if step == SHARES { ALL.to_vec() } else { but(2) };
            let expected = vec![ALL.to_vec(), second, but(2)];
            assert_eq!(each_round_is_right(&report, &what), expected, "{what}");
            assert_eq!(report.result(1), &json!({ "rounds": [1, 2, 3] }), "{what}");
        }
    }
}

#[test]
fn an_organization_that_never_comes_is_done_without() {
    let report = lab(2, &json!({})).absent(4).run();
    assert_eq!(each_round_is_right(&report, "absent"), [but(4), but(4)]);
}

#[test]
fn an_organization_that_does_not_answer_is_absent_from_the_round_and_comes_back() {
    for active in [false, true] {
        for step in STEPS {
            let mut lab = lab(10, &json!({ "active": active }));
            lab.delay_message(2, COORDINATOR, A_SUM + step, PATIENCE * 5);
            let report = lab.run();
            let what = format!("{active} {step}");
            let took_part = each_round_is_right(&report, &what);
            assert_eq!(took_part[0], ALL, "{what}");
            assert_eq!(took_part[1], if step == SHARES { ALL.to_vec() } else { but(2) }, "{what}");
            assert_eq!(took_part[2], but(2), "{what}");
            assert_eq!(took_part[9], ALL, "{what}");
            // What it was told fits what the coordinator says.
            let rounds: Vec<usize> =
                serde_json::from_value(report.result(2)["rounds"].clone()).unwrap();
            let is_in = |round: &usize| took_part[round - 1].contains(&2);
            assert_eq!(rounds, (1..=10).filter(is_in).collect::<Vec<_>>(), "{what}");
        }
    }
}

#[test]
fn an_organization_that_is_late_in_the_first_round_is_in_the_next_one() {
    for active in [false, true] {
        for step in STEPS {
            let mut lab = lab(3, &json!({ "active": active }));
            // As long as the coordinator waits for it in this step, and half as long in the next round.
            let wait = match step {
                RECEIVED => 3,
                SHARES if active => 2,
                _ => 1,
            };
            lab.delay_message(2, COORDINATOR, step, PATIENCE * wait + PATIENCE / 2);
            let report = lab.run();
            let what = format!("{active} {step}");
            // In each round the step is that of exactly those who are named.
            let first = if step == SHARES { ALL.to_vec() } else { but(2) };
            let expected = [first.clone(), ALL.to_vec(), ALL.to_vec()];
            assert_eq!(each_round_is_right(&report, &what), expected, "{what}");
            let rounds: &[u32] = if first.contains(&2) { &[1, 2, 3] } else { &[2, 3] };
            assert_eq!(report.result(2), &json!({ "rounds": rounds }), "{what}");
            assert_eq!(report.result(1), &json!({ "rounds": [1, 2, 3] }), "{what}");
            let said = "info: round 1 went without this organization";
            let is_said = report.log(2).iter().any(|line| line == said);
            assert_eq!(is_said, !first.contains(&2), "{what}: {:?}", report.log(2));
        }
    }
}

#[test]
fn an_organization_that_hears_late_takes_part_in_the_newest_round() {
    // The announcement of the second round, and all that follows.
    let mut lab = lab(16, &json!({}));
    lab.delay_message(COORDINATOR, 2, 5, PATIENCE * 8);
    let report = lab.run();
    let took_part = each_round_is_right(&report, "late");
    assert_eq!(took_part[1], but(2));
    assert_eq!(took_part[15], ALL);
    // It trained for few of those that it missed.
    let trained = report
        .trace()
        .iter()
        .filter(|sent| (sent.from, sent.to) == (2, COORDINATOR) && sent.topic == "keys");
    let away = took_part.iter().filter(|round| !round.contains(&2)).count();
    assert!(away >= 7 && trained.count() <= 16 - away + 1, "{away}");
}

#[test]
fn an_organization_that_is_away_at_the_end_is_told_of_it() {
    let mut lab = lab(3, &json!({}));
    lab.delay_message(COORDINATOR, 2, 5, PATIENCE * 100);
    let report = lab.run();
    assert_eq!(each_round_is_right(&report, "away"), [ALL.to_vec(), but(2), but(2)]);
    assert_eq!(report.result(2), &json!({ "rounds": [1] }));
}

#[test]
fn a_round_of_too_few_is_tried_again() {
    for step in STEPS {
        let mut lab = small_lab(3, &arguments(3, &json!({ "retries": 9 })));
        lab.delay_message(2, COORDINATOR, A_SUM + step, PATIENCE * 4);
        let report = lab.run();
        assert_eq!(each_round_is_right(&report, "again"), vec![vec![1, 2, 3]; 3], "{step}");
        let said = "info: too few were there; organization-2 were missing";
        assert!(report.log(COORDINATOR).iter().any(|line| line == said), "{step}");
        assert_eq!(report.result(1), &json!({ "rounds": [1, 2, 3] }));
    }
}

#[test]
fn what_was_trained_is_kept_when_too_few_are_left() {
    for step in STEPS {
        let mut lab = small_lab(3, &arguments(4, &json!({ "retries": 1 })));
        lab.drop_message(2, COORDINATOR, 2 * A_SUM + step);
        let report = lab.run();
        assert_eq!(each_round_is_right(&report, "kept"), vec![vec![1, 2, 3]; 2], "{step}");
        let result = report.result(COORDINATOR);
        let expected = "after 2 of 4 rounds: of 3 organizations 2 stayed in round 3, which was tried 2 times, \
                        and 3 are needed; missing were organization-2";
        assert_eq!((&result["stopped"], &result["rounds"]), (&json!(expected), &json!(2)));
    }
}

#[test]
fn too_few_in_the_first_round_are_an_error() {
    for step in STEPS {
        let mut lab = small_lab(3, &arguments(4, &json!({ "retries": 0 })));
        lab.drop_message(2, COORDINATOR, step);
        let report = lab.run();
        let expected = "of 3 organizations 2 stayed in round 1, which was tried 1 times, and 3 are needed; \
                        missing were organization-2";
        assert_eq!(report.failure(COORDINATOR).to_string(), expected, "{step}");
        let Failure::Returned(_) = report.failure(1) else { panic!("it is told") };
    }
}

#[test]
fn nobody_waits_for_a_coordinator_that_leaves() {
    // To agree, and in each of two rounds the model, who came, who is included, and who survives; the end.
    for step in 0..10 {
        let mut lab = lab(2, &json!({}));
        (1..=ORGANIZATIONS).for_each(|organization| {
            lab.drop_message(COORDINATOR, organization, step);
        });
        let report = lab.run();
        for organization in 1..=ORGANIZATIONS {
            let Failure::Returned(error) = report.failure(organization) else {
                panic!("it is told")
            };
            let sentence = error.sentence();
            assert!(sentence.ends_with("from seat 0 any more: it is lost"), "{sentence}");
            let after = format!("after round {}: ", step.saturating_sub(1) / 4);
            assert_eq!(sentence.starts_with(&after), step > 4, "{step} {sentence}");
        }
    }
}
