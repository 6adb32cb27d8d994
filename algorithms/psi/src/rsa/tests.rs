use std::collections::BTreeMap;

use crypto_bigint::U64;

use super::number::EXPONENT;
use super::*;
use crate::group::tests::rng;

/// Counts how often a number, hidden by each blind that has an inverse modulo a small n, is sent as what.
fn sent(modulus: u64, number: u64) -> BTreeMap<U64, u32> {
    let modulus = Modulus::new(U64::from_u64(modulus)).unwrap();
    let mut seen = BTreeMap::new();
    for blind in (1..u64::from(*modulus.as_number())).map(U64::from_u64) {
        if modulus.inverses(&[blind]).is_some() {
            let blinded = modulus.blinded(&U64::from_u64(number), &blind);
            *seen.entry(blinded).or_insert(0) += 1;
        }
    }
    seen
}

#[test]
fn what_is_sent_is_distributed_alike_for_any_two_numbers() {
    // e has an inverse modulo (p - 1)(q - 1): 20, 24, 120.
    for (p, q) in [(3, 11), (5, 7), (11, 13)] {
        let units: Vec<_> =
            (1..p * q).filter(|number| number % p != 0 && number % q != 0).collect();
        let expected = units.iter().map(|unit| (U64::from_u64(*unit), 1)).collect();
        for number in units {
            assert_eq!(sent(p * q, number), expected, "{number} modulo {p} * {q}");
        }
    }
}

#[test]
fn with_a_modulus_that_is_no_product_of_such_primes_what_is_sent_tells_something() {
    // A prime such that e divides one less.
    let prime = (1..).map(|times| u64::from(EXPONENT) * times + 1).find(|p| is_prime(*p)).unwrap();
    // The e-th powers are then few, and the power (p - 1) / e takes them away.
    let [one, two] = [1, 2].map(|number| power(number, (prime - 1) / u64::from(EXPONENT), prime));
    assert_eq!(one, 1);
    let modulus = Modulus::new(U64::from_u64(prime)).unwrap();
    for blind in [3, 5, 12_345].map(U64::from_u64) {
        let blinded = modulus.blinded(&U64::from_u64(2), &blind);
        let class = power(blinded.into(), (prime - 1) / u64::from(EXPONENT), prime);
        assert_eq!(class, two, "which is why the pod is semi-honest");
    }
    assert_ne!(two, 1);
}

fn is_prime(number: u64) -> bool {
    (2..)
        .take_while(|factor| factor * factor <= number)
        .all(|factor: u64| !number.is_multiple_of(factor))
}

fn power(base: u64, exponent: u64, modulus: u64) -> u64 {
    (0..exponent).fold(1, |power, _| power * base % modulus)
}

#[test]
fn inverses_are_none_where_a_number_has_a_common_factor() {
    let modulus = Modulus::new(U64::from_u64(35)).unwrap();
    let [two, five, twelve] = [2, 5, 12].map(U64::from_u64);
    let inverses = modulus.inverses(&[two, twelve]).unwrap();
    assert_eq!(inverses, [18, 3].map(U64::from_u64));
    assert_eq!(modulus.inverses(&[two, five, twelve]), None);
    assert_eq!(modulus.inverses(&[]), Some(Vec::new()));
    assert!(Modulus::new(U64::from_u64(34)).is_none(), "it is even");
}

#[test]
fn signatures_are_roots_and_unblinded() {
    let mut rng = rng();
    let mut pod = Pod::new("task", &mut rng);
    let elements = [[1; 32], [2; 32], [3; 32]];
    let mut modeller = Modeller::new(&pod.public_key(), "task").unwrap();
    let asked = modeller.ask(&elements, &mut rng).unwrap();
    let reply = pod.answer(&asked, &mut rng).unwrap();
    let modulus = pod.key.modulus();
    for (asked, reply) in asked.as_chunks().0.iter().zip(reply.as_chunks().0) {
        let [asked, reply] = [asked, reply].map(|bytes| modulus.element(bytes).unwrap());
        assert_eq!(modulus.power(&reply), asked);
    }
    assert_eq!(modeller.open(&elements, &reply), Ok(pod.tokens(&elements)));
    assert_ne!(
        pod.tokens(&elements[..1]),
        Pod { task_id: "tusk".to_owned(), ..pod }.tokens(&elements[..1])
    );
}

#[test]
fn replies_that_are_no_signatures_are_refused() {
    let mut rng = rng();
    let mut pod = Pod::new("task", &mut rng);
    let elements = [[1; 32], [2; 32]];
    let mut with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut modeller = Modeller::new(&pod.public_key(), "task").unwrap();
        let asked = modeller.ask(&elements, &mut rng).unwrap();
        let mut reply = pod.answer(&asked, &mut rng).unwrap();
        change(&mut reply);
        modeller.open(&elements, &reply)
    };
    assert!(with(&|_| {}).is_ok());
    assert_eq!(with(&|reply| reply[NUMBER - 1] ^= 1), Err(Wrong::Signature));
    assert_eq!(with(&|reply| reply.rotate_left(NUMBER)), Err(Wrong::Signature));
    assert_eq!(with(&|reply| reply[NUMBER..].fill(0)), Err(Wrong::Element));
    assert_eq!(with(&|reply| reply[..NUMBER].fill(255)), Err(Wrong::Element));
}

#[test]
fn what_is_asked_for_must_be_numbers_of_which_none_is_repeated() {
    let mut rng = rng();
    let mut pod = Pod::new("task", &mut rng);
    let one = write(&U2048::ONE);
    let mut ask = |asked: &[u8]| pod.answer(asked, &mut rng).map(drop);
    assert_eq!(ask(&[0; NUMBER]), Err(Wrong::Element));
    assert_eq!(ask(&[255; NUMBER]), Err(Wrong::Element));
    assert_eq!(ask(&one), Ok(()));
    // Also in a later batch.
    assert_eq!(ask(&[write(&U2048::from_u64(2)), one].concat()), Err(Wrong::Repeated));
}

#[test]
fn a_modulus_that_cannot_be_one_is_refused() {
    let key = Pod::new("task", &mut rng()).public_key();
    let with = |change: fn(&mut Vec<u8>)| {
        let mut key = key.clone();
        change(&mut key);
        Modeller::new(&key, "task").err()
    };
    assert_eq!(with(|_| {}), None);
    let changes: [fn(&mut Vec<u8>); 6] = [
        |key| *key.last_mut().unwrap() ^= 1,
        |key| key[0] &= 0x7f,
        |key| key.truncate(NUMBER - 1),
        |key| key.push(1),
        Vec::clear,
        |key| key.fill(0),
    ];
    for change in changes {
        assert_eq!(with(change), Some(Wrong::Modulus));
    }
}
