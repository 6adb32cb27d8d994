//! Messages that are changed on their way, each in turn.

use anchorhold_sdk::lab::{Failure, Report};

use crate::{lab, oracle};

const VALUES: [i64; 2] = [5, 7];

/// Changes each message in turn, and hands over what came of it.
fn each_changed(
    change: impl Fn(&mut Vec<u8>) + Copy + Send + Sync + 'static,
    check: impl Fn(&Report, usize, &str),
) {
    let whole = lab(VALUES).run();
    for from in 0..2 {
        let sent = whole.trace().iter().filter(|sent| sent.from == from);
        for (index, sent) in sent.enumerate() {
            let report = lab(VALUES).corrupt_message(from, sent.to, index, change).run();
            check(&report, sent.to, &sent.topic);
        }
    }
}

fn flipped(change: impl Fn(&mut Vec<u8>) + Copy + Send + Sync + 'static) {
    each_changed(change, |report, to, topic| {
        for outcome in report.outcomes() {
            match outcome {
                Ok(result) => assert_eq!(result["most"], oracle(VALUES), "{topic:?} to {to}"),
                Err(Failure::Returned(_)) => {}
                // The library's own way to say that it cannot decrypt a row.
                Err(Failure::Panicked(_)) => assert_eq!(topic, "preprocessed gates"),
                Err(other) => panic!("{topic:?} to {to}: {other}"),
            }
        }
    });
}

fn malformed(change: impl Fn(&mut Vec<u8>) + Copy + Send + Sync + 'static) {
    each_changed(change, |report, to, topic| match report.failure(to) {
        Failure::Returned(error) => {
            let sentence = error.sentence();
            let expected = format!("the message {topic:?} from seat {} is malformed", 1 - to);
            assert!(sentence.starts_with(&expected), "{sentence}");
        }
        other => panic!("{topic:?} to {to}: {other}"),
    });
}

#[test]
fn a_bit_at_the_end_leads_to_no_wrong_answer() {
    flipped(|body| *body.last_mut().unwrap() ^= 1);
}

#[test]
fn a_bit_in_the_middle_leads_to_no_wrong_answer() {
    flipped(|body| {
        let middle = body.len() / 2;
        body[middle] ^= 0x80;
    });
}

#[test]
fn a_bit_of_the_first_element_leads_to_no_wrong_answer() {
    flipped(|body| body[8] ^= 1);
}

#[test]
fn other_random_bytes_lead_to_no_wrong_answer() {
    flipped(|body| body[8..].iter_mut().zip(0_u8..=255).for_each(|(byte, other)| *byte ^= other));
}

#[test]
fn an_empty_message_is_refused() {
    malformed(Vec::clear);
}

#[test]
fn a_shorter_message_is_refused() {
    malformed(|body| body.truncate(body.len() - 1));
}

#[test]
fn a_longer_message_is_refused() {
    malformed(|body| body.push(0));
}

#[test]
fn a_list_that_claims_to_be_longer_is_refused() {
    malformed(|body| body[..8].fill(0xff));
}

/// An output share that is not there would count as zero.
#[test]
fn a_message_of_which_nothing_is_there_is_refused() {
    let report = lab(VALUES).run();
    let shares = report.trace().iter().filter(|sent| sent.from == 1).count() - 1;
    for from in 0..2 {
        let sent: Vec<_> = report.trace().iter().filter(|sent| sent.from == from).collect();
        let index = sent.iter().position(|sent| sent.topic == "output wire shares").unwrap();
        assert!(from == 0 || index == shares, "it is the last of the garbler");
        let registers = usize::from(u16::from_le_bytes([sent[index].body[0], sent[index].body[1]]));
        let nothing = move |body: &mut Vec<u8>| {
            body.truncate(8);
            body.resize(8 + registers, 0);
        };
        let report = lab(VALUES).corrupt_message(from, 1 - from, index, nothing).run();
        let sentence = report.failure(1 - from).to_string();
        let expected = format!("the message \"output wire shares\" from seat {from} is malformed");
        assert_eq!(sentence, expected);
    }
}
