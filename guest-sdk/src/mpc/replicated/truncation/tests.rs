use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::*;
use crate::lab::{Lab, Report};
use crate::mpc::replicated::tests::describe;
use crate::mpc::replicated::{Replicated, Servers};
use crate::mpc::{Arithmetic as _, Domain as _, FixedPoint, Numbers as _};
use crate::{Algorithm, Task};

/// Shares numbers of seat 1, and returns what comes of a computation, opened.
fn computed(
    numbers: Vec<i64>,
    seed: u64,
    compute: impl Fn(&mut Replicated<'_>, Shared<Z2_64>) -> Result<Shared<Z2_64>>
    + Send
    + Sync
    + 'static,
) -> Report {
    let run = move |task: &mut Task, _: Value| {
        let values: Vec<_> = numbers.iter().map(|number| Z2_64::from_signed(*number)).collect();
        let own = (task.seat().number() == 1).then_some(&values[..]);
        let servers = Servers::first(task)?;
        let mut three = Replicated::new(task, servers)?;
        let shared = three.share(Seat::new(1), own, values.len())?;
        let result = compute(&mut three, shared)?;
        Ok(three.open(&result)?.into_iter().map(Z2_64::to_signed).collect::<Vec<_>>())
    };
    Lab::new(Algorithm::new(describe, run)).parties(3).seed(seed).run()
}

fn truncated(numbers: &[i64], bits: u32, seed: u64) -> Vec<i64> {
    let report = computed(numbers.to_vec(), seed, move |three, x| three.truncate(&x, bits));
    serde_json::from_value(report.common_result().clone()).unwrap()
}

#[test]
fn no_quotient_is_off_by_one_or_more_at_the_edges_of_the_range() {
    let (least, most) = (-(1_i64 << 62), (1_i64 << 62) - 1);
    let near = |number: i64| (0..8).flat_map(move |by| [number.saturating_add(by), number - by]);
    let numbers: Vec<_> = [0, most - 8, least + 8, 1 << 61, -(1 << 61), 1 << 47, -(1 << 47)]
        .into_iter()
        .flat_map(near)
        .chain([least, most])
        .collect();
    for (seed, bits) in [1, 2, 13, 16, 24, 40, 61].into_iter().enumerate() {
        for (number, quotient) in numbers.iter().zip(truncated(&numbers, bits, seed as u64)) {
            let floor = number >> bits;
            let exact = floor << bits == *number;
            let allowed = if exact { floor..=floor } else { floor..=floor + 1 };
            assert!(allowed.contains(&quotient), "{number} / 2^{bits} is not {quotient}");
        }
    }
}

#[test]
fn a_million_numbers_of_the_whole_range_have_no_wrong_quotient() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let numbers: Vec<i64> = (0..1_000_000).map(|_| rng.next_u64().cast_signed() >> 1).collect();
    for (number, quotient) in numbers.iter().zip(truncated(&numbers, 16, 2)) {
        assert!((0..=1).contains(&(quotient - (number >> 16))), "{number} {quotient}");
    }
}

#[test]
fn quotients_are_exact_on_average() {
    // A quarter of the way from 5 to 6.
    let quotients = truncated(&vec![(5 << 16) + (1 << 14); 40_000], 16, 3);
    let up = quotients.iter().filter(|quotient| **quotient == 6).count();
    // Six deviations of 87.
    assert!((9_480..=10_520).contains(&up), "{up}");
}

#[test]
fn rounds_and_bytes_are_those_that_are_stated() {
    let report = computed(vec![7; 100], 0, |three, x| three.truncate(&x, 16));
    let sent = |from: usize| {
        let of = report.trace().iter().filter(|sent| sent.topic == "truncate" && sent.from == from);
        of.map(|sent| sent.body.len() / 100).sum::<usize>()
    };
    assert_eq!([0, 1, 2].map(sent), [16, 16, 16]);
    // The keys, the shares, two, and the opening.
    assert_eq!(report.traffic().rounds, 5);
}

#[test]
fn what_is_sent_is_uniform_whatever_the_numbers_are() {
    for number in [0, -1, (1 << 62) - 1] {
        let report = computed(vec![number; 4_096], 5, |three, x| three.truncate(&x, 16));
        for sent in report.trace().iter().filter(|sent| sent.topic == "truncate") {
            for bit in 0..64 {
                let set = |element: &[u8]| element[bit / 8] >> (bit % 8) & 1 == 1;
                let ones =
                    sent.body.as_chunks::<8>().0.iter().filter(|element| set(*element)).count();
                let half = sent.body.len() / 16;
                // Six deviations, of which there are the fewer the fewer elements.
                let deviation = (half as f64 / 2.0).sqrt();
                assert!((ones as f64 - half as f64).abs() < 6.0 * deviation, "bit {bit}: {ones}");
            }
        }
    }
}

#[test]
fn a_fixed_point_product_is_truncated_once() {
    let fixed = FixedPoint::new(16, -100.0, 100.0).unwrap();
    let numbers = [1.5, -2.25, 99.0, -0.001, 0.0];
    let encoded: Vec<_> =
        fixed.encode(&numbers).unwrap().into_iter().map(Z2_64::to_signed).collect();
    let report = computed(encoded, 0, move |three, x| {
        let squares = three.multiply(&x, &x)?;
        let squares = three.truncate(&squares, 16)?;
        let sum = three.dot(&x, &x)?;
        Ok(squares.concatenated(&three.truncate(&sum, 16)?))
    });
    let results: Vec<i64> = serde_json::from_value(report.common_result().clone()).unwrap();
    let results: Vec<_> = results.into_iter().map(Z2_64::from_signed).collect();
    let decoded = fixed.decode(&results);
    let expected = numbers.iter().map(|x| x * x).chain([numbers.iter().map(|x| x * x).sum()]);
    for (expected, decoded) in expected.zip(decoded) {
        // The inputs' rounding, times 100 twice, and the quotient's.
        assert!((expected - decoded).abs() < 200.0 / 65_536.0, "{expected} {decoded}");
    }
    assert_eq!(results.len(), numbers.len() + 1);
    assert_eq!(results[4], Z2_64::ZERO);
}
