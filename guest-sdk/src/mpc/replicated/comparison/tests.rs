use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::lab::{Lab, Report};
use crate::mpc::Numbers as _;
use crate::mpc::replicated::Servers;
use crate::mpc::replicated::tests::describe;
use crate::{Algorithm, Seat, Task};

/// Shares two vectors of seat 0 and 1, and returns what comes of a computation, opened.
fn computed(
    x: Vec<i64>,
    y: Vec<i64>,
    compute: impl Fn(&mut Replicated<'_>, &Shared<Z2_64>, &Shared<Z2_64>) -> Result<Vec<i64>>
    + Send
    + Sync
    + 'static,
) -> Report {
    let run = move |task: &mut Task, _: Value| {
        let seat = task.seat().number();
        let servers = Servers::first(task)?;
        let mut three = Replicated::new(task, servers)?;
        let mut share = |dealer, values: &[i64]| {
            let values: Vec<_> = values.iter().map(|value| Z2_64::from_signed(*value)).collect();
            let own = (seat == dealer).then_some(&values[..]);
            three.share(Seat::new(dealer), own, values.len())
        };
        let (x, y) = (share(0, &x)?, share(1, &y)?);
        compute(&mut three, &x, &y)
    };
    Lab::new(Algorithm::new(describe, run)).parties(3).run()
}

fn signed(values: Vec<Z2_64>) -> Vec<i64> {
    values.into_iter().map(Z2_64::to_signed).collect()
}

fn results(report: &Report) -> Vec<i64> {
    serde_json::from_value(report.common_result().clone()).unwrap()
}

/// Where carries go furthest: zero, powers of two and their neighbours, of both signs.
fn edges() -> Vec<i64> {
    let powers = (0..63).flat_map(|bit| {
        let power = 1_i64 << bit;
        [power - 1, power, power + 1, -power, -power - 1, -power + 1]
    });
    powers.chain([0, -1, i64::MAX, i64::MIN, i64::MIN + 1]).collect()
}

fn negative(x: Vec<i64>) -> Vec<i64> {
    let zeros = vec![0; x.len()];
    results(&computed(x, zeros, |three, x, _| {
        let negative = three.is_negative(x)?;
        Ok(signed(three.open(&negative)?))
    }))
}

fn zero(x: Vec<i64>) -> Vec<i64> {
    let zeros = vec![0; x.len()];
    results(&computed(x, zeros, |three, x, _| {
        let zero = three.is_zero(x)?;
        Ok(signed(three.open(&zero)?))
    }))
}

#[test]
fn the_sign_is_right_at_the_edges() {
    let expected: Vec<_> = edges().into_iter().map(|x| i64::from(x < 0)).collect();
    assert_eq!(negative(edges()), expected);
}

#[test]
fn zero_is_told_from_all_else_at_the_edges() {
    let expected: Vec<_> = edges().into_iter().map(|x| i64::from(x == 0)).collect();
    assert!(expected.contains(&1));
    assert_eq!(zero(edges()), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_sign_of_any_number_is_right(x in prop::collection::vec(any::<i64>(), 0..200)) {
        let expected: Vec<_> = x.iter().map(|x| i64::from(*x < 0)).collect();
        prop_assert_eq!(negative(x), expected);
    }
}

#[test]
fn rounds_and_bytes_are_those_that_are_stated() {
    // Two elements for the bits of all.
    const LENGTH: usize = 100;
    let numbers = || vec![7; LENGTH];
    let cost = |of: fn(&mut Replicated<'_>, &Shared<Z2_64>, &Shared<Z2_64>) -> Result<()>| {
        let report = computed(numbers(), numbers(), move |three, x, y| {
            of(three, x, y)?;
            Ok(Vec::new())
        });
        report.common_result();
        let sent = report.trace().iter().filter(|sent| sent.topic == "multiply" && sent.from == 0);
        let sizes: Vec<_> = sent.map(|sent| sent.body.len()).collect();
        (sizes.len(), sizes.iter().sum::<usize>())
    };
    assert_eq!(
        cost(|three, x, _| three.is_negative(x).map(drop)),
        (10, 8 * (3 * LENGTH + 188 * 2))
    );
    assert_eq!(cost(|three, x, _| three.is_zero(x).map(drop)), (9, 8 * (3 * LENGTH + 63 * 2)));
}

#[test]
fn rows_and_columns_of_bits_change_places() {
    use rand_core::{Rng as _, SeedableRng as _};

    let mut square = [0; BITS];
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    square.iter_mut().for_each(|row| *row = rng.next_u64());
    let before = square;
    transpose(&mut square);
    for (row, column) in (0..BITS).flat_map(|row| (0..BITS).map(move |column| (row, column))) {
        assert_eq!(square[row] >> column & 1, before[column] >> row & 1, "{row} {column}");
    }
}
