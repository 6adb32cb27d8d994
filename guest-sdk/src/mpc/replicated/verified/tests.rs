use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde_json::{Value, json};

use super::*;
use crate::Algorithm;
use crate::lab::{Deviation, Failure, Lab, Sent};
use crate::mpc::replicated::tests::describe;
use crate::mpc::{Domain as _, Fp127, matrix};

/// Three that compute, and one that gives a value.
fn lab<T: serde::Serialize + 'static>(
    run: impl Fn(&mut Task, Servers) -> Result<T> + Send + Sync + 'static,
) -> Lab {
    let run = move |task: &mut Task, _: Value| {
        let servers = Servers::first(task)?;
        run(task, servers)
    };
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(4);
    lab
}

/// The values of a party: the same at each call.
fn values<F: Field>(seat: u64, length: usize) -> Vec<F> {
    F::random_vector(&mut ChaCha20Rng::seed_from_u64(seat), length)
}

fn computes_as_in_plaintext<F: Field>() {
    let report = lab(|task, servers| {
        let own = values::<F>(task.seat().number().into(), 12);
        let mut parties = Verified::<F>::new(task, servers)?;
        let all = parties.share_all(Some(&own), 12)?;
        // Of one that computes, and of the one that does not.
        let [x, y] = [1, 3].map(|seat| values::<F>(seat, 12));
        let product = parties.multiply(&all[1], &all[3])?;
        let square = parties.multiply(&product, &product)?;
        let dot = parties.dot(&all[1], &all[3])?;
        let left = all[1].clone().into_matrix((3, 4));
        let right = all[3].clone().into_matrix((4, 3));
        let times = parties.times(&left, &right)?.into_vector();
        let public = parties.public(&[F::ONE; 12]);
        let linear = all[1].plus(&public).minus(&all[3].scaled(F::from_u64(5)));
        let products = zip(&x, &y, |a, b| a * b);
        assert_eq!(parties.open(&square)?, zip(&products, &products, |a, b| a * b));
        let sum = products.iter().fold(F::ZERO, |sum, &one| sum + one);
        assert_eq!(parties.open(&dot)?, [sum]);
        assert_eq!(parties.open(&times)?, matrix::product((3, 4, 3), &x, &y));
        let expected = zip(&x, &y, |a, b| a + F::ONE - b * F::from_u64(5));
        assert_eq!(parties.open(&linear)?, expected);
        let drawn = parties.random(2)?;
        let drawn = parties.open(&drawn)?;
        assert_ne!(drawn[0], drawn[1]);
        for receiver in 0..4 {
            let opened = parties.open_to(Seat::new(receiver), &linear)?;
            let is_receiver = parties.task().seat().number() == receiver;
            assert_eq!(opened, is_receiver.then(|| expected.clone()));
        }
        Ok(())
    })
    .run();
    report.common_result();
}

#[test]
fn each_field_is_computed_in_as_in_plaintext() {
    computes_as_in_plaintext::<Fp61>();
    computes_as_in_plaintext::<Fp127>();
}

/// Shares, multiplies twice, and opens to all and to one.
fn program(task: &mut Task, servers: Servers) -> Result<[bool; 2]> {
    let own = [Fp61::new(u64::from(task.seat().number()) + 3)];
    let mut parties = Verified::<Fp61>::new(task, servers)?;
    let all = parties.share_all(Some(&own), 1)?;
    let product = parties.multiply(&all[0], &all[3])?;
    let product = parties.multiply(&product, &all[2])?;
    let to_all = parties.open(&product)?;
    let sum = product.plus(&all[1]);
    let to_first = parties.open_to(Seat::new(0), &sum)?;
    let is_right = |opened: &[Fp61], expected: u64| opened == [Fp61::new(expected)];
    Ok([is_right(&to_all, 90), to_first.is_none_or(|opened| is_right(&opened, 94))])
}

/// Runs with a fault of a corrupt party, and says whether all the others have a result; a wrong one
/// is none.
fn accepted(corrupt: usize, fault: impl FnOnce(&mut Lab)) -> bool {
    let mut lab = lab(program);
    fault(&mut lab);
    let report = lab.run();
    let honest = report.outcomes().iter().enumerate().filter(|(seat, _)| *seat != corrupt);
    let mut all = true;
    for (_, outcome) in honest {
        match outcome {
            Ok(result) => assert_eq!(result, &json!([true, true]), "a wrong result was accepted"),
            Err(Failure::Panicked(message)) => panic!("{message}"),
            Err(_) => all = false,
        }
    }
    all
}

#[test]
fn no_changed_message_is_accepted() {
    let honest = lab(program).run();
    let mut tried = 0;
    for &Sent { from, to, index, ref topic, .. } in honest.trace() {
        // Another key, or another input of a party that computes, is a right one.
        if topic == "key" || topic == "share" && from < 3 {
            continue;
        }
        for deviation in [Deviation::Changed(0), Deviation::Emptied, Deviation::Lost] {
            let accepted = accepted(from, |lab| {
                lab.deviate(from, to, index, deviation);
            });
            assert!(!accepted, "message {index} from {from} to {to}, {topic}, {deviation:?}");
        }
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn another_key_or_input_leads_to_no_wrong_product() {
    for from in 0..3 {
        let to = (from + 2) % 3;
        accepted_or_other(from, to, 0);
        accepted_or_other(from, to, 1);
    }
}

/// A party sends another key, or its input under another mask: then it has another input, whose result
/// is right, or all fails.
fn accepted_or_other(from: usize, to: usize, index: usize) {
    let mut lab = lab(|task, servers| {
        let own = [Fp61::new(u64::from(task.seat().number()) + 3)];
        let mut parties = Verified::<Fp61>::new(task, servers)?;
        let all = parties.share_all(Some(&own), 1)?;
        let product = parties.multiply(&all[0], &all[1])?;
        let both = Shared::concatenation([&all[0], &all[1], &product]);
        let opened = parties.open(&both)?;
        Ok(opened[0] * opened[1] == opened[2])
    });
    lab.deviate(from, to, index, Deviation::Changed(0));
    for (seat, outcome) in lab.run().outcomes().iter().enumerate() {
        if seat != from {
            assert!(outcome.as_ref().is_err() || outcome.as_ref().is_ok_and(|right| right == true));
        }
    }
}

#[test]
fn who_goes_on_after_a_failed_check_opens_nothing() {
    let mut lab = lab(|task, servers| {
        let own = [Fp61::new(3)];
        let mut parties = Verified::<Fp61>::new(task, servers)?;
        let all = parties.share_all(Some(&own), 1)?;
        let product = parties.multiply(&all[0], &all[1])?;
        if parties.task().seat().number() == 3 {
            return Ok([true, true]);
        }
        let first = parties.open(&product).is_err();
        Ok([first, parties.open(&all[0]).is_err()])
    });
    // The key, the share, the product by r, and then the product.
    let report = lab.deviate(1, 0, 3, Deviation::Changed(0)).run();
    assert_eq!(report.result(0), &json!([true, true]));
}

#[test]
fn nothing_of_a_check_is_told_to_who_still_has_something_to_send() {
    // Whoever knows the coefficients can choose errors that cancel each other, and whoever knows what
    // they come to can make it zero.
    for from in 0..3 {
        // To the one before: the key, the share, the product by r, and the product; in the check
        // that all was heard, the coefficients, two products.
        for (index, opened) in [(3, 0), (7, 2)] {
            let mut lab = lab(|task, servers| {
                let own = [Fp61::new(3), Fp61::new(4)];
                let mut parties = Verified::<Fp61>::new(task, servers)?;
                let all = parties.share_all(Some(&own), 2)?;
                let product = parties.multiply(&all[0], &all[1])?;
                parties.open(&product).map(drop)
            });
            let report = lab.drop_message(from, (from + 2) % 3, index).run();
            let of_other = report.trace().iter().filter(|sent| sent.from == (from + 1) % 3);
            let topics: Vec<_> = of_other.map(|sent| &sent.topic[..]).collect();
            let products = topics.iter().filter(|topic| **topic == "multiply").count();
            assert_eq!(products, 2 + opened, "it has sent its own: {topics:?}");
            let openings = topics.iter().filter(|topic| **topic == "open").count();
            assert_eq!(openings, opened, "{topics:?}");
        }
    }
}

#[test]
fn bytes_and_rounds_are_those_that_are_stated() {
    const LENGTH: usize = 100;
    let report = lab(|task, servers| {
        let own = [Fp61::ONE; LENGTH];
        let mut parties = Verified::<Fp61>::new(task, servers)?;
        let all = parties.share_all(Some(&own), LENGTH)?;
        let product = parties.multiply(&all[0], &all[1])?;
        parties.open(&product).map(drop)
    })
    .run();
    report.common_result();
    let sent = |topic: &str, to: usize| {
        let sent = report.trace().iter();
        let sent = sent.filter(|sent| (&sent.topic[..], sent.from, sent.to) == (topic, 0, to));
        sent.map(|sent| sent.body.len()).collect::<Vec<_>>()
    };
    // Four inputs by r, a product twice, and a check.
    assert_eq!(sent("multiply", 2), [4 * LENGTH * 8, 2 * LENGTH * 8, 8, 8]);
    for to in [1, 2] {
        assert_eq!(sent("open", to), [4 * 8, 8, LENGTH * 8]);
    }
    assert_eq!(sent("open", 3), [2 * LENGTH * 8]);
    // The keys, the shares and those by r, the product, a check of six, and the opening.
    assert_eq!(report.traffic().rounds, 1 + 2 + 1 + 6 + 1);
}
