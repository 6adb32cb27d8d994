//! With a provider, a holder that sends something else than the protocol says: it is noticed before the
//! coefficients are opened. And anywhere: what is no message of the protocol is an error.

use anchorhold_sdk::lab::{Deviation, Failure, Report};

use crate::{Study, Third, columns, study};

fn small(model: &'static str, holders: usize) -> Study {
    let mut study = study(model, 1.0, columns(8, 6, 2), 0.5).among(holders);
    study.iterations = 1;
    study
}

const DEVIATIONS: [Deviation; 5] = [
    Deviation::Changed(0),
    Deviation::Changed(4),
    Deviation::Emptied,
    Deviation::Extended,
    Deviation::Lost,
];

fn no_panic(report: &Report, what: &str) {
    for outcome in report.outcomes() {
        if let Err(failure @ (Failure::Panicked(_) | Failure::Deadlock(_))) = outcome {
            panic!("{what}: {failure}");
        }
    }
}

#[test]
fn with_a_provider_no_changed_message_leads_to_other_coefficients() {
    let mut tried = 0;
    for (holders, model) in [(2, "ridge"), (2, "logistic"), (3, "ridge")] {
        let study = small(model, holders);
        let honest = study.lab(Third::Provider).run();
        let expected = honest.result(0).clone();
        for from in 1..holders {
            for to in (0..holders).filter(|to| *to != from) {
                let topics = honest.topics(from, to);
                // Each of the first and the last, and some on the way: there are hundreds.
                let is_some = |index: &usize| {
                    *index < 12 || index.is_multiple_of(23) || index + 16 > topics.len()
                };
                for index in (0..topics.len()).filter(is_some) {
                    // One deviation in turn, and in the first ones each.
                    let each = if index < 6 { DEVIATIONS.len() } else { 1 };
                    for deviation in DEVIATIONS.into_iter().cycle().skip(index).take(each) {
                        let is_changed = matches!(deviation, Deviation::Changed(_));
                        // Of two, its own columns are its own to choose.
                        if topics[index] == "share" && is_changed && holders == 2 {
                            continue;
                        }
                        let what =
                            format!("{holders} {model} {index} {}: {deviation:?}", topics[index]);
                        let mut lab = study.lab(Third::Provider);
                        let report = lab.deviate(from, to, index, deviation).run();
                        no_panic(&report, &what);
                        assert!(report.outcomes()[to].is_err(), "{what}");
                        if let Ok(result) = &report.outcomes()[0] {
                            assert_eq!(result, &expected, "{what}");
                        }
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn what_is_no_message_of_the_protocol_is_an_error_of_who_gets_it() {
    let mut tried = 0;
    for (holders, third) in [(2, Third::Helper), (4, Third::Nobody), (2, Third::Provider)] {
        let study = study("ridge", 1.0, columns(8, 12, 4), 0.5).among(holders);
        let honest = study.lab(third).run();
        let parties = honest.outcomes().len();
        for (from, to) in (0..parties).flat_map(|from| (0..parties).map(move |to| (from, to))) {
            let topics = honest.topics(from, to);
            for index in (0..topics.len()).filter(|index| *index < 5 || index.is_multiple_of(31)) {
                for deviation in [Deviation::Emptied, Deviation::Extended, Deviation::Lost] {
                    let what = format!(
                        "{third:?} {from} to {to}, {index}, {}: {deviation:?}",
                        topics[index]
                    );
                    let report = study.lab(third).deviate(from, to, index, deviation).run();
                    no_panic(&report, &what);
                    assert!(report.outcomes()[to].is_err(), "{what}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn a_number_of_rows_that_a_party_only_says_is_refused() {
    // Who agrees says its number of rows last, here 12: a byte, and one before that says that it has any; and
    // that no task linked them.
    for (said, why) in [
        (vec![1, 0, 0], "party-1 has 0 rows and party-0 12: all columns must be of the same rows"),
        (
            vec![1, 13, 0],
            "party-1 has 13 rows and party-0 12: all columns must be of the same rows",
        ),
        (vec![0, 0], "party-1 has no rows"),
    ] {
        for third in [Third::Helper, Third::Provider] {
            let study = study("ridge", 1.0, columns(8, 12, 4), 0.5).among(2);
            let mut lab = study.lab(third);
            for to in [0, 2] {
                let said = said.clone();
                lab.corrupt_message(1, to, 0, move |body| {
                    assert_eq!(body[body.len() - 3..], [1, 12, 0]);
                    body.truncate(body.len() - 3);
                    body.extend(&said);
                });
            }
            let report = lab.run();
            for seat in [0, 2] {
                let failure = report.failure(seat).to_string();
                assert!(failure.starts_with(why), "{failure}");
            }
        }
    }
}
