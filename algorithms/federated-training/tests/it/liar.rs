//! A coordinator that lies about who is there, to learn the update of one organization, or about how many sums
//! there are.

use std::time::Duration;

use anchorhold_sdk::lab::{Failure, Lab, Report};
use serde_json::{Value, json};

use crate::{COORDINATOR, small_arguments, small_lab};

/// The organization whose update the coordinator wants.
const VICTIM: usize = 4;
const ORGANIZATIONS: usize = 7;

/// Places among the coordinator's messages to an organization: who survives, in the second round.
const SURVIVORS: usize = 8;

#[test]
fn organizations_that_compare_give_nothing_to_a_coordinator_that_lies() {
    let others: Vec<_> = (1..=ORGANIZATIONS).filter(|other| *other != VICTIM).collect();
    for liars in 1..others.len() {
        for active in [false, true] {
            let mut lab = small_lab(ORGANIZATIONS, &json!({ "active": active, "rounds": 3 }));
            for other in &others[..liars] {
                let bit = VICTIM - 1;
                lab.corrupt_message(COORDINATOR, *other, SURVIVORS, move |body| {
                    body[4] ^= 1 << bit
                });
            }
            let report = lab.run();
            let shares = report.trace().iter().filter(|sent| {
                sent.topic == "shares"
                    && sent.body[..4] == 2_u32.to_le_bytes()
                    && sent.from != VICTIM
            });
            let gave = shares.count();
            match active {
                // Of the victim's seed and key, as many as there are organizations.
                false => assert_eq!(gave, ORGANIZATIONS - 1),
                true => {
                    assert_eq!(gave, 0, "{liars}");
                    let Failure::Returned(error) = report.failure(1) else { panic!("it is told") };
                    let sentence = error.sentence();
                    let expected = "after round 1: the coordinator told seat";
                    assert!(sentence.starts_with(expected), "{sentence}");
                    let stopped = report.result(COORDINATOR)["stopped"].as_str().unwrap();
                    assert!(
                        stopped.starts_with("after 1 of 3 rounds: of 7 organizations"),
                        "{stopped}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_coordinator_that_tells_one_organization_another_model_learns_no_sum() {
    // A bit of a parameter in the second round, for one of them or for all but one.
    for others in [vec![VICTIM], (2..=ORGANIZATIONS).collect()] {
        let more = json!({ "rounds": 3, "threshold": ORGANIZATIONS });
        let mut lab = small_lab(ORGANIZATIONS, &more);
        for other in others {
            lab.corrupt_message(COORDINATOR, other, SURVIVORS - 3, |body| {
                let last = body.len() - 8;
                body[last] ^= 1;
            });
        }
        let report = lab.run();
        let expected = "after 1 of 3 rounds: the sum is not possible within the declared bounds: an \
                        organization did not follow the protocol";
        assert_eq!(report.result(COORDINATOR)["stopped"], expected);
    }
}

/// Arguments of training with privacy.
fn private(more: &Value) -> Value {
    let mut whole = json!({
        "privacy": { "epsilon": 1, "delta": 1e-6, "clip": 0.5 }, "expected_rows": 50, "validation": 0,
        "round_seconds": 5,
    });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole
}

/// Prepares three organizations, and a coordinator that has other arguments and says that it has the same.
fn with_other_arguments(more: &Value, of_coordinator: &Value) -> Lab {
    let [honest, other] = [more, of_coordinator].map(|more| small_lab(3, &private(more)).run());
    let said = |report: &Report, from: usize, to: usize| {
        let mut sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == (from, to));
        sent.next().unwrap().body.clone()
    };
    let mut lab = small_lab(3, &private(more));
    lab.arguments_of(COORDINATOR, small_arguments(&private(of_coordinator)));
    for organization in 1..=3 {
        let told = said(&honest, COORDINATOR, organization);
        lab.corrupt_message(COORDINATOR, organization, 0, move |body| body.clone_from(&told));
        let heard = said(&other, organization, COORDINATOR);
        lab.corrupt_message(organization, COORDINATOR, 0, move |body| body.clone_from(&heard));
    }
    lab
}

/// Where the masked vectors of an organization are among its messages to the coordinator.
fn vectors(report: &Report, organization: usize) -> Vec<usize> {
    let of = (organization, COORDINATOR);
    let sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == of);
    let sent = sent.enumerate().filter(|(_, sent)| sent.topic == "masked");
    sent.map(|(place, _)| place).collect()
}

#[test]
fn a_coordinator_that_asks_for_more_sums_than_there_is_noise_for_gets_none() {
    let more = json!({ "rounds": 4, "retries": 0 });
    let report = with_other_arguments(&more, &json!({ "rounds": 5, "retries": 0 })).run();
    for organization in 1..=3 {
        assert_eq!(vectors(&report, organization).len(), 4);
        let expected = "after round 4: the privacy is spent: it is for 4 sums, those that were tried again \
                        among them";
        assert_eq!(report.failure(organization).to_string(), expected);
    }
}

#[test]
fn a_vector_that_was_given_in_vain_was_given() {
    // Noise is for three sums. In two, the vector of the first organization comes too late, and those of the
    // others with it are not in a sum that they hear of.
    let late = |places: &[usize]| {
        let more = json!({ "rounds": 2, "retries": 1 });
        let mut lab = with_other_arguments(&more, &json!({ "rounds": 2, "retries": 9 }));
        for place in places {
            lab.delay_message(1, COORDINATOR, *place, Duration::from_secs(7));
        }
        lab.run()
    };
    let first = vectors(&late(&[]), 1)[0];
    let third = vectors(&late(&[first]), 1)[2];
    let report = late(&[first, third]);
    assert_eq!(vectors(&report, 2).len(), 3);
    let expected = "after round 1: the privacy is spent: it is for 3 sums, those that were tried again among \
                    them";
    assert_eq!(report.failure(2).to_string(), expected);
}
