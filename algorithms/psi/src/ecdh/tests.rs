//! What the modeller sends, over a group so small that all blinds are tried.

use std::collections::BTreeMap;

use super::*;
use crate::group::tests::rng;

/// The squares modulo 23: a group of order 11 that 2 generates.
struct Squares;

const ORDER: u32 = 11;
const MODULUS: u32 = 23;

fn power(base: u32, exponent: u32) -> u32 {
    (0..exponent).fold(1, |power, _| power * base % MODULUS)
}

impl Group for Squares {
    type Scalar = u32;
    type Element = u32;

    fn hash(&self, digest: &Digest) -> u32 {
        // Each element but 1.
        power(2, 1 + u32::from(digest[0]) % (ORDER - 1))
    }

    fn random(_: &mut ChaCha20Rng) -> u32 {
        unreachable!("all blinds are tried")
    }

    fn multiply(elements: &[u32], by: &[u32]) -> Vec<[u8; ELEMENT]> {
        let products = elements.iter().zip(by).map(|(element, by)| power(*element, *by));
        products.map(|product| [u8::try_from(product).unwrap(); ELEMENT]).collect()
    }

    fn invert(numbers: &mut [u32]) {
        for number in numbers {
            *number = (1..ORDER).find(|inverse| *number * inverse % ORDER == 1).unwrap();
        }
    }
}

/// Counts how often the modeller sends what, over all blinds that it may draw.
fn sent(elements: &[Digest]) -> BTreeMap<Vec<u8>, u32> {
    let blinds = ORDER - 1;
    let mut seen = BTreeMap::new();
    for all in 0..blinds.pow(elements.len().try_into().unwrap()) {
        let drawn = |place| 1 + all / blinds.pow(place) % blinds;
        let blinds = (0..).zip(elements).map(|(place, _)| drawn(place)).collect();
        let blinded = Modeller::new(Squares).blind_by(elements, blinds);
        *seen.entry(blinded.iter().map(|blinded| blinded[0]).collect()).or_insert(0) += 1;
    }
    seen
}

#[test]
fn what_is_sent_is_distributed_alike_for_any_two_sets_of_a_size() {
    let digests: Vec<Digest> = (0..10).map(|number| [number; 32]).collect();
    for size in 1..=3 {
        let expected = sent(&digests[..size]);
        // Each list of elements that are not the identity, once.
        assert_eq!(expected.len(), 10_usize.pow(size.try_into().unwrap()));
        assert!(expected.values().all(|times| *times == 1));
        for first in 1..=10 - size {
            assert_eq!(sent(&digests[first..][..size]), expected);
        }
        let reversed: Vec<_> = digests[..size].iter().rev().copied().collect();
        assert_eq!(sent(&reversed), expected);
    }
}

#[test]
fn all_replies_of_the_small_group_are_unblinded() {
    let elements: Vec<Digest> = (0..10).map(|number| [number; 32]).collect();
    for secret in 1..ORDER {
        for blind in 1..ORDER {
            let mut modeller = Modeller::new(Squares);
            let blinded = modeller.blind_by(&elements, vec![blind; elements.len()]);
            let replies: Vec<_> =
                blinded.iter().map(|blinded| power(blinded[0].into(), secret)).collect();
            let unblinded = modeller.unblind(&replies);
            for (element, unblinded) in elements.iter().zip(unblinded) {
                assert_eq!(u32::from(unblinded[0]), power(Squares.hash(element), secret));
            }
        }
    }
}

#[test]
fn one_blind_is_the_same_for_all_and_others_are_not() {
    let elements = [[1; 32], [1; 32]];
    let mut rng = rng();
    let alike = |modeller: &mut Modeller<Ristretto>, rng: &mut ChaCha20Rng| {
        let blinded = modeller.blind(&elements, rng);
        blinded[0] == blinded[1]
    };
    assert!(alike(&mut Modeller::with_one_blind(group("task"), &mut rng), &mut rng));
    assert!(!alike(&mut Modeller::new(group("task")), &mut rng));
}

#[test]
fn another_task_hashes_to_other_elements() {
    let element = [1; 32];
    assert_eq!(group("a").hash(&element), group("a").hash(&element));
    assert_ne!(group("a").hash(&element), group("b").hash(&element));
}
