//! A party that does not follow the protocol: each of its messages in turn is changed, or replaced by one that
//! it sent before.

use anchorhold_sdk::lab::{Deviation, Failure, Report};
use serde_json::Value;

use crate::{MODELLER, is_average_of, lab, settings, states};

const WORKERS: usize = 4;

/// Says whether the average may be wrong when a message of this topic is.
fn may_mislead(topic: &str, from: usize) -> bool {
    match topic {
        // A worker that gives another vector, or tells some another public key.
        "masked" | "random" | "final" | "agree" => true,
        // The modeller's own lie, or one of a worker about whose shares it has.
        "included" | "survivors" => from == MODELLER,
        _ => false,
    }
}

/// Checks that the modeller has the average of those whom it names, or an error.
fn is_right_or_error(report: &Report, states: &[Value], what: &str) {
    match &report.outcomes()[MODELLER] {
        Ok(result) => {
            let names: Vec<String> = serde_json::from_value(result["workers"].clone()).unwrap();
            let named = |worker: &usize| names.contains(&format!("worker-{}", worker + 1));
            let of: Vec<_> = (0..WORKERS).filter(named).map(|worker| &states[worker]).collect();
            assert!(of.len() >= 3, "{what}");
            is_average_of(result, &of, &vec![1; of.len()]);
        }
        Err(Failure::Returned(_)) => {}
        Err(failure) => panic!("{what}: {failure}"),
    }
}

#[test]
fn a_changed_message_is_an_error_or_changes_nothing_but_as_the_readme_says() {
    let states = states(WORKERS);
    let (mut tried, mut refused) = (0, 0);
    for arguments in settings() {
        let honest = lab(&states, &arguments).run();
        for (from, to) in [(MODELLER, 2), (1, MODELLER), (4, MODELLER), (1, 2), (3, 1)] {
            for (index, topic) in honest.topics(from, to).into_iter().enumerate() {
                // What is lost is in `left`: there a whole party is.
                for deviation in Deviation::ALL.into_iter().filter(|one| *one != Deviation::Lost) {
                    let what = format!("{arguments} {topic} {from} {to} {deviation:?}");
                    let mut lab = lab(&states, &arguments);
                    let report = lab.deviate(from, to, index, deviation).run();
                    tried += 1;
                    for outcome in report.outcomes() {
                        assert!(
                            matches!(outcome, Ok(_) | Err(Failure::Returned(_))),
                            "{what}: {outcome:?}"
                        );
                    }
                    // The shares of the last worker are not waited for, where three are enough.
                    let is_read = topic != "shares" || from != 4;
                    if deviation.is_of_length() && is_read {
                        let sentence = report.failure(to).to_string();
                        assert!(sentence.contains(&format!("seat {from}")), "{what}: {sentence}");
                    }
                    refused += usize::from(report.outcomes()[to].is_err());
                    if !may_mislead(topic, from) || deviation.is_of_length() {
                        is_right_or_error(&report, &states, &what);
                    }
                }
            }
        }
    }
    // Most of them: see `may_mislead`, the messages that are not needed, and those of another round, without
    // whose senders the others go on.
    assert!(tried > 300 && refused * 5 > tried * 3, "{refused} of {tried}");
}

#[test]
fn a_wrong_share_is_noticed_before_there_is_a_result() {
    let states = states(WORKERS);
    for (from, to, index, topic) in [(2, 1, 1, "deal"), (2, MODELLER, 3, "shares")] {
        for place in [0, 47, 48, 95, 96, 191] {
            // Behind the round.
            let mut lab = lab(&states, &serde_json::json!({}));
            lab.corrupt_message(from, to, index, move |body| {
                if let Some(byte) = body.get_mut(4 + place) {
                    *byte ^= 1;
                }
            });
            // One worker leaves, so that both kinds of shares are used.
            lab.drop_message(4, MODELLER, 2);
            let report = lab.run();
            let is_used = match topic {
                // Of a worker that stays, the share of its own mask.
                "deal" => (48..96).contains(&place),
                _ => true,
            };
            match is_used {
                true => assert!(
                    report
                        .failure(MODELLER)
                        .to_string()
                        .starts_with("the shares of a secret of seat"),
                    "{topic} {place}: {}",
                    report.failure(MODELLER)
                ),
                false => is_right_or_error(&report, &states, topic),
            }
        }
    }
}

#[test]
fn a_message_that_is_repeated_in_the_place_of_another_is_no_other() {
    let states = states(WORKERS);
    for arguments in settings() {
        let honest = lab(&states, &arguments).run();
        for (from, to) in [(MODELLER, 2), (1, MODELLER), (1, 2)] {
            let sent: Vec<_> =
                honest.trace().iter().filter(|sent| (sent.from, sent.to) == (from, to)).collect();
            for index in 1..sent.len() {
                let before = sent[index - 1].body.clone();
                let same = before == sent[index].body;
                let mut lab = lab(&states, &arguments);
                lab.corrupt_message(from, to, index, move |body| body.clone_from(&before));
                let report = lab.run();
                match same {
                    true => is_right_or_error(&report, &states, &sent[index].topic),
                    false => assert!(
                        matches!(report.failure(to), Failure::Returned(_)),
                        "{arguments} {}",
                        sent[index].topic
                    ),
                }
            }
        }
    }
}
