//! How much is sent, and to whom.

use crate::{lab, study};

#[test]
fn rounds_messages_and_bytes_are_as_the_readme_says() {
    for (parties, ties) in [(3, "efron"), (5, "breslow"), (10, "efron")] {
        let (mut arguments, parts) = study(parties);
        arguments["ties"] = ties.into();
        let report = lab(&arguments, &parts).run();
        let steps = usize::try_from(report.common_result()["steps"].as_u64().unwrap()).unwrap();
        let mut events = [0; 21];
        for part in &parts {
            for (time, died) in part[0].1.iter().zip(&part[1].1) {
                events[time.unwrap() as usize] += usize::from(*died == Some(1.0));
            }
        }
        let times = events.iter().filter(|events| **events > 0).count();
        let tied = events.iter().filter(|events| **events > 1 && ties == "efron").count();
        let others = parties - 1;
        let sent = |topic: &str| -> Vec<usize> {
            let sent = report.trace().iter().filter(|sent| sent.topic == topic);
            sent.map(|sent| sent.body.len()).collect()
        };
        assert_eq!(sent("seed"), vec![32; parties * others / 2]);
        // Two counts at each of 21 times and two means; then two features, with six sums of a group.
        let step = 16 * (4 + 6 * (times + tied));
        let masked = [vec![44 * 16; others], vec![step; others * steps]].concat();
        assert_eq!(sent("masked"), masked);
        assert_eq!(report.traffic().rounds, u32::try_from(2 * steps).unwrap() + 4);
        assert!(report.trace().iter().all(|sent| sent.topic != "masked" || sent.to == 0));
    }
}
