//! Messages are as long as the README says, and values take no more bits than their sum.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{MODELLER, lab, states};

#[test]
fn bytes_and_rounds_follow_the_formula() {
    for (workers, active) in [(3, false), (10, false), (4, true), (10, true)] {
        let report = lab(&states(workers), &json!({ "active": active, "bits": 12 })).run();
        assert_eq!(report.traffic().rounds, if active { 8 } else { 7 });
        let mut bytes: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for sent in report.trace().iter().filter(|sent| sent.topic != "agree") {
            let of = (sent.topic.as_str(), sent.from == MODELLER, sent.to == MODELLER);
            bytes.entry(of).or_default().push(sent.body.len());
        }
        // 2^12 - 2 for each worker, and nine values. Four bytes are the round.
        let bits = (workers as f64 * 4094.0 + 1.0).log2().ceil() as usize;
        let (roster, pairs) = (workers.div_ceil(8), workers * (workers - 1));
        let mut expected = BTreeMap::from([
            (("deal", false, false), vec![4 + 96; pairs]),
            (("received", false, true), vec![4 + roster; workers]),
            (("included", true, false), vec![4 + roster; workers]),
            (("masked", false, true), vec![4 + (9 * bits).div_ceil(8); workers]),
            (("survivors", true, false), vec![4 + roster; workers]),
            (("shares", false, true), vec![4 + 48 * workers; workers]),
        ]);
        if active {
            expected.insert(("told", false, false), vec![4 + 2 * roster; pairs]);
        }
        assert_eq!(bytes, expected, "{workers} {active}");
    }
}

#[test]
fn a_worker_sends_little_more_than_its_values() {
    let (workers, values) = (10, 50_000);
    let states: Vec<_> = (0..workers).map(|worker| json!({ "x": vec![worker; values] })).collect();
    let report = lab(&states, &json!({ "active": true, "clip": 10 })).run();
    // Ten times 2^16 - 2 is below 2^20.
    let least = values as f64 * 20.0 / 8.0;
    for worker in 1..=workers {
        let sent = report.trace().iter().filter(|sent| sent.from == worker);
        let bytes = sent.map(|sent| sent.body.len()).sum::<usize>() as f64;
        assert!((least..1.1 * least).contains(&bytes), "{bytes} instead of {least}");
    }
}

#[test]
fn shares_are_of_eight_bytes_for_each_value_and_worker() {
    for workers in [2, 5] {
        let report = lab(&states(workers), &json!({ "kind": "shares" })).run();
        assert_eq!(report.traffic().rounds, 3);
        let of = |topic: &str| {
            let sent = report.trace().iter().filter(|sent| sent.topic == topic);
            sent.map(|sent| sent.body.len()).collect::<Vec<_>>()
        };
        assert_eq!(of("random"), vec![72; workers * (workers - 1)]);
        assert_eq!(of("final"), vec![72; workers]);
    }
}
