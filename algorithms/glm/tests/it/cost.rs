//! How much is sent, and that it depends on no value.

use crate::{lab, study};

#[test]
fn rounds_messages_and_bytes_are_as_the_readme_says() {
    for parties in [3, 5, 10] {
        let (arguments, parts) = study(parties);
        let report = lab(&arguments, &parts).run();
        let steps = usize::try_from(report.common_result()["steps"].as_u64().unwrap()).unwrap();
        let others = parties - 1;
        let (agree, seeds) = (parties * others, parties * others / 2);
        let sent = |topic: &str| -> Vec<usize> {
            let sent = report.trace().iter().filter(|sent| sent.topic == topic);
            sent.map(|sent| sent.body.len()).collect()
        };
        assert_eq!(sent("agree").len(), agree);
        assert_eq!(sent("seed"), vec![32; seeds]);
        assert_eq!(sent("counted").len(), others);
        // The loss, three derivatives and six second ones.
        let masked = [vec![3 * 16; others], vec![10 * 16; others * steps]].concat();
        assert_eq!(sent("masked"), masked);
        assert_eq!(sent("step").len(), others * (steps + 1));
        let rounds = u32::try_from(2 * steps).unwrap() + 4;
        assert_eq!(report.traffic().rounds, rounds, "{steps} steps");
        // Nobody but seat 0 is sent sums.
        assert!(report.trace().iter().all(|sent| sent.topic != "masked" || sent.to == 0));
    }
}

#[test]
fn what_leaves_a_party_does_not_show_its_rows() {
    let (arguments, parts) = study(3);
    let masked = |seed| {
        let report = lab(&arguments, &parts).seed(seed).run();
        let sent = report.trace().iter().filter(|sent| sent.topic == "masked");
        sent.map(|sent| sent.body.clone()).collect::<Vec<_>>()
    };
    let (one, other) = (masked(1), masked(2));
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert!(one.chunks(16).zip(other.chunks(16)).all(|(one, other)| one != other));
    }
}
