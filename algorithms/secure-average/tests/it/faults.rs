//! Messages that are lost or changed, and what the messages show.

use crate::lab_of;

#[test]
fn a_lost_message_is_told_by_its_senders_name() {
    for (from, to, index) in [(0, 1, 0), (1, 2, 0), (2, 0, 0), (0, 1, 1), (0, 2, 0)] {
        let report = lab_of(&[1, 2, 3]).drop_message(from, to, index).run();
        let text = report.failure(to).to_string();
        assert!(
            text.ends_with(&format!("can come from seat {from} any more: it is lost")),
            "{text}"
        );
    }
}

#[test]
fn a_party_that_never_comes_is_told_by_its_name() {
    let report = lab_of(&[1, 2, 3]).absent(2).run();
    let text = report.failure(0).to_string();
    assert!(text.ends_with("can come from seat 2 any more: it is lost"), "{text}");
    assert!(report.outcomes().iter().all(Result::is_err));
}

#[test]
fn a_changed_message_is_refused_where_it_can_be_seen() {
    let form = lab_of(&[1, 2, 3]).corrupt_message(0, 1, 0, |body| body[0] ^= 1).run();
    assert!(form.failure(1).to_string().starts_with("seat 0 computes with other arguments"));

    let far = lab_of(&[1, 2, 3]).corrupt_message(1, 2, 0, |body| body[40] ^= 0x80).run();
    let reason = "the total of \"net_worth\" is not possible within the declared bounds: a party \
                  did not follow the protocol";
    assert!((0..3).all(|seat| far.failure(seat).to_string() == reason));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let trace = |seed| lab_of(&[1, 2, 3]).seed(seed).run().trace().to_vec();
    assert_eq!(trace(1), trace(1));
    let (one, other) = (trace(1), trace(2));
    assert!((0..3).all(|hop| one[hop].body[33..] != other[hop].body[33..]));
}

#[test]
fn no_mask_remains_after_a_task() {
    let mut lab = lab_of(&[1, 2, 3]);
    lab.run().common_result();
    assert!(lab.stored(0).is_empty());
    lab.drop_message(2, 0, 0).run().failure(0);
    assert!(lab.stored(0).is_empty());
}
