use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::*;
use crate::lab::{Lab, Report};
use crate::mpc::replicated::tests::describe;
use crate::mpc::replicated::{Replicated, Servers};
use crate::mpc::{Arithmetic as _, Numbers as _, Z2_64, Z2_128};
use crate::{Algorithm, Task};

/// Shares numbers of seat 1, and returns what comes of a computation, opened.
fn computed<W: Word>(
    numbers: Vec<i128>,
    seed: u64,
    compute: impl Fn(&mut Replicated<'_, W>, Shared<W>) -> Result<Shared<W>> + Send + Sync + 'static,
) -> Report {
    let run = move |task: &mut Task, _: Value| {
        let values: Vec<_> = numbers.iter().map(|number| W::from_integer(*number)).collect();
        let own = (task.seat().number() == 1).then_some(&values[..]);
        let servers = Servers::first(task)?;
        let mut three = Replicated::new(task, servers)?;
        let shared = three.share(Seat::new(1), own, values.len())?;
        let result = compute(&mut three, shared)?;
        let opened = three.open(&result)?.into_iter();
        // As text: JSON has no numbers of 128 bits.
        Ok(opened.map(|opened| opened.to_integer().to_string()).collect::<Vec<_>>())
    };
    Lab::new(Algorithm::new(describe, run)).parties(3).seed(seed).run()
}

fn truncated<W: Word>(numbers: &[i128], bits: u32, seed: u64) -> Vec<i128> {
    let report = computed::<W>(numbers.to_vec(), seed, move |three, x| three.truncate(&x, bits));
    let texts: Vec<String> = serde_json::from_value(report.common_result().clone()).unwrap();
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn no_quotient_is_off_by_one_or_more<W: Word>(bits: &[u32]) {
    let range = W::RANGE_BITS;
    let (least, most) = (-(1_i128 << range), (1_i128 << range) - 1);
    let near = |number: i128| (0..8).flat_map(move |by| [number.saturating_add(by), number - by]);
    let half = 1 << (range - 1);
    let numbers: Vec<_> = [0, most - 8, least + 8, half, -half, 1 << 47, -(1 << 47)]
        .into_iter()
        .flat_map(near)
        .chain([least, most])
        .collect();
    for (seed, &bits) in bits.iter().enumerate() {
        for (number, quotient) in numbers.iter().zip(truncated::<W>(&numbers, bits, seed as u64)) {
            let floor = number >> bits;
            let exact = floor << bits == *number;
            let allowed = if exact { floor..=floor } else { floor..=floor + 1 };
            assert!(allowed.contains(&quotient), "{number} / 2^{bits} is not {quotient}");
        }
    }
}

#[test]
fn no_quotient_is_off_by_one_or_more_at_the_edges_of_the_range() {
    no_quotient_is_off_by_one_or_more::<Z2_64>(&[1, 2, 13, 16, 24, 40, 61]);
    no_quotient_is_off_by_one_or_more::<Z2_128>(&[1, 24, 63, 64, 65, 125]);
}

#[test]
fn a_million_numbers_of_the_whole_range_have_no_wrong_quotient() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut random = || (0..500_000).map(|_| i128::from(rng.next_u64().cast_signed())).collect();
    let [high, low]: [Vec<i128>; 2] = [random(), random()];
    let numbers: Vec<_> = high.iter().map(|high| high >> 1).collect();
    let wide: Vec<_> =
        high.iter().zip(low).map(|(high, low)| (high >> 1 << 64) + (low & (1 << 63))).collect();
    for (numbers, quotients) in [
        (&numbers, truncated::<Z2_64>(&numbers, 16, 2)),
        (&wide, truncated::<Z2_128>(&wide, 16, 2)),
    ] {
        for (number, quotient) in numbers.iter().zip(quotients) {
            assert!((0..=1).contains(&(quotient - (number >> 16))), "{number} {quotient}");
        }
    }
}

#[test]
fn quotients_are_exact_on_average() {
    // A quarter of the way from 5 to 6.
    let quotients = truncated::<Z2_64>(&vec![(5 << 16) + (1 << 14); 40_000], 16, 3);
    let up = quotients.iter().filter(|quotient| **quotient == 6).count();
    // Six deviations of 87.
    assert!((9_480..=10_520).contains(&up), "{up}");
}

#[test]
fn rounds_and_bytes_are_those_that_are_stated() {
    let report = computed::<Z2_64>(vec![7; 100], 0, |three, x| three.truncate(&x, 16));
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
        let report = computed::<Z2_64>(vec![number; 4_096], 5, |three, x| three.truncate(&x, 16));
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
