//! Messages are as long as the README says, whatever the rows are.

use std::collections::BTreeMap;

use anchorhold_sdk::lab::Report;
use serde_json::json;

use crate::{COORDINATOR, lab_of, names, small, small_arguments, small_lab};

#[test]
fn bytes_and_rounds_follow_the_formula() {
    for (organizations, active) in [(3, false), (10, false), (4, true)] {
        let more = json!({ "active": active, "rounds": 2, "bits": 12, "max_rows": 1_000 });
        let report = small_lab(organizations, &more).run();
        let sums = 3;
        let of_one = if active { 10 } else { 9 };
        // All agree first, and are told of the end.
        assert_eq!(report.traffic().rounds, 1 + of_one * sums as u32 + 1);
        let mut bytes: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for sent in report.trace().iter().filter(|sent| !["agree", "round"].contains(&&*sent.topic))
        {
            let of = (sent.topic.as_str(), sent.from == COORDINATOR);
            bytes.entry(of).or_default().push(sent.body.len());
        }
        // Four parameters and four other numbers, each of up to 1,000 rows times 2^12 - 2 levels.
        let bits = (organizations as f64 * 1_000.0 * 4_094.0 + 1.0).log2().ceil() as usize;
        let (roster, pairs) = (organizations.div_ceil(8), organizations * (organizations - 1));
        let each = |bytes, messages| vec![bytes; messages * sums];
        let mut expected = BTreeMap::from([
            (("keys", false), each(4 + 64, pairs + organizations)),
            (("came", true), each(4 + roster, organizations)),
            (("deal", false), each(4 + 96, pairs)),
            (("received", false), each(4 + roster, organizations)),
            (("included", true), each(4 + roster, organizations)),
            (("masked", false), each(4 + (8 * bits).div_ceil(8), organizations)),
            (("survivors", true), each(4 + roster, organizations)),
            (("shares", false), each(4 + 48 * organizations, organizations)),
        ]);
        if active {
            expected.insert(("told", false), each(4 + 2 * roster, pairs));
        }
        assert_eq!(bytes, expected, "{organizations} {active}");
        let model = report.trace().iter().filter(|sent| sent.topic == "round" && sent.to == 1);
        let model: Vec<_> = model.map(|sent| sent.body.len()).collect();
        assert!(model.len() == sums + 1 && model[..sums].iter().all(|bytes| *bytes == 8 * 4 + 4));
    }
}

#[test]
fn messages_have_the_same_sizes_whatever_the_rows_are() {
    let sizes = |parts: &[Vec<crate::plain::Row>]| {
        let report: Report = lab_of(parts, &names(3), &small_arguments(&json!({}))).run();
        let of = |sent: &anchorhold_sdk::lab::Sent| (sent.from, sent.to, sent.body.len());
        report.trace().iter().map(of).collect::<Vec<_>>()
    };
    let some = [small(12, 1), small(30, 2), small(7, 3)];
    let zeros = [(); 3].map(|()| vec![(vec![0.0; 3], 0); 9]);
    assert_eq!(sizes(&some), sizes(&zeros));
}
