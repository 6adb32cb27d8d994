use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng as _;
use serde_json::Value;

use super::*;
use crate::lab::{Lab, Report};
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
    let report = computed(x, zeros, |three, x, _| {
        let bits = three.is_negative(x)?;
        let opened = three.open(&bits)?;
        Ok(opened.into_iter().map(|bits| i64::try_from(bits.0).unwrap()).collect())
    });
    results(&report)
}

#[test]
fn the_sign_is_right_at_the_edges() {
    let expected: Vec<_> = edges().into_iter().map(|x| i64::from(x < 0)).collect();
    assert_eq!(negative(edges()), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_sign_of_any_number_is_right(x in prop::collection::vec(any::<i64>(), 0..200)) {
        let expected: Vec<_> = x.iter().map(|x| i64::from(*x < 0)).collect();
        prop_assert_eq!(negative(x), expected);
    }

    #[test]
    fn the_larger_and_the_smaller_are_chosen(seed: u64, near in 0_u32..62) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut draw = || {
            let drawn = Z2_64::random_vector(&mut rng, 50);
            drawn.into_iter().map(|x| x.to_signed() >> (near + 2)).collect::<Vec<_>>()
        };
        let (x, y) = (draw(), draw());
        let expected = [
            x.iter().zip(&y).map(|(x, y)| *x.max(y)).collect::<Vec<_>>(),
            x.iter().zip(&y).map(|(x, y)| *x.min(y)).collect(),
        ]
        .concat();
        let report = computed(x, y, |three, x, y| {
            let (larger, smaller) = (three.maximum(x, y)?, three.minimum(x, y)?);
            Ok(signed(three.open(&larger.concatenated(&smaller))?))
        });
        prop_assert_eq!(results(&report), expected);
    }
}

#[test]
fn equal_numbers_are_not_less_and_either_is_chosen() {
    let ends = vec![0, -1, -(1 << 62), (1 << 62) - 1];
    let report = computed(ends.clone(), ends.clone(), |three, x, y| {
        let less = three.is_less(x, y)?;
        let less = three.to_numbers(&less)?;
        let larger = three.maximum(x, y)?;
        Ok(signed(three.open(&less.concatenated(&larger))?))
    });
    assert_eq!(results(&report), [vec![0; 4], ends].concat());
    // The furthest that two numbers may be apart.
    let report = computed(vec![-(1 << 62)], vec![(1 << 62) - 1], |three, x, y| {
        let (one, other) = (three.is_less(x, y)?, three.is_less(y, x)?);
        let both = three.to_numbers(&one.concatenated(&other))?;
        Ok(signed(three.open(&both)?))
    });
    assert_eq!(results(&report), [1, 0]);
}

#[test]
fn rounds_and_bytes_are_those_that_are_stated() {
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
        (sizes.len(), sizes.iter().sum::<usize>() / LENGTH)
    };
    assert_eq!(cost(|three, x, _| three.is_negative(x).map(drop)), (8, 13 * 8));
    assert_eq!(cost(|three, x, y| three.maximum(x, y).map(drop)), (11, 16 * 8));
}
