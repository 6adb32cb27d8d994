//! A party that sends something else than it should: each of its messages in turn.

use super::*;
use crate::lab::Deviation;

/// Shares, multiplies, compares, and opens to all and to one.
fn program(task: &mut Task, provider: Seat) -> Result<[bool; 2]> {
    let mut parties = Spdz::<Fp127>::new(task, provider)?;
    let own = match parties.task().seat().number() {
        0 => Some([Fp127::new(3)]),
        1 => Some([Fp127::new(5)]),
        _ => None,
    };
    let both =
        parties.share_from(&[Seat::new(0), Seat::new(1)], own.as_ref().map(|own| &own[..]), 1)?;
    let product = parties.multiply(&both[0], &both[1])?;
    let larger = parties.maximum(&product, &both[0])?;
    let to_all = parties.open(&larger)?;
    let to_first = parties.open_to(Seat::new(0), &product)?;
    let is_right = |opened: &[Fp127]| opened == [Fp127::new(15)];
    Ok([is_right(&to_all), to_first.is_none_or(|opened| is_right(&opened))])
}

/// Runs with faults of the last one that computes, and says whether all the others have a result; a wrong
/// one is none.
fn accepted(faults: impl FnOnce(&mut Lab), parties: usize) -> bool {
    let mut lab = lab(parties, program);
    faults(&mut lab);
    let report = lab.run();
    let mut all = true;
    for outcome in &report.outcomes()[..parties - 1] {
        match outcome {
            Ok(result) => assert_eq!(result, &json!([true, true]), "a wrong result was accepted"),
            Err(Failure::Panicked(message)) => panic!("{message}"),
            Err(_) => all = false,
        }
    }
    all
}

/// What happens to each message.
const DEVIATIONS: [Deviation; 3] = [Deviation::Changed(0), Deviation::Emptied, Deviation::Lost];

#[test]
fn of_two_no_changed_message_is_accepted() {
    let honest = lab(2, program).run();
    let topics = honest.topics(1, 0);
    assert!(topics.len() > 20, "{topics:?}");
    for (index, topic) in topics.iter().enumerate() {
        for deviation in DEVIATIONS {
            let faults = |lab: &mut Lab| {
                lab.deviate(1, 0, index, deviation);
            };
            assert!(!accepted(faults, 2), "message {index}, {topic}, {deviation:?}");
        }
    }
}

#[test]
fn of_three_no_message_that_one_or_both_others_get_changed_is_accepted() {
    let honest = lab(3, program).run();
    for (index, topic) in honest.topics(2, 0).iter().enumerate() {
        for receivers in [&[0][..], &[1], &[0, 1]] {
            let faults = |lab: &mut Lab| {
                for to in receivers {
                    lab.deviate(2, *to, index, Deviation::Changed(0));
                }
            };
            assert!(!accepted(faults, 3), "message {index}, {topic}, to {receivers:?}");
        }
    }
}

#[test]
fn an_input_that_differs_between_receivers_is_noticed_before_anything_is_opened() {
    let mut lab = lab(3, |task, provider| {
        let mut parties = Spdz::<Fp127>::new(task, provider)?;
        let all = shared(&mut parties, 1)?;
        parties.open(&all[0]).map(drop)
    });
    // The third one's first message to the second: its masked input.
    let report = lab.deviate(2, 1, 0, Deviation::Changed(0)).run();
    for seat in [0, 1] {
        let failure = report.failure(seat).to_string();
        assert!(failure.contains("did not follow the protocol"), "{failure}");
    }
    assert!(report.trace().iter().all(|sent| sent.topic != "open"));
}

#[test]
fn who_goes_on_after_a_failed_check_opens_nothing() {
    let mut lab = lab(2, |task, provider| {
        let mut parties = Spdz::<Fp127>::new(task, provider)?;
        let all = shared(&mut parties, 1)?;
        let product = parties.multiply(&all[0], &all[1])?;
        let first = parties.open(&product).is_err();
        let second = parties.open(&all[0]).is_err();
        Ok([first, second])
    });
    // The second one's first opening, after its input.
    let report = lab.deviate(1, 0, 1, Deviation::Changed(0)).run();
    assert_eq!(report.result(0), &json!([true, true]));
    let opened = report.trace().iter().filter(|sent| sent.topic == "open" && sent.from == 0);
    assert_eq!(opened.count(), 1, "only what the product needed");
}

#[test]
fn nothing_is_opened_under_a_mask_before_what_it_depends_on_is_checked() {
    type Step = fn(&mut Spdz<'_>, &Shared<Fp127>) -> Result<Shared<Fp127>>;
    let steps: [Step; 3] = [
        |parties, x| parties.is_negative(x),
        |parties, x| parties.is_zero(x),
        |parties, x| parties.truncate(x, 16),
    ];
    for step in steps {
        let mut lab = lab(2, move |task, provider| {
            let mut parties = Spdz::<Fp127>::new(task, provider)?;
            let all = shared(&mut parties, 1)?;
            let product = parties.multiply(&all[0], &all[1])?;
            step(&mut parties, &product).map(drop)
        });
        // The second one's opening for the product, after its input: an error that would move the
        // other's value beyond the mask.
        let report = lab.corrupt_message(1, 0, 1, |body| body[15] ^= 0x40).run();
        let failure = report.failure(0).to_string();
        assert!(failure.contains("did not follow the protocol"), "{failure}");
        let opened = report.trace().iter().filter(|sent| sent.topic == "open" && sent.from == 0);
        assert_eq!(opened.count(), 1, "only what the product needed");
    }
}
