//! A party that leaves at each step, and one that sends something else: nobody panics or waits.

use anchorhold_sdk::lab::{Deviation, Failure, Lab, Sent};

use crate::{lab, study};

fn small() -> Lab {
    let (arguments, parts) = study(3);
    lab(&arguments, &parts)
}

#[test]
fn whoever_needed_a_lost_message_is_told_whose_it_was() {
    let honest = small().run();
    for &Sent { from, to, index, .. } in honest.trace() {
        let report = small().drop_message(from, to, index).run();
        let text = report.failure(to).to_string();
        assert!(text.contains(&format!("seat {from} any more: it is lost")), "{text}");
        for (seat, outcome) in report.outcomes().iter().enumerate() {
            match outcome {
                Ok(result) => assert_eq!(result, honest.result(seat)),
                Err(Failure::Returned(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn nobody_waits_for_a_party_that_never_comes() {
    for absent in 0..3 {
        let report = small().absent(absent).run();
        assert!(report.outcomes().iter().all(Result::is_err));
        assert!(report.only_agreed(), "no sum left");
    }
}

#[test]
fn changed_messages_lead_to_errors_or_other_numbers_but_to_no_panic() {
    let honest = small().run();
    let mut refused = 0;
    for &Sent { from, to, index, .. } in honest.trace() {
        for deviation in Deviation::ALL {
            let report = small().deviate(from, to, index, deviation).run();
            if deviation.is_of_length() {
                let text = report.error(to);
                assert!(text.contains(&format!("seat {from}")), "{deviation:?}: {text}");
            }
            for outcome in report.outcomes() {
                match outcome {
                    Ok(_) => {}
                    Err(Failure::Returned(_)) => refused += 1,
                    Err(other) => panic!("{from} {to} {index} {deviation:?}: {other}"),
                }
            }
        }
    }
    assert!(refused > 600, "{refused}");
}

#[test]
fn a_sum_that_is_not_possible_is_noticed() {
    // The highest byte of how many rows were cut at the first step.
    let report = small().corrupt_message(1, 0, 2, |body| body[15] ^= 0x40).run();
    let text = report.failure(0).to_string();
    assert!(text.starts_with("a sum is not possible within the declared bounds"), "{text}");
    assert!(report.outcomes().iter().all(Result::is_err));
}

#[test]
fn a_party_that_cuts_rows_at_the_start_is_noticed() {
    let report = small().corrupt_message(1, 0, 2, |body| body[14] ^= 0x20).run();
    let text = report.failure(0).to_string();
    assert_eq!(text, "the loss is no number at the start: a party did not follow the protocol");
    assert!(report.outcomes().iter().all(Result::is_err));
}

#[test]
fn seat_0_cannot_tell_times_that_are_none() {
    // What it tells ends with the last time and whether it is tied.
    let beyond = |body: &mut Vec<u8>| {
        let place = body.len() - 2;
        body[place] = 21;
    };
    let before = |body: &mut Vec<u8>| {
        let place = body.len() - 2;
        body[place] = 0;
    };
    let changes: [fn(&mut Vec<u8>); 2] = [beyond, before];
    for change in changes {
        let report = small().corrupt_message(0, 1, 2, change).run();
        let text = report.failure(1).to_string();
        assert_eq!(text, "seat 0 told numbers of rows or times that are not possible");
    }
}
