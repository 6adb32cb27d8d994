mod corrupt;
mod views;

use chacha20::ChaCha20Rng;
use serde_json::{Value, json};

use super::*;
use crate::lab::{Failure, Lab, Report};
use crate::mpc::domain::zip;
use crate::mpc::matrix;
use crate::mpc::{Domain as _, Fp61};
use crate::{Algorithm, Description, Security};

fn describe() -> Description {
    Description::new("test", "1.0.0", "Tests.", Security::semi_honest("One.", "Nothing."))
}

/// So many that compute, and the provider at the last seat.
fn lab<T: serde::Serialize + 'static>(
    parties: usize,
    run: impl Fn(&mut Task, Seat) -> Result<T> + Send + Sync + 'static,
) -> Lab {
    let provider = Seat::new(u32::try_from(parties).unwrap());
    let run = move |task: &mut Task, _: Value| run(task, provider);
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(parties + 1);
    lab
}

/// The values of a party: the same at each call.
fn values<F: Field>(seat: u64, length: usize) -> Vec<F> {
    F::random_vector(&mut ChaCha20Rng::seed_from_u64(seat), length)
}

/// Shares a vector of each party.
fn shared<F: Field>(parties: &mut Spdz<'_, F>, length: usize) -> Result<Vec<Shared<F>>> {
    let seat = parties.task().seat();
    let own = values::<F>(seat.number().into(), length);
    let own = (seat != parties.provider).then_some(&own[..]);
    parties.share_all(own, length)
}

fn computes_as_in_plaintext<F: Field>(parties: usize) {
    let report = lab(parties, |task, provider| {
        let mut parties = Spdz::<F>::new(task, provider)?;
        let all = shared(&mut parties, 12)?;
        let [x, y] = [0, 1].map(|seat| values::<F>(seat, 12));
        let product = parties.multiply(&all[0], &all[1])?;
        let dot = parties.dot(&all[0], &all[1])?;
        let (left, right) =
            (all[0].clone().into_matrix((3, 4)), all[1].clone().into_matrix((4, 3)));
        let product_of_matrices = parties.times(&left, &right)?.into_vector();
        let public = parties.public(&[F::ONE; 12]);
        let linear = all[0].plus(&public).minus(&all[1].scaled(F::from_u64(5)));
        let opened =
            [product, dot, product_of_matrices, linear].map(|result| parties.open(&result));
        let products = zip(&x, &y, |a, b| a * b);
        let expected = [
            products.clone(),
            vec![products.iter().fold(F::ZERO, |sum, &one| sum + one)],
            matrix::product((3, 4, 3), &x, &y),
            zip(&x, &y, |a, b| a + F::ONE - b * F::from_u64(5)),
        ];
        for (opened, expected) in opened.into_iter().zip(expected) {
            let is_provider = parties.supply.is_provider();
            assert_eq!(opened?, if is_provider { vec![F::ZERO; expected.len()] } else { expected });
        }
        Ok(())
    })
    .run();
    report.common_result();
    let to_provider = report.trace().iter().filter(|sent| sent.to == parties);
    assert_eq!(to_provider.count(), 0, "the provider is told nothing");
}

#[test]
fn each_field_and_number_of_parties_is_computed_in_as_in_plaintext() {
    for parties in [2, 3, 5] {
        computes_as_in_plaintext::<Fp127>(parties);
        computes_as_in_plaintext::<Fp61>(parties);
    }
}

#[test]
fn one_party_alone_gets_what_is_opened_to_it() {
    for receiver in 0..3 {
        let report = lab(3, move |task, provider| {
            let mut parties = Spdz::<Fp127>::new(task, provider)?;
            let all = shared(&mut parties, 4)?;
            let opened = parties.open_to(Seat::new(receiver), &all[1])?;
            Ok(opened.map(|opened| opened == values::<Fp127>(1, 4)))
        })
        .run();
        for seat in 0..4 {
            let expected = if seat == receiver { json!(true) } else { Value::Null };
            assert_eq!(report.result(seat as usize), &expected);
        }
    }
}

/// Bytes on a topic from a party to another, in the order of messages.
fn sent(report: &Report, topic: &str, from: usize, to: usize) -> Vec<usize> {
    let of = report.trace().iter();
    let of = of.filter(|sent| (&sent.topic[..], sent.from, sent.to) == (topic, from, to));
    of.map(|sent| sent.body.len()).collect()
}

#[test]
fn bytes_and_rounds_are_those_of_the_paper() {
    const LENGTH: usize = 100;
    let report = lab(3, |task, provider| {
        let mut parties = Spdz::<Fp127>::new(task, provider)?;
        let all = shared(&mut parties, LENGTH)?;
        let product = parties.multiply(&all[0], &all[1])?;
        parties.open(&product).map(drop)
    })
    .run();
    report.common_result();
    const ELEMENT: usize = 16;
    for (from, to) in [(0, 1), (1, 0), (1, 2), (2, 0)] {
        assert_eq!(sent(&report, "share", from, to), [LENGTH * ELEMENT]);
        assert_eq!(sent(&report, "open", from, to), [2 * LENGTH * ELEMENT, LENGTH * ELEMENT]);
        // Two checks: a hash of what was heard, and two times a commitment and what it was to.
        assert_eq!(sent(&report, "heard", from, to), [32; 2]);
        assert_eq!(sent(&report, "commit", from, to), [32; 4]);
        assert_eq!(sent(&report, "reveal", from, to), [64, 48, 64, 48]);
    }
    // Two for each shared value, three times; four for each product. To the first party alone.
    let corrections = [2; 3].into_iter().chain([4]).map(|each| each * LENGTH * ELEMENT);
    assert_eq!(sent(&report, "correction", 3, 0), corrections.collect::<Vec<_>>());
    assert_eq!(report.trace().iter().filter(|sent| sent.from == 3).count(), 4 + 3);
    // Seeds, shares, the product; a check of four, the opening and another check.
    assert_eq!(report.traffic().rounds, 1 + 1 + 1 + 4 + 1 + 4);
}

#[test]
fn a_sign_a_zero_and_a_quotient_take_what_is_stated() {
    const LENGTH: usize = 3;
    let cost = |of: fn(&mut Spdz<'_>, &Shared<Fp127>) -> Result<Shared<Fp127>>| {
        let report = lab(2, move |task, provider| {
            let mut parties = Spdz::<Fp127>::new(task, provider)?;
            let x = parties.public(&[Fp127::from_u64(7); LENGTH]);
            of(&mut parties, &x).map(drop)
        })
        .run();
        report.common_result();
        let elements = |from, topic| {
            let sizes = sent(&report, topic, from, 1 - from % 2);
            sizes.iter().sum::<usize>() / 16 / LENGTH
        };
        assert_eq!(elements(0, "open"), elements(1, "open"));
        let corrections = sent(&report, "correction", 2, 0).iter().sum::<usize>() / 16 / LENGTH;
        (report.traffic().rounds - 1, elements(0, "open"), corrections)
    };
    assert_eq!(cost(|parties, x| parties.is_negative(x)), (5, 59, 630));
    assert_eq!(cost(|parties, x| parties.is_zero(x)), (5, 31, 574));
    assert_eq!(cost(|parties, x| parties.truncate(x, 16)), (1, 1, 4));
}

#[test]
fn random_vectors_are_the_same_for_all_and_different_each_time() {
    let report = lab(2, |task, provider| {
        let mut parties = Spdz::<Fp127>::new(task, provider)?;
        let drawn = [parties.random(2)?, parties.random(2)?].map(|drawn| parties.open(&drawn));
        let [first, second] = drawn;
        Ok([first?, second?].concat())
    })
    .run();
    let drawn = report.result(0).as_array().unwrap();
    assert_eq!(report.result(1), report.result(0));
    assert!((1..4).all(|j| drawn[j] != drawn[0]), "{drawn:?}");
}

#[test]
fn two_that_compute_and_a_provider_are_needed() {
    for (parties, provider) in [(2, 1), (3, 7)] {
        let run = move |task: &mut Task, _: Value| {
            Spdz::<Fp127>::new(task, Seat::new(provider)).map(drop)
        };
        let report = Lab::new(Algorithm::new(describe, run)).parties(parties).run();
        match report.failure(0) {
            Failure::Returned(error) => assert_eq!(
                error.sentence(),
                format!(
                    "additive sharing takes two parties that compute and a crypto provider, not \
                     {parties} in all"
                )
            ),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_long_computation_is_checked_in_between() {
    let report = lab(2, |task, provider| {
        let mut parties = Spdz::<Fp61>::new(task, provider)?;
        let x = parties.random(50_000)?;
        let mut product = x.clone();
        for _ in 0..3 {
            product = parties.multiply(&product, &x)?;
        }
        let one = parties.open(&product.range(0..1))?;
        Ok(one.len())
    })
    .run();
    assert_eq!(report.result(0), &json!(1));
    // After 300,000 openings, and before and after the last one, which was right after a check.
    assert_eq!(sent(&report, "reveal", 0, 1).len(), 2 * 2);
}

#[test]
fn what_is_truncated_may_be_as_large_as_a_product() {
    let (least, most) = (-(1_i128 << 80), (1_i128 << 80) - 1);
    let numbers = [0, 1, -1, least, least + 1, most, most - 1, 1 << 63, 1 << 64, -(1 << 65) - 1];
    for bits in [1, 40, 79] {
        let report = lab(2, move |task, provider| {
            let mut parties = Spdz::<Fp127>::new(task, provider)?;
            let own = numbers.map(Fp127::from_integer);
            let is_first = parties.task().seat() == Seat::FIRST;
            let x = parties.share(Seat::FIRST, is_first.then_some(&own[..]), own.len())?;
            let quotients = parties.truncate(&x, bits)?;
            let opened = parties.open(&quotients)?.into_iter();
            // As text: JSON has no numbers of 128 bits.
            Ok(opened.map(|opened| opened.to_integer().to_string()).collect::<Vec<_>>())
        })
        .run();
        let opened: Vec<String> = serde_json::from_value(report.result(0).clone()).unwrap();
        for (number, opened) in numbers.into_iter().zip(opened) {
            let off = opened.parse::<i128>().unwrap() - (number >> bits);
            let up = i128::from(number & ((1 << bits) - 1) != 0);
            assert!((0..=up).contains(&off), "{number} / 2^{bits} is not {opened}");
        }
    }
}
