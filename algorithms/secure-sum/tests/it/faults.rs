//! Messages that are lost or changed, and parties that do not come.

use anchorhold_sdk::lab::Lab;
use serde_json::json;

use crate::oracle::lab_of;

fn lab() -> Lab {
    let mut lab = lab_of(&[&[1, 2][..], &[3], &[4, 5, 6], &[7]]);
    lab.arguments(json!({ "columns": [{ "name": "x", "minimum": 0, "maximum": 9 }] }));
    lab
}

type Change = fn(&mut Vec<u8>);

const HOPS: [(usize, usize); 7] = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 1), (0, 2), (0, 3)];

#[test]
fn whichever_message_is_lost_no_wrong_total_is_accepted() {
    for (index, (from, to)) in HOPS.into_iter().enumerate() {
        let second = usize::from(index == 4); // the total is the second message from 0 to 1
        let report = lab().drop_message(from, to, second).run();
        let text = report.failure(to).to_string();
        assert!(
            text.ends_with(&format!("can come from seat {from} any more: it is lost")),
            "{text}"
        );
        for outcome in report.outcomes().iter().flatten() {
            assert_eq!(outcome["columns"]["x"]["sum"], "28");
        }
    }
}

#[test]
fn a_party_that_never_comes_is_named() {
    for seat in 0..4 {
        let mut lab = lab();
        let report = lab.absent(seat).run();
        let next = (seat + 1) % 4;
        let lost = format!("can come from seat {seat} any more: it is lost");
        assert!(report.failure(next).to_string().ends_with(&lost));
        assert!((0..4).all(|seat| report.outcomes()[seat].is_err()));
        assert!((0..4).all(|seat| lab.stored(seat).is_empty()), "no mask remains");
    }
}

#[test]
fn a_message_of_another_form_is_refused_wherever_it_comes() {
    for (index, (from, to)) in HOPS.into_iter().enumerate() {
        let second = usize::from(index == 4);
        let changes: [(Change, &str); 4] = [
            (|body| body[7] ^= 0x10, "computes with other arguments"),
            (|body| body.truncate(body.len() - 8), "is malformed"),
            (|body| body.push(0), "is malformed"),
            (
                |body| {
                    body[32] += 1;
                    body.extend([0; 8]);
                },
                "has 4 elements instead of 3",
            ),
        ];
        for (change, reason) in changes {
            let report = lab().corrupt_message(from, to, second, change).run();
            let text = report.failure(to).to_string();
            assert!(text.contains(reason), "{from} to {to}: {text}");
        }
    }
}

#[test]
fn a_changed_number_is_refused_where_the_bounds_exclude_it() {
    // The highest bit of the sum: the total is then far from 7 values of 0 to 9.
    let report = lab().corrupt_message(1, 2, 0, |body| body[33 + 23] ^= 0x80).run();
    for seat in 0..4 {
        let reason = "the total is not possible within the declared bounds: a party did not follow \
                      the protocol";
        assert_eq!(report.failure(seat).to_string(), reason);
    }
}

#[test]
fn a_changed_number_within_the_bounds_passes_as_the_documentation_says() {
    let add_one = |body: &mut Vec<u8>| {
        let element = &mut body[33 + 16..];
        let value = u64::from_le_bytes(element.try_into().expect("eight bytes"));
        element.copy_from_slice(&value.wrapping_add(1).to_le_bytes());
    };
    let report = lab().corrupt_message(1, 2, 0, add_one).run();
    assert_eq!(report.common_result()["columns"]["x"]["sum"], "29");
}
