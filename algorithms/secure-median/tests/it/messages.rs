//! What is sent: as many messages, as large, whatever the values are, and nothing opened on the way to
//! a median.

use super::*;
use anchorhold_sdk::lab::Failure;

fn sizes(
    values: &[Vec<Option<i64>>],
    has_provider: bool,
    find: &Value,
) -> Vec<(usize, usize, usize)> {
    let report = lab(values, has_provider, &arguments(find)).run();
    found(&report, values.len());
    report.trace().iter().map(|sent| (sent.from, sent.to, sent.body.len())).collect()
}

#[test]
fn sizes_say_nothing_of_the_values_or_how_many_there_are() {
    for has_provider in [false, true] {
        for find in [json!("median"), json!({ "quantile": 0.1 }), json!({ "kth": 1 })] {
            let few = some(&[&[1], &[], &[3]]);
            let many = some(&[&[-7; 20], &[900; 3], &[5, 6, 7, 8]]);
            // Found in fewer steps than others, where halves are not of one size.
            let last = some(&[&[1_000], &[1_000], &[]]);
            for other in [many, last] {
                assert_eq!(
                    sizes(&few, has_provider, &find),
                    sizes(&other, has_provider, &find),
                    "{find}"
                );
            }
        }
    }
}

#[test]
fn of_a_median_only_its_sum_is_opened_and_of_a_quantile_a_bit_each_time() {
    let opened = |find: &Value| {
        let report = lab(&some(&[&[1], &[9, 4], &[3]]), false, &arguments(find)).run();
        let sent = report.trace().iter().filter(|sent| sent.topic == "open" && sent.to == 0);
        (sent.count(), report.traffic().rounds)
    };
    // That there are enough values, and the sum. The agreement, the keys, the counts, whether they are
    // enough in eleven, the values, of eleven bits each a product, a sign and a product, and the sum.
    assert_eq!(opened(&json!("median")), (2, 1 + 1 + 1 + 11 + 1 + 11 * 12 + 1));
    // Of eleven bits each a sharing, a sign and an opening.
    assert_eq!(opened(&json!({ "kth": 2 })), (1 + 11, 1 + 1 + 1 + 11 + 11 * 12));
}

#[test]
fn a_party_that_leaves_ends_it_with_an_error_that_names_it() {
    let values = some(&[&[1], &[9, 4], &[3], &[2]]);
    for find in [json!("median"), json!({ "kth": 1 })] {
        for (absent, has_provider) in (0..4).map(|seat| (seat, false)).chain([(0, true), (4, true)])
        {
            let report = lab(&values, has_provider, &arguments(&find)).absent(absent).run();
            let others = (0..report.outcomes().len()).filter(|seat| *seat != absent);
            for seat in others {
                let error = report.error(seat);
                assert!(error.contains(&format!("seat {absent}")), "{error}");
            }
        }
    }
}

#[test]
fn a_message_that_does_not_come_later_ends_it_too() {
    let values = some(&[&[1], &[9, 4], &[3]]);
    for index in 1..12 {
        let mut lab = lab(&values, false, &arguments(&json!("median")));
        let report = lab.drop_message(1, 0, index).run();
        assert!(matches!(report.failure(0), Failure::Returned(_)), "message {index}");
    }
}
