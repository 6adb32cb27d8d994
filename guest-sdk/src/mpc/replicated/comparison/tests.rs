use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::lab::{Lab, Report};
use crate::mpc::replicated::Servers;
use crate::mpc::replicated::tests::describe;
use crate::mpc::{Numbers as _, Z2_64, Z2_128};
use crate::{Algorithm, Seat, Task};

/// Shares two vectors of seat 0 and 1, and returns what comes of a computation, opened.
fn computed<W: Word>(
    x: Vec<i128>,
    y: Vec<i128>,
    compute: impl Fn(&mut Replicated<'_, W>, &Shared<W>, &Shared<W>) -> Result<Vec<W>>
    + Send
    + Sync
    + 'static,
) -> Report {
    let run = move |task: &mut Task, _: Value| {
        let seat = task.seat().number();
        let servers = Servers::first(task)?;
        let mut three = Replicated::new(task, servers)?;
        let mut share = |dealer, values: &[i128]| {
            let values: Vec<_> = values.iter().map(|value| W::from_integer(*value)).collect();
            let own = (seat == dealer).then_some(&values[..]);
            three.share(Seat::new(dealer), own, values.len())
        };
        let (x, y) = (share(0, &x)?, share(1, &y)?);
        let opened = compute(&mut three, &x, &y)?;
        // As text: JSON has no numbers of 128 bits.
        let opened = opened.into_iter().map(|opened| opened.to_integer().to_string());
        Ok(opened.collect::<Vec<_>>())
    };
    Lab::new(Algorithm::new(describe, run)).parties(3).run()
}

fn results(report: &Report) -> Vec<i128> {
    let texts: Vec<String> = serde_json::from_value(report.common_result().clone()).unwrap();
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Where carries go furthest: zero, powers of two and their neighbours, of both signs.
fn edges<W: Word>() -> Vec<i128> {
    let highest = W::RANGE_BITS + 1;
    let powers = (0..highest).flat_map(|bit| {
        let power = 1_i128 << bit;
        [power - 1, power, power + 1, -power, -power - 1, -power + 1]
    });
    // What is below the highest bit, all of it.
    let most = (1_i128 << (highest - 1)) - 1 + (1_i128 << (highest - 1));
    powers.chain([0, -1, most, -most - 1, -most]).collect()
}

fn negative<W: Word>(x: Vec<i128>) -> Vec<i128> {
    let zeros = vec![0; x.len()];
    results(&computed::<W>(x, zeros, |three, x, _| {
        let negative = three.is_negative(x)?;
        three.open(&negative)
    }))
}

fn zero<W: Word>(x: Vec<i128>) -> Vec<i128> {
    let zeros = vec![0; x.len()];
    results(&computed::<W>(x, zeros, |three, x, _| {
        let zero = three.is_zero(x)?;
        three.open(&zero)
    }))
}

fn signs_and_zeros_are_right_at_the_edges<W: Word>() {
    let expected: Vec<_> = edges::<W>().into_iter().map(|x| i128::from(x < 0)).collect();
    assert_eq!(negative::<W>(edges::<W>()), expected);
    let expected: Vec<_> = edges::<W>().into_iter().map(|x| i128::from(x == 0)).collect();
    assert!(expected.contains(&1));
    assert_eq!(zero::<W>(edges::<W>()), expected);
}

#[test]
fn signs_and_zeros_of_64_bits_are_right_at_the_edges() {
    signs_and_zeros_are_right_at_the_edges::<Z2_64>();
}

#[test]
fn signs_and_zeros_of_128_bits_are_right_at_the_edges() {
    signs_and_zeros_are_right_at_the_edges::<Z2_128>();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_sign_of_any_number_is_right(x in prop::collection::vec(any::<i128>(), 0..200)) {
        let expected: Vec<_> = x.iter().map(|x| i128::from(*x < 0)).collect();
        prop_assert_eq!(negative::<Z2_128>(x.clone()), expected.clone());
        // The sign stays.
        let x: Vec<_> = x.iter().map(|x| x >> 64).collect();
        prop_assert_eq!(negative::<Z2_64>(x), expected);
    }
}

/// Returns the rounds and the bytes of one party for signs, and for zeros.
fn costs<W: Word>(length: usize) -> [(usize, usize); 2] {
    let numbers = || vec![7; length];
    type Step<W> = fn(&mut Replicated<'_, W>, &Shared<W>) -> Result<Shared<W>>;
    let steps: [Step<W>; 2] = [|three, x| three.is_negative(x), |three, x| three.is_zero(x)];
    steps.map(|step| {
        let report = computed::<W>(numbers(), numbers(), move |three, x, _| {
            step(three, x)?;
            Ok(Vec::new())
        });
        report.common_result();
        let sent = report.trace().iter().filter(|sent| sent.topic == "multiply" && sent.from == 0);
        let sizes: Vec<_> = sent.map(|sent| sent.body.len()).collect();
        (sizes.len(), sizes.iter().sum::<usize>())
    })
}

#[test]
fn rounds_and_bytes_are_those_that_are_stated() {
    // Two elements for the bits of all.
    assert_eq!(costs::<Z2_64>(100), [(10, 2_400 + 2 * 1_504), (9, 2_400 + 2 * 504)]);
    assert_eq!(costs::<Z2_128>(100), [(11, 4_800 + 2 * 3_040), (10, 4_800 + 2 * 1_016)]);
}

#[test]
fn rows_and_columns_of_bits_change_places() {
    use rand_core::{Rng as _, SeedableRng as _};

    let mut square = [0; SIDE];
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    square.iter_mut().for_each(|row| *row = rng.next_u64());
    let before = square;
    transpose(&mut square);
    for (row, column) in (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| (row, column))) {
        assert_eq!(square[row] >> column & 1, before[column] >> row & 1, "{row} {column}");
    }
}
