//! A coordinator that lies about who is there, to learn the update of one organization.

use anchorhold_sdk::lab::Failure;
use serde_json::json;

use crate::{COORDINATOR, small_lab};

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
