mod views;

use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng as _;
use serde_json::{Value, json};

use super::*;
use crate::lab::{Failure, Lab, Report};
use crate::mpc::domain::zip;
use crate::mpc::matrix;
use crate::mpc::{Bits64, Fp61, Fp127, Z2_64, Z2_128};
use crate::{Algorithm, Description, Security};

pub(super) fn describe() -> Description {
    Description::new("test", "1.0.0", "Tests.", Security::semi_honest("One.", "Nothing."))
}

fn run<T: serde::Serialize + 'static>(
    parties: usize,
    run: impl Fn(&mut Task, Value) -> Result<T> + Send + Sync + 'static,
) -> Report {
    Lab::new(Algorithm::new(describe, run)).parties(parties).run()
}

/// The values of two dealers: the same at each call.
fn values<D: Domain>(seed: u64, length: usize) -> [Vec<D>; 2] {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    [(); 2].map(|()| D::random_vector(&mut rng, length))
}

/// Lets two parties share, and returns what comes of a computation, opened.
fn computed<D: Domain>(
    task: &mut Task,
    dealers: [u32; 2],
    [x, y]: [Vec<D>; 2],
    compute: impl Fn(&mut Replicated<'_, D>, Shared<D>, Shared<D>) -> Result<Shared<D>>,
) -> Result<Vec<D>> {
    let seat = task.seat().number();
    let servers = Servers::first(task)?;
    let mut three = Replicated::new(task, servers)?;
    let mut share = |dealer, values: &[D]| {
        let own = (seat == dealer).then_some(values);
        three.share(Seat::new(dealer), own, values.len())
    };
    let (x, y) = (share(dealers[0], &x)?, share(dealers[1], &y)?);
    let z = compute(&mut three, x, y)?;
    three.open(&z)
}

fn computes_as_in_plaintext<D: Domain>() {
    let report = run(3, |task, _| {
        for dealers in [[0, 0], [0, 1], [1, 2], [2, 0]] {
            let [x, y] = values::<D>(u64::from(dealers[1]), 12);
            let both = || [x.clone(), y.clone()];
            let product = computed(task, dealers, both(), |three, x, y| three.multiply(&x, &y))?;
            assert_eq!(product, zip(&x, &y, |a, b| a * b));
            let linear = computed(task, dealers, both(), |three, x, y| {
                let public = three.public(&[D::ONE; 12]);
                Ok(x.plus(&y)
                    .minus(&public)
                    .scaled(D::from_u64(5))
                    .plus(&x.weighted(&[D::ONE; 12])))
            })?;
            let expected = |a: D, b: D| (a + b - D::ONE) * D::from_u64(5) + a;
            assert_eq!(linear, zip(&x, &y, expected));
            let sums = |a: &[D], b: &[D]| zip(a, b, |a, b| a * b).into_iter();
            let dot = computed(task, dealers, both(), |three, x, y| three.dot(&x, &y))?;
            assert_eq!(dot, [sums(&x, &y).fold(D::ZERO, |sum, one| sum + one)]);
            let sum = computed(task, dealers, both(), |_, x, y| Ok(x.concatenated(&y).sum()))?;
            assert_eq!(sum, [x.iter().chain(&y).fold(D::ZERO, |sum, one| sum + *one)]);
            let matrix = computed(task, dealers, both(), |three, x, y| {
                let (x, y) = (x.into_matrix((3, 4)), y.into_matrix((3, 4)));
                let product = three.times(&x, &y.transposed())?.transposed();
                assert_eq!(product.shape(), (3, 3));
                Ok(product.into_vector())
            })?;
            let transposed: Vec<_> = (0..12).map(|place| x[place % 3 * 4 + place / 3]).collect();
            assert_eq!(matrix, matrix::product((3, 4, 3), &y, &transposed));
        }
        Ok(())
    });
    report.common_result();
}

#[test]
fn each_domain_is_computed_in_as_in_plaintext() {
    computes_as_in_plaintext::<Z2_64>();
    computes_as_in_plaintext::<Z2_128>();
    computes_as_in_plaintext::<Fp61>();
    computes_as_in_plaintext::<Fp127>();
    computes_as_in_plaintext::<Bits64>();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn a_product_of_any_length_is_right(seed: u64, length in 0_usize..200) {
        run(3, move |task, _| {
            let [x, y] = values::<Z2_64>(seed, length);
            let both = [x.clone(), y.clone()];
            let product = computed(task, [1, 2], both, |three, x, y| three.multiply(&x, &y))?;
            assert_eq!(product, zip(&x, &y, |a, b| a * b));
            Ok(())
        })
        .common_result();
    }
}

#[test]
fn one_party_alone_gets_what_is_opened_to_it() {
    for receiver in 0..3 {
        let report = run(3, move |task, _| {
            let [x, _] = values::<Z2_64>(0, 4);
            let own = (task.seat().number() == 1).then_some(&x[..]);
            let servers = Servers::first(task)?;
            let mut three = Replicated::new(task, servers)?;
            let shared = three.share(Seat::new(1), own, 4)?;
            let opened = three.open_to(Seat::new(receiver), &shared)?;
            Ok(opened.map(|opened| opened == x))
        });
        for seat in 0..3 {
            let expected = if seat == receiver { json!(true) } else { Value::Null };
            assert_eq!(report.result(seat as usize), &expected);
        }
        let opened = report.trace().iter().filter(|sent| sent.topic == "open");
        assert_eq!(opened.map(|sent| sent.to).collect::<Vec<_>>(), [receiver as usize]);
    }
}

#[test]
fn nobody_has_a_random_vector_and_all_open_the_same() {
    let report = run(3, |task, _| {
        let servers = Servers::first(task)?;
        let mut three = Replicated::<Z2_64>::new(task, servers)?;
        let (first, second) = (three.random(2), three.random(2));
        Ok([three.open(&first)?, three.open(&second)?].concat())
    });
    let drawn = report.common_result().as_array().unwrap();
    assert!((1..4).all(|j| drawn[j] != drawn[0]), "{drawn:?}");
}

#[test]
fn bytes_and_rounds_are_those_of_the_paper() {
    const LENGTH: usize = 1_000;
    let report = run(3, |task, _| {
        let both = values::<Z2_64>(0, LENGTH);
        computed(task, [0, 1], both, |three, x, y| {
            let product = three.multiply(&x, &y)?;
            three.dot(&product, &y)
        })?;
        Ok(())
    });
    report.common_result();
    let sent = |topic: &str| {
        let of_topic = report.trace().iter().filter(|sent| sent.topic == topic);
        let mut sizes: Vec<_> = of_topic.map(|sent| sent.body.len()).collect();
        sizes.sort_unstable();
        sizes
    };
    assert_eq!(sent("key"), [32; 3]);
    assert_eq!(sent("share"), [8 * LENGTH; 2]);
    assert_eq!(sent("multiply"), [[8; 3], [8 * LENGTH; 3]].concat());
    assert_eq!(sent("open"), [8; 3]);
    // One for the keys, and one for each step.
    assert_eq!(report.traffic().rounds, 5);
}

#[test]
fn parties_that_do_not_compute_share_and_get_what_is_opened_to_all_or_to_them() {
    let report = run(5, |task, _| {
        let [x, y] = values::<Z2_64>(7, 3);
        let (seat, servers) = (task.seat(), Servers::first(task)?);
        let own = match seat.number() {
            3 => Some(&x[..]),
            4 => Some(&y[..]),
            _ => None,
        };
        let mut parties = Replicated::new(task, servers)?;
        let shared = parties.share_from(&[Seat::new(3), Seat::new(4)], own, 3)?;
        let product = parties.multiply(&shared[0], &shared[1])?;
        let expected = zip(&x, &y, |a, b| a * b);
        for receiver in 0..5 {
            let opened = parties.open_to(Seat::new(receiver), &product)?;
            assert_eq!(opened, (seat.number() == receiver).then(|| expected.clone()));
        }
        Ok(parties.open(&product)? == expected)
    });
    assert_eq!(report.common_result(), &json!(true));
    let to_them = |topic: &str| {
        let sent = report.trace().iter().filter(|sent| sent.topic == topic && sent.to >= 3);
        sent.count()
    };
    // Each from two, to it alone and to all.
    assert_eq!((to_them("open"), to_them("multiply"), to_them("share")), (8, 0, 0));
}

#[test]
fn two_parties_are_too_few() {
    let report = run(2, |task, _| Servers::first(task).map(drop));
    match report.failure(0) {
        Failure::Returned(error) => assert_eq!(
            error.sentence(),
            "replicated sharing takes three parties that compute, not 2"
        ),
        other => panic!("{other}"),
    }
}

#[test]
fn a_vector_of_another_length_or_of_no_elements_is_refused() {
    let multiply = |task: &mut Task, _: Value| {
        let [x, y] = values::<Fp61>(0, 3);
        computed(task, [0, 1], [x, y], |three, x, y| three.multiply(&x, &y)).map(drop)
    };
    for (change, expected) in [
        (0, "the \"multiply\" vector of seat 2 has 16 bytes instead of 3 elements of 8"),
        (1, "the \"multiply\" vector of seat 2 has bytes that are no element"),
    ] {
        let mut lab = Lab::new(Algorithm::new(describe, multiply));
        // Its second message to seat 1, after the key.
        lab.parties(3).corrupt_message(2, 1, 1, move |body| match change {
            0 => body.truncate(16),
            _ => body.fill(0xff),
        });
        match lab.run().failure(1) {
            Failure::Returned(error) => assert_eq!(error.sentence(), expected),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_party_that_leaves_ends_the_computation() {
    let mut lab = Lab::new(Algorithm::new(describe, |task: &mut Task, _: Value| {
        computed(task, [0, 1], values::<Z2_64>(0, 3), |three, x, y| three.multiply(&x, &y))?;
        Ok(())
    }));
    let report = lab.parties(3).absent(2).run();
    assert!(matches!(report.failure(0), Failure::Returned(Error::PeerEnded { .. })));
}
