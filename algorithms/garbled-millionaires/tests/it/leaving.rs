//! A party that never comes, or leaves.

use anchorhold_sdk::lab::{Failure, Report};

use crate::lab;

fn returned(report: &Report, seat: usize) -> String {
    match report.failure(seat) {
        Failure::Returned(error) => error.sentence(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_party_that_never_comes_is_told_by_its_seat() {
    for absent in 0..2 {
        let report = lab([5, 7]).absent(absent).run();
        let lost = format!("no message \"agree\" can come from seat {absent} any more: it is lost");
        assert_eq!(returned(&report, 1 - absent), lost);
    }
}

#[test]
fn a_party_may_leave_at_any_message() {
    let whole = lab([5, 7]).run();
    for (from, to) in [(0, 1), (1, 0)] {
        let sent = whole.trace().iter().filter(|sent| sent.from == from);
        for (index, sent) in sent.enumerate() {
            let report = lab([5, 7]).drop_message(from, to, index).run();
            let topic = &sent.topic;
            let lost =
                format!("no message {topic:?} can come from seat {from} any more: it is lost");
            assert_eq!(returned(&report, to), lost, "message {index}");
        }
    }
}

#[test]
fn who_evaluates_learns_the_answer_first() {
    let whole = lab([5, 7]).run();
    let last = whole.trace().iter().filter(|sent| sent.from == 0).count() - 1;
    let report = lab([5, 7]).drop_message(0, 1, last).run();
    assert_eq!(report.result(0), whole.result(0));
    returned(&report, 1);
}
