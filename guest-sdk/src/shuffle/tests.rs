use std::collections::BTreeMap;
use std::convert::Infallible;

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _, TryCryptoRng, TryRng};

use super::*;

/// How often each order of four comes up, for Pearson's statistic.
const EXPECTED: u32 = 1_000;

/// Says how far orders of four are from all alike, by Pearson's statistic: of 23 degrees of freedom, its mean
/// is 23, and a right shuffle is above 50 with one of a thousand seeds.
fn statistic(shuffle: impl Fn(&mut [u8], &mut ChaCha20Rng)) -> f64 {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let mut orders: BTreeMap<[u8; 4], u32> = BTreeMap::new();
    for _ in 0..24 * EXPECTED {
        let mut order = [0, 1, 2, 3];
        shuffle(&mut order, &mut rng);
        *orders.entry(order).or_default() += 1;
    }
    let expected = f64::from(EXPECTED);
    let of_one = |count: u32| (f64::from(count) - expected).powi(2) / expected;
    let missing = 24 - u32::try_from(orders.len()).unwrap();
    orders.into_values().map(of_one).sum::<f64>() + f64::from(missing) * expected
}

#[test]
fn all_orders_are_alike() {
    let statistic = statistic(shuffle);
    assert!(statistic < 50.0, "{statistic}");
}

#[test]
fn shuffles_that_are_none_are_told_from_one() {
    // Each exchanged with any; with any but itself; and nearly always as it should be.
    let any = |order: &mut [u8], rng: &mut ChaCha20Rng| {
        (0..order.len()).for_each(|place| order.swap(place, below(4, rng)));
    };
    let another = |order: &mut [u8], rng: &mut ChaCha20Rng| {
        (1..order.len()).rev().for_each(|last| order.swap(below(last, rng), last));
    };
    let seldom_none = |order: &mut [u8], rng: &mut ChaCha20Rng| {
        if !rng.next_u64().is_multiple_of(20) {
            shuffle(order, rng);
        }
    };
    assert!(statistic(any) > 200.0);
    assert!(statistic(another) > 200.0);
    assert!(statistic(seldom_none) > 200.0);
}

#[test]
fn nothing_and_one_element_stay_and_take_no_randomness() {
    let mut rng = Words(Vec::new());
    shuffle(&mut [0_u8; 0], &mut rng);
    shuffle(&mut [7], &mut rng);
}

/// Gives these words, from the last to the first.
struct Words(Vec<u64>);

impl TryRng for Words {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("whole words are drawn")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.pop().unwrap())
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        unreachable!("whole words are drawn")
    }
}

impl TryCryptoRng for Words {}

#[test]
fn what_is_beyond_the_last_whole_multiple_is_drawn_again() {
    for bound in [1, 2, 3, 5, 1 << 40, (1 << 62) + 1, usize::MAX] {
        let multiples = u64::MAX / bound as u64 * bound as u64;
        // Of the last number before it, and of the first and the last that are not.
        assert_eq!(below(bound, &mut Words(vec![multiples - 1])), bound - 1);
        assert_eq!(below(bound, &mut Words(vec![4, multiples])), 4 % bound);
        assert_eq!(below(bound, &mut Words(vec![4, u64::MAX])), 4 % bound);
    }
}

#[test]
fn the_exchanges_are_those_that_make_the_order() {
    let [mut whole, mut apart] = [[0, 1, 2, 3, 4, 5, 6, 7]; 2];
    let rng = || ChaCha20Rng::from_seed([5; 32]);
    shuffle(&mut whole, &mut rng());
    for (lower, upper) in exchanges(8, &mut rng()) {
        assert!(lower < upper);
        apart.swap(lower, upper);
    }
    assert_eq!(whole, apart);
}
