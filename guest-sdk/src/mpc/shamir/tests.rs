use std::collections::BTreeMap;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde_json::{Value, json};

use super::*;
use crate::lab::{Failure, Lab, Report};
use crate::mpc::{Domain as _, Fp7, Fp61, Fp127};
use crate::{Algorithm, Description, Security};

fn describe() -> Description {
    Description::new("test", "1.0.0", "Tests.", Security::semi_honest("t.", "Nothing."))
}

fn lab<T: serde::Serialize + 'static>(
    parties: usize,
    run: impl Fn(&mut Task, Value) -> Result<T> + Send + Sync + 'static,
) -> Lab {
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(parties);
    lab
}

/// The values of a party: the same at each call.
fn values<F: Field>(seat: u64, length: usize) -> Vec<F> {
    F::random_vector(&mut ChaCha20Rng::seed_from_u64(seat), length)
}

/// Shares a vector of each party, and opens their sum and the product of the first two.
fn sum_and_product<F: Field>(task: &mut Task, threshold: usize) -> Result<[Vec<F>; 2]> {
    let own = values::<F>(task.seat().number().into(), 5);
    let mut parties = Shamir::new(task, threshold)?;
    let shares = parties.share_all(&own)?;
    let mut sum = parties.public(&[F::ZERO; 5]);
    for share in &shares {
        sum = sum.plus(share);
    }
    let product = parties.multiply(&shares[0], &shares[1])?;
    Ok([parties.open(&sum)?.values, parties.open(&product)?.values])
}

fn computes_as_in_plaintext<F: Field>() {
    for (parties, threshold) in [(3, 1), (4, 1), (5, 2), (7, 3)] {
        let report = lab(parties, move |task, _| {
            let [sum, product] = sum_and_product::<F>(task, threshold)?;
            let all: Vec<_> = (0..parties as u64).map(|seat| values::<F>(seat, 5)).collect();
            let zero = vec![F::ZERO; 5];
            assert_eq!(sum, all.iter().fold(zero, |sum, own| add_vectors(&sum, own)));
            assert_eq!(product, zip(&all[0], &all[1], |x, y| x * y));
            Ok(())
        })
        .run();
        report.common_result();
    }
}

#[test]
fn each_field_is_computed_in_as_in_plaintext() {
    computes_as_in_plaintext::<Fp61>();
    computes_as_in_plaintext::<Fp127>();
}

#[test]
fn a_dealer_shares_and_linear_steps_cost_nothing() {
    let report = lab(3, |task, _| {
        let x = values::<Fp61>(0, 3);
        let own = (task.seat().number() == 1).then_some(&x[..]);
        let mut parties = Shamir::new(task, 2)?;
        let shared = parties.share(Seat::new(1), own, 3)?;
        let three = parties.public(&[Fp61::from_u64(3); 3]);
        let opened = parties.open(&shared.scaled(Fp61::from_u64(2)).minus(&three))?;
        let expected: Vec<_> = x.iter().map(|&x| x + x - Fp61::from_u64(3)).collect();
        assert_eq!(opened.values, expected);
        Ok(opened.present.len())
    })
    .run();
    assert_eq!(report.common_result(), &json!(3));
    assert_eq!(report.traffic().rounds, 2);
    // Shares to two, and each to the two others.
    assert_eq!((report.traffic().messages, report.traffic().bytes), (8, 8 * 3 * 8));
}

#[test]
fn a_product_is_one_round() {
    let report = lab(5, |task, _| sum_and_product::<Fp61>(task, 2).map(drop)).run();
    report.common_result();
    let sent = |topic: &str| {
        let of_topic = report.trace().iter().filter(|sent| sent.topic == topic);
        of_topic.map(|sent| sent.body.len()).collect::<Vec<_>>()
    };
    assert_eq!(sent("multiply"), [40; 20], "five elements from each of five to each other");
    assert_eq!(report.traffic().rounds, 4, "shares, product, and two openings");
}

/// A party leaves after it has shared.
fn leaving(task: &mut Task, left: &[u32]) -> Result<Option<usize>> {
    let own = values::<Fp61>(task.seat().number().into(), 2);
    let leaves = left.contains(&task.seat().number());
    let mut parties = Shamir::new(task, 2)?;
    assert_eq!(parties.may_leave(), 2);
    let shares = parties.share_all(&own)?;
    if leaves {
        return Ok(None);
    }
    let sum = shares[1..].iter().fold(shares[0].clone(), |sum, share| sum.plus(share));
    let opened = parties.open(&sum)?;
    let zero = vec![Fp61::ZERO; 2];
    let expected = (0..5).fold(zero, |sum, seat| add_vectors(&sum, &values(seat, 2)));
    assert_eq!(opened.values, expected);
    Ok(Some(opened.present.len()))
}

#[test]
fn as_many_may_leave_after_sharing_as_the_threshold_allows() {
    for left in [vec![], vec![0], vec![4], vec![0, 3], vec![1, 4]] {
        let there = 5 - left.len();
        let gone = left.clone();
        let report = lab(5, move |task, _| leaving(task, &gone)).run();
        for seat in (0..5).filter(|seat| !left.contains(seat)) {
            assert_eq!(report.result(seat as usize), &json!(there));
        }
    }
    let report = lab(5, |task, _| leaving(task, &[0, 1, 4])).run();
    said(&report, 2, "of 5 parties 2 are there, and 3 are needed to open");
}

fn said(report: &Report, seat: usize, expected: &str) {
    match report.failure(seat) {
        Failure::Returned(error) => assert_eq!(error.sentence(), expected),
        other => panic!("{other}"),
    }
}

#[test]
fn a_share_that_was_changed_is_noticed_where_there_are_more_than_enough() {
    let open = |threshold| {
        let mut lab = lab(3, move |task, _| {
            let own = values::<Fp61>(task.seat().number().into(), 1);
            let mut parties = Shamir::new(task, threshold)?;
            let shares = parties.share_all(&own)?;
            Ok(parties.open(&shares[0])?.values == values::<Fp61>(0, 1))
        });
        // Its second message to seat 1, after the share.
        lab.corrupt_message(2, 1, 1, |body| body[0] ^= 1).run()
    };
    let noticed = "the shares do not fit together: a party sent another one than it has";
    said(&open(1), 1, noticed);
    assert_eq!(open(1).result(0), &json!(true), "which got the true one");
    // Of exactly t + 1 shares nobody can tell: what is opened is wrong.
    assert_eq!(open(2).result(1), &json!(false));
}

#[test]
fn thresholds_are_checked() {
    for threshold in [0, 3] {
        let report = lab(3, move |task, _| Shamir::new(task, threshold).map(drop)).run();
        let expected = format!(
            "the threshold must be from 1 to 2, below the number of parties, not {threshold}"
        );
        said(&report, 0, &expected);
    }
    let report = lab(3, |task, _| sum_and_product::<Fp61>(task, 2).map(drop)).run();
    said(&report, 0, "to multiply under the threshold 2 takes 5 parties, not 3");
    let report = lab(7, |task, _| {
        let own = values::<Fp7>(0, 1);
        Shamir::new(task, 2)?.share_all(&own).map(drop)
    })
    .run();
    assert!(matches!(report.failure(0), Failure::Panicked(why) if why.contains("too small")));
}

/// Element `j` is computed under combination `j` of all that the three dealers draw: seats 0 and 1
/// share x and y, the product is made and opened.
fn multiply(task: &mut Task, [x, y]: [u8; 2]) -> Result<bool> {
    let length = 7_usize.pow(DRAWS);
    let seat = task.seat().number();
    let place = [0, 2, 4][seat as usize];
    let random = Stream::Enumerated { base: 7, place };
    let mut parties = Shamir { task, threshold: 1, random };
    let values = |value| vec![Fp7::new(value); length];
    let mut share = |dealer, value| {
        let own = (seat == dealer).then(|| values(value));
        parties.share(Seat::new(dealer), own.as_deref(), length)
    };
    let (x_shared, y_shared) = (share(0, x)?, share(1, y)?);
    let product = parties.multiply(&x_shared, &y_shared)?;
    Ok(parties.open(&product)?.values == values(x * y % 7))
}

/// Of seats 0 and 1 a coefficient for the sharing and one for the product, of seat 2 the latter.
const DRAWS: u32 = 5;

/// Counts, over all randomness, what a party sees: what it draws, and what it receives.
fn views(x: u8, y: u8, seat: usize) -> BTreeMap<Vec<u8>, usize> {
    let report =
        Lab::new(Algorithm::new(describe, multiply)).parties(3).arguments(json!([x, y])).run();
    assert_eq!(report.common_result(), &json!(true));
    let received: Vec<_> = report.trace().iter().filter(|sent| sent.to == seat).collect();
    let places = [vec![0, 1], vec![2, 3], vec![4]][seat].clone();
    let mut views = BTreeMap::new();
    for j in 0..7_usize.pow(DRAWS) {
        let drawn = places.iter().map(|place| u8::try_from(j / 7_usize.pow(*place) % 7).unwrap());
        let view = drawn.chain(received.iter().map(|sent| sent.body[j])).collect();
        *views.entry(view).or_default() += 1;
    }
    views
}

#[test]
fn no_party_of_three_sees_more_than_its_input_and_the_product() {
    for seat in 0..3 {
        let mut seen = BTreeMap::new();
        for (x, y) in (0..7).flat_map(|x| (0..7).map(move |y| (x, y))) {
            let known = ([Some(x), Some(y), None][seat], x * y % 7);
            let views = views(x, y, seat);
            assert!(*seen.entry(known).or_insert_with(|| views.clone()) == views, "{seat} {x} {y}");
        }
        assert!(seen.len() < 49, "inputs with the same product were compared");
    }
}

#[test]
fn two_shares_of_degree_two_are_uniform_and_all_coefficients_are_tried() {
    let report = lab(4, |task, arguments| {
        let value: u8 = serde_json::from_value(arguments).map_err(Error::new)?;
        let seat = task.seat().number();
        let random = Stream::Enumerated { base: 7, place: 0 };
        let own = (seat == 0).then(|| vec![Fp7::new(value); 49]);
        let mut parties = Shamir { task, threshold: 2, random };
        parties.share(Seat::FIRST, own.as_deref(), 49).map(drop)
    })
    .arguments(4)
    .run();
    let bodies: Vec<_> = report.trace().iter().map(|sent| &sent.body).collect();
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
        let pairs: std::collections::BTreeSet<_> =
            (0..49).map(|j| (bodies[first][j], bodies[second][j])).collect();
        assert_eq!(pairs.len(), 49, "each pair once: they say nothing of the value");
    }
}
