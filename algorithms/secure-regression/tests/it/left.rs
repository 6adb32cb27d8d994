//! A party that never comes, or leaves: nobody has a wrong result, and who needed it is told.

use anchorhold_sdk::lab::{Failure, Lab, Report};

use crate::{SETTINGS, Study, Third, columns, study};

fn small(model: &'static str, holders: usize) -> Study {
    let mut study = study(model, 1.0, columns(8, 12, 4), 0.5).among(holders);
    study.iterations = 2;
    study
}

#[test]
fn nobody_waits_for_a_party_that_never_comes() {
    for (holders, third) in SETTINGS {
        let parties = holders + usize::from(third != Third::Nobody);
        for absent in 0..parties {
            let report = small("ridge", holders).lab(third).absent(absent).run();
            for seat in (0..parties).filter(|seat| *seat != absent) {
                let sentence = report.error(seat);
                assert!(sentence.contains(&format!("seat {absent}")), "{sentence}");
            }
            assert!(report.only_agreed(), "no share left");
        }
    }
}

/// Lets a party leave after so many messages: whatever it sends from then on is lost. Returns who lacks
/// something.
fn leaving(mut lab: impl FnMut() -> Lab, left: usize, step: usize) -> (Report, Vec<usize>) {
    let mut lost: Vec<(usize, usize)> = Vec::new();
    loop {
        let mut lab = lab();
        for (to, index) in &lost {
            lab.drop_message(left, *to, *index);
        }
        let report = lab.run();
        let sent = report.trace().iter().filter(|sent| sent.from == left);
        let sent: Vec<_> = sent.map(|sent| sent.to).collect();
        let arrived = |to: &&usize| lost.iter().all(|(lost, _)| lost != *to);
        let Some(to) = sent[step..].iter().find(arrived).copied() else {
            return (report, lost.into_iter().map(|(to, _)| to).collect());
        };
        lost.push((to, sent[..step].iter().filter(|before| **before == to).count()));
    }
}

#[test]
fn a_party_that_leaves_at_some_step_leads_to_an_error_at_who_needed_it() {
    for (holders, third) in [(2, Third::Provider), (2, Third::Helper), (4, Third::Nobody)] {
        for model in ["ridge", "logistic"] {
            let study = small(model, holders);
            let honest = study.lab(third).run();
            let parties = honest.outcomes().len();
            for left in 0..parties {
                let steps = honest.trace().iter().filter(|sent| sent.from == left).count();
                // All of the first and the last, and some on the way.
                let way = (0..steps).step_by((steps / 12).max(1));
                for step in way.chain(steps.saturating_sub(3)..steps) {
                    let (report, lacking) = leaving(|| study.lab(third), left, step);
                    assert!(!lacking.is_empty());
                    for seat in (0..parties).filter(|seat| *seat != left) {
                        match &report.outcomes()[seat] {
                            Ok(_) if lacking.contains(&seat) => {
                                panic!("{third:?} {left} {step} {seat}")
                            }
                            Ok(result) => assert_eq!(result, honest.result(seat)),
                            Err(Failure::Returned(_)) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            }
        }
    }
}
