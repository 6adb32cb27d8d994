//! A modeller that lies about who left, to learn the values of one worker.

use anchorhold_sdk::lab::{Failure, Lab, Report};
use serde_json::{Value, json};

use crate::{MODELLER, lab, states, with};

const WORKERS: usize = 7;

/// What is before a list in a message.
const ROUND_BYTES: usize = 4;

/// The worker whose values the modeller wants.
const VICTIM: usize = 4;

/// Tells these workers that the victim has left, and the others that it is there.
fn lied(arguments: &Value, to: &[usize]) -> Report {
    let mut lab = lab(&states(WORKERS), arguments);
    (*to).iter().for_each(|worker| lie(&mut lab, *worker, 2, VICTIM));
    lab.run()
}

/// Lets a message of the modeller be wrong about one worker.
fn lie(lab: &mut Lab, to: usize, index: usize, about: usize) {
    let bit = about - 1;
    lab.corrupt_message(MODELLER, to, index, move |body| {
        body[ROUND_BYTES + bit / 8] ^= 1 << (bit % 8)
    });
}

/// Who has sent shares to the modeller.
fn unmasking(report: &Report) -> Vec<usize> {
    // Who gives none says so by an empty message.
    let is_share = |body: &[u8]| body.len() > ROUND_BYTES;
    let sent = report.trace().iter().filter(|sent| sent.topic == "shares" && is_share(&sent.body));
    let mut senders: Vec<_> = sent.map(|sent| sent.from).collect();
    senders.sort_unstable();
    senders
}

#[test]
fn workers_that_compare_give_nothing_to_a_modeller_that_lies() {
    let others: Vec<_> = (1..=WORKERS).filter(|worker| *worker != VICTIM).collect();
    for some in 1..1_u32 << others.len() {
        let told = |place: &usize| some >> place & 1 == 1;
        let to: Vec<_> = (0..others.len()).filter(told).map(|place| others[place]).collect();
        let report = lied(&json!({ "active": true }), &to);
        assert!(matches!(report.failure(MODELLER), Failure::Returned(_)));
        match to.len() == others.len() {
            // All but the victim were told the same. To them it has left: its own mask stays.
            true => assert_eq!(unmasking(&report), others),
            // The victim may not hear of another list; it holds one share of each secret.
            false => assert!(unmasking(&report).iter().all(|worker| *worker == VICTIM), "{to:?}"),
        }
    }
}

#[test]
fn the_lie_is_named() {
    let report = lied(&json!({ "active": true }), &[2]);
    let sentences: Vec<_> = [1, 2].iter().map(|seat| report.failure(*seat).to_string()).collect();
    let other = |seat| {
        format!(
            "the modeller told seat {seat} of other workers than this one: no share is given to it"
        )
    };
    assert_eq!(sentences, [other(2), other(1)]);
}

#[test]
fn a_lie_about_who_is_included_is_found_too() {
    let mut lab = lab(&states(WORKERS), &json!({ "active": true }));
    lie(&mut lab, 2, 1, VICTIM);
    let report = lab.run();
    // Worker 2 knows of no survivor 4 that is not included.
    let expected =
        "the message \"survivors\" of seat 0: it names a worker that did not come so far";
    assert_eq!(report.failure(2).to_string(), expected);

    let mut lab = crate::lab(&states(WORKERS), &json!({ "active": true }));
    lie(&mut lab, 2, 1, VICTIM);
    lie(&mut lab, 2, 2, VICTIM);
    let report = lab.run();
    assert!(unmasking(&report).iter().all(|worker| *worker == VICTIM));
}

#[test]
fn without_comparing_the_lie_succeeds_where_few_shares_open_a_secret() {
    let report = lied(&json!({ "threshold": 3 }), &[1, 2, 3]);
    // Three give shares of the victim's key, and four of the seed of its mask.
    assert_eq!(unmasking(&report), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_worker_believes_no_list_that_cannot_be() {
    for active in [false, true] {
        let arguments = json!({ "active": active });
        // One of the worker alone, one without it, one with bits of no worker.
        let alone = "the message \"survivors\" of seat 0: it names 1 workers, and";
        let own = "the modeller goes on without this worker, which it took for lost";
        let padding = "the message \"survivors\" of seat 0: bits follow that belong to nothing";
        for (bits, expected) in [(1, alone), (0b111_1110, own), (255, padding)] {
            let mut lab = lab(&states(WORKERS), &arguments);
            lab.corrupt_message(MODELLER, 1, 2, move |body| body[ROUND_BYTES] = bits);
            let report = lab.run();
            assert!(report.failure(1).to_string().starts_with(expected), "{}", report.failure(1));
            assert!(!unmasking(&report).contains(&1));
        }
    }
}

/// Tells each of seven workers something else, such that no four of them contradict: of worker 1 four may
/// open the seed, and of each worker that it was told of, four or more the key.
fn lied_to_each(arguments: &Value) -> Report {
    let roster =
        |workers: [usize; 4]| workers.iter().map(|worker| 1_u8 << (worker - 1)).sum::<u8>();
    let mut lab = lab(&states(WORKERS), arguments);
    let included = roster([1, 2, 3, 4]);
    lab.corrupt_message(MODELLER, 1, 1, move |body| body[ROUND_BYTES] = included);
    for worker in 1..=WORKERS {
        let survivors = roster(match worker {
            1 => [1, 2, 3, 4],
            2..5 => [worker, 5, 6, 7],
            _ => [1, 5, 6, 7],
        });
        lab.corrupt_message(MODELLER, worker, 2, move |body| body[ROUND_BYTES] = survivors);
    }
    lab.run()
}

#[test]
fn a_modeller_alone_can_lie_to_all_unless_they_compare() {
    let arguments = json!({ "threshold": 4, "corrupt": 0 });
    assert_eq!(unmasking(&lied_to_each(&arguments)), [1, 2, 3, 4, 5, 6, 7]);
    let report = lied_to_each(&with(&arguments, &json!({ "active": true })));
    assert_eq!(unmasking(&report), [0; 0]);
    assert!(report.outcomes().iter().all(Result::is_err));
}
