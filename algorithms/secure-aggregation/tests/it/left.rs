//! Workers that never come or leave at any step: the average is of those who stayed, if they are enough.

use anchorhold_sdk::lab::{Failure, Lab};
use serde_json::{Value, json};

use crate::{MODELLER, is_average_of, lab, settings, states, with};

const WORKERS: usize = 7;

/// When a worker leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Step {
    NeverComes,
    BeforeShares,
    /// Only workers of even seats have its shares.
    AmidShares,
    BeforeReceived,
    BeforeMasked,
    BeforeTold,
    BeforeUnmasking,
}

const STEPS: [Step; 7] = [
    Step::NeverComes,
    Step::BeforeShares,
    Step::AmidShares,
    Step::BeforeReceived,
    Step::BeforeMasked,
    Step::BeforeTold,
    Step::BeforeUnmasking,
];

/// Lets a worker leave. Nothing that follows a message that is lost is delivered either, and to who has
/// gone before nothing is sent.
fn leave(lab: &mut Lab, worker: usize, step: Step, gone: Option<usize>) {
    let others = (1..=WORKERS).filter(|other| *other != worker && gone != Some(*other));
    let (to_modeller, to_others) = match step {
        Step::NeverComes => {
            lab.absent(worker);
            return;
        }
        Step::BeforeShares | Step::AmidShares => (Some(1), Some(1)),
        Step::BeforeReceived => (Some(1), None),
        Step::BeforeMasked => (Some(2), None),
        Step::BeforeTold => (Some(3), Some(2)),
        Step::BeforeUnmasking => (Some(3), None),
    };
    if let Some(index) = to_modeller {
        lab.drop_message(worker, MODELLER, index);
    }
    let stays = |other: &usize| step != Step::AmidShares || other % 2 == 1;
    for other in others.filter(stays) {
        if let Some(index) = to_others {
            lab.drop_message(worker, other, index);
        }
    }
}

fn has_step(arguments: &Value, step: Step) -> bool {
    step != Step::BeforeTold || arguments.get("active").is_some()
}

#[test]
fn any_two_leave_at_any_steps_and_the_average_is_of_the_others() {
    let states = states(WORKERS);
    for arguments in &settings()[..2] {
        for (one, other) in STEPS.iter().flat_map(|one| STEPS.map(|other| (*one, other))) {
            if !has_step(arguments, one) || !has_step(arguments, other) {
                continue;
            }
            // Who never came is sent nothing that could be lost.
            if (one == Step::NeverComes) != (other == Step::NeverComes) {
                continue;
            }
            let mut lab = lab(&states, arguments);
            let gone = |worker, step: Step, own| {
                (own == Step::BeforeTold && step <= Step::BeforeMasked).then_some(worker)
            };
            leave(&mut lab, 2, one, gone(5, other, one));
            leave(&mut lab, 5, other, gone(2, one, other));
            let report = lab.run();
            let what = format!("{arguments} {one:?} {other:?}");
            let stays = |worker: &usize| match *worker {
                2 => one > Step::BeforeMasked,
                5 => other > Step::BeforeMasked,
                _ => true,
            };
            let stayed: Vec<_> = (1..=WORKERS).filter(stays).collect();
            let result = report.result(MODELLER);
            let names: Vec<_> = stayed.iter().map(|worker| format!("worker-{worker}")).collect();
            assert_eq!(result["workers"], json!(names), "{what}");
            let of: Vec<_> = stayed.iter().map(|worker| &states[worker - 1]).collect();
            is_average_of(result, &of, &vec![1; of.len()]);
            for worker in [1, 3, 4, 6, 7] {
                assert_eq!(report.result(worker)["workers"], result["workers"], "{what}");
            }
        }
    }
}

#[test]
fn a_worker_leaves_at_each_step_while_another_never_came() {
    let states = states(WORKERS);
    for arguments in &settings()[..2] {
        for step in [Step::BeforeReceived, Step::BeforeMasked, Step::BeforeUnmasking] {
            let mut lab = lab(&states, arguments);
            lab.absent(7);
            leave(&mut lab, 2, step, None);
            let report = lab.run();
            let stayed: Vec<_> =
                (1..7).filter(|worker| *worker != 2 || step > Step::BeforeMasked).collect();
            let of: Vec<_> = stayed.iter().map(|worker| &states[worker - 1]).collect();
            is_average_of(report.result(MODELLER), &of, &vec![1; of.len()]);
        }
    }
}

#[test]
fn too_few_that_stay_are_an_error_that_says_how_many() {
    let states = states(WORKERS);
    for (arguments, needed) in settings()[..2].iter().zip([4, 5]) {
        for step in STEPS.into_iter().filter(|step| has_step(arguments, *step)) {
            // With shares of some alone it depends on who has them.
            if step == Step::AmidShares {
                continue;
            }
            let mut lab = lab(&states, arguments);
            let stay = needed - 1;
            (stay + 1..=WORKERS).for_each(|worker| match step {
                // Nobody who leaves is sent the shares of another that does.
                Step::BeforeShares => {
                    lab.drop_message(worker, MODELLER, 1);
                    (1..=stay).for_each(|other| {
                        lab.drop_message(worker, other, 1);
                    });
                }
                Step::BeforeTold => {
                    lab.drop_message(worker, MODELLER, 3);
                }
                _ => leave(&mut lab, worker, step, None),
            });
            let report = lab.run();
            let expected = |stay| format!("of 7 workers {stay} are there, and {needed} are needed");
            // Workers that do not have the shares of enough end before they tell the modeller.
            if step == Step::BeforeShares {
                assert_eq!(report.failure(1).to_string(), expected(stay));
            }
            let told = if step == Step::BeforeShares { 0 } else { stay };
            let sentence = report.failure(MODELLER).to_string();
            assert_eq!(sentence, expected(told), "{arguments} {step:?}");
        }
    }
}

#[test]
fn of_three_workers_all_must_stay() {
    for arguments in &settings()[..2] {
        let mut lab = lab(&states(3), arguments);
        let report = lab.drop_message(2, MODELLER, 2).run();
        let Failure::Returned(error) = report.failure(MODELLER) else { panic!("it is told") };
        assert_eq!(error.sentence(), "of 3 workers 2 are there, and 3 are needed");
        assert!(report.trace().iter().all(|sent| sent.topic != "shares"), "nothing is unmasked");
    }
}

#[test]
fn workers_that_do_not_have_one_anothers_shares_are_not_both_included() {
    let states = states(4);
    let mut lab = lab(&states, &json!({}));
    let report = lab.drop_message(1, 3, 1).run();
    let of: Vec<_> = [0, 1, 3].iter().map(|worker| &states[*worker]).collect();
    is_average_of(report.result(MODELLER), &of, &[1; 3]);
    let Failure::Returned(error) = report.failure(3) else { panic!("it is told") };
    let expected = "the modeller goes on without this worker, which it took for lost";
    assert!(error.sentence().ends_with(expected), "{error}");
}

#[test]
fn nobody_goes_on_without_the_modeller() {
    for arguments in settings() {
        let report = lab(&states(4), &arguments).absent(MODELLER).run();
        for worker in 1..=4 {
            let Failure::Returned(error) = report.failure(worker) else { panic!("it is told") };
            assert!(error.sentence().contains("seat 0"), "{error}");
        }
        assert!(report.trace().iter().all(|sent| sent.topic == "agree"), "nothing else left");
    }
}

#[test]
fn nobody_waits_for_a_modeller_that_leaves() {
    for arguments in settings() {
        let honest = lab(&states(4), &arguments).run();
        let steps = honest.trace().iter().filter(|sent| (sent.from, sent.to) == (MODELLER, 1));
        for step in 0..steps.count() {
            let mut lab = lab(&states(4), &arguments);
            (1..=4).for_each(|worker| {
                lab.drop_message(MODELLER, worker, step);
            });
            let report = lab.run();
            for worker in 1..=4 {
                let Failure::Returned(error) = report.failure(worker) else { panic!("it is told") };
                assert!(error.sentence().ends_with("seat 0 any more: it is lost"), "{error}");
            }
        }
    }
}

#[test]
fn shares_do_without_nobody() {
    let arguments = json!({ "kind": "shares" });
    let honest = lab(&states(3), &arguments).run();
    for (from, to) in [(1, 0), (1, 2), (3, 1)] {
        let steps = honest.trace().iter().filter(|sent| (sent.from, sent.to) == (from, to)).count();
        for step in 0..steps {
            let report = lab(&states(3), &arguments).drop_message(from, to, step).run();
            assert!(matches!(report.failure(to), Failure::Returned(_)));
            assert!(matches!(report.failure(MODELLER), Failure::Returned(_)));
        }
    }
    let report = lab(&states(3), &with(&arguments, &json!({}))).absent(2).run();
    assert!([0, 1, 3].iter().all(|seat| matches!(report.failure(*seat), Failure::Returned(_))));
}
