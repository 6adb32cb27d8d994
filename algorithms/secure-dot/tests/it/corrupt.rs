//! A party that does not follow the protocol: each of its messages in turn is changed, emptied or lost,
//! to one of the others or to all of them.

use anchorhold_sdk::lab::{Deviation, Failure, Report, Sent};
use anchorhold_sdk::mpc::{Domain as _, Fp127};
use serde_json::Value;

use crate::{Third, lab, oracle_of_whole, some_columns};

/// So many holders, who else is there, and who of them all is corrupt.
const CORRUPT: [(usize, Third, &[usize]); 5] = [
    (2, Third::Provider, &[0, 1]),
    (3, Third::Provider, &[0, 1, 2]),
    (2, Third::Helper, &[0, 1, 2]),
    (3, Third::Nobody, &[0, 1, 2]),
    // One of those that compute, and one that only gives its column.
    (4, Third::Nobody, &[1, 3]),
];

const DEVIATIONS: [Deviation; 4] =
    [Deviation::Changed(0), Deviation::Changed(4), Deviation::Emptied, Deviation::Lost];

/// Checks that no honest holder has a wrong result.
fn no_wrong_result(report: &Report, holders: usize, corrupt: usize, expected: &Value, what: &str) {
    for (seat, outcome) in report.outcomes().iter().enumerate().take(holders) {
        match outcome {
            Ok(result) if seat != corrupt => assert_eq!(result, expected, "{seat}: {what}"),
            Err(Failure::Panicked(message)) => panic!("{seat}: {what}: {message}"),
            _ => {}
        }
    }
}

#[test]
fn no_changed_message_is_accepted() {
    let mut tried = 0;
    for (holders, third, corrupt) in CORRUPT {
        let columns = some_columns(holders, 3);
        let expected = oracle_of_whole(&columns);
        let honest = lab(&columns, third).run();
        for sent in honest.trace().iter().filter(|sent| corrupt.contains(&sent.from)) {
            let &Sent { from, to, index, ref topic, .. } = sent;
            for deviation in DEVIATIONS {
                // What a party without data says of its rows is not looked at.
                let is_of_rows = topic == "agree" && deviation == Deviation::Changed(4);
                if is_of_rows && from >= holders {
                    continue;
                }
                let what = format!("{third:?} {from} to {to}, {index}, {topic}: {deviation:?}");
                let report = lab(&columns, third).deviate(from, to, index, deviation).run();
                no_wrong_result(&report, holders, from, &expected, &what);
                assert!(report.outcomes()[to].is_err(), "{what}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1_200, "{tried}");
}

/// The messages on a topic that a party sends another, with their places among everything sent.
fn places<'a>(report: &'a Report, from: usize, to: usize, topic: &str) -> Vec<(usize, &'a Sent)> {
    let sent = report.trace().iter().enumerate();
    sent.filter(|(_, sent)| (sent.from, sent.to, &sent.topic[..]) == (from, to, topic)).collect()
}

#[test]
fn no_message_that_is_changed_for_both_others_is_accepted() {
    let mut tried = 0;
    for (holders, third) in [(3, Third::Provider), (3, Third::Nobody), (2, Third::Helper)] {
        let columns = some_columns(holders, 3);
        let expected = oracle_of_whole(&columns);
        let honest = lab(&columns, third).run();
        for from in 0..3 {
            let others = [(from + 1) % 3, (from + 2) % 3];
            for topic in ["share", "open", "heard", "commit", "reveal"] {
                let [one, other] = others.map(|to| places(&honest, from, to, topic));
                for both in one.into_iter().zip(other) {
                    let mut both = [both.0, both.1];
                    both.sort_unstable_by_key(|(place, _)| *place);
                    let [first, second] = both.map(|(_, sent)| (sent.to, sent.index));
                    let with_first = || {
                        let mut lab = lab(&columns, third);
                        lab.deviate(from, first.0, first.1, Deviation::Changed(4));
                        lab
                    };
                    // Who noticed the first one may have left before the second.
                    if with_first().run().topics(from, second.0).len() <= second.1 {
                        continue;
                    }
                    let mut lab = with_first();
                    lab.deviate(from, second.0, second.1, Deviation::Changed(4));
                    let what = format!("{third:?} {from}, {first:?} and {second:?}, {topic}");
                    let report = lab.run();
                    no_wrong_result(&report, holders, from, &expected, &what);
                    let is_told = |to: usize| report.outcomes()[to].is_err();
                    assert!(others.into_iter().all(is_told), "{what}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// Lets four holders compute, of whom the last, who gives only its column, adds to its first value.
fn with_another_value(columns: &[Vec<i64>], more: u128) -> Report {
    let mut lab = lab(columns, Third::Nobody);
    // One part of its first value is in two messages, each after it has agreed.
    let add = move |place: usize| {
        move |body: &mut Vec<u8>| {
            let element = &mut body[place * Fp127::BYTES..][..Fp127::BYTES];
            (Fp127::read(element).unwrap() + Fp127::new(more)).write(element);
        }
    };
    lab.corrupt_message(3, 0, 1, add(0)).corrupt_message(3, 2, 1, add(columns[3].len())).run()
}

#[test]
fn another_column_than_its_own_leads_to_its_products() {
    let mut columns = some_columns(4, 3);
    let report = with_another_value(&columns, 17);
    columns[3][0] += 17;
    let expected = oracle_of_whole(&columns);
    (0..4).for_each(|seat| assert_eq!(report.result(seat), &expected));
}

#[test]
fn a_dot_product_that_no_columns_have_is_refused() {
    let columns = some_columns(4, 3);
    let report = with_another_value(&columns, 1 << 100);
    assert_eq!(
        report.common_error(),
        "the dot product of party-0 and party-3 is not possible within the declared bounds"
    );
}
