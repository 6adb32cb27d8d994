use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng as _;

use super::*;
use crate::encoding::{decode, encode};

/// The laws of a ring, its bytes, and its representation of small numbers.
fn is_a_ring<D: Domain>([a, b, c]: [D; 3]) {
    assert_eq!(a + b, b + a);
    assert_eq!((a + b) + c, a + (b + c));
    assert_eq!(a * b, b * a);
    assert_eq!((a * b) * c, a * (b * c));
    assert_eq!(a * (b + c), a * b + a * c);
    assert_eq!((a + D::ZERO, a * D::ONE, a * D::ZERO), (a, a, D::ZERO));
    assert_eq!((a + -a, a - b), (D::ZERO, a + -b));
    let (mut sum, mut difference) = (a, a);
    sum += b;
    difference -= b;
    assert_eq!((sum, difference), (a + b, a - b));
    assert_eq!(D::from_u64(3), D::ONE + D::ONE + D::ONE);
    for element in [a, b, c, D::ZERO, D::ONE, -D::ONE] {
        let bytes = encode("x", &element).unwrap();
        assert_eq!(bytes.len(), D::BYTES, "whatever its value");
        assert_eq!((decode::<D>(&bytes).unwrap(), D::read(&bytes)), (element, Some(element)));
        assert_eq!(D::read(&bytes[1..]), None);
    }
}

fn random<D: Domain>(seed: u64) -> [D; 3] {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let [a, b, c] = [(); 3].map(|()| D::random(&mut rng));
    // Elements at the edges are drawn often.
    match seed % 4 {
        0 => [a, b, c],
        1 => [a, -D::ONE, b],
        2 => [-D::ONE, -D::ONE, -a],
        _ => [D::ZERO, a, D::ONE],
    }
}

fn has_inverses<F: Field>(seed: u64) {
    for element in random::<F>(seed) {
        let product = element * element.inverse();
        assert_eq!(product, if element == F::ZERO { F::ZERO } else { F::ONE });
    }
}

proptest! {
    #[test]
    fn each_domain_is_a_ring(seed: u64) {
        is_a_ring(random::<Z2_64>(seed));
        is_a_ring(random::<Z2_128>(seed));
        is_a_ring(random::<Bits64>(seed));
        is_a_ring(random::<Fp61>(seed));
        is_a_ring(random::<Fp127>(seed));
        is_a_ring(random::<Fp7>(seed));
        is_a_ring(random::<Z16>(seed));
    }

    #[test]
    fn fields_have_inverses(seed: u64) {
        has_inverses::<Fp61>(seed);
        has_inverses::<Fp127>(seed);
        has_inverses::<Fp7>(seed);
    }

    #[test]
    fn z2_64_is_the_integers_modulo_2_to_the_64(a: u64, b: u64) {
        let modulo = |value: u128| Z2_64(u64::try_from(value % (1 << 64)).unwrap());
        let (wide_a, wide_b) = (u128::from(a), u128::from(b));
        prop_assert_eq!(Z2_64(a) + Z2_64(b), modulo(wide_a + wide_b));
        prop_assert_eq!(Z2_64(a) - Z2_64(b), modulo((1 << 64) + wide_a - wide_b));
        prop_assert_eq!(Z2_64(a) * Z2_64(b), modulo(wide_a * wide_b));
    }

    #[test]
    fn fp61_is_the_integers_modulo_the_prime(a: u64, b: u64) {
        let prime = (1_u128 << 61) - 1;
        let modulo = |value: u128| Fp61::new(u64::try_from(value % prime).unwrap());
        let (wide_a, wide_b) = (u128::from(a), u128::from(b));
        prop_assert_eq!(Fp61::new(a), modulo(wide_a));
        prop_assert_eq!(Fp61::new(a) + Fp61::new(b), modulo(wide_a + wide_b));
        prop_assert_eq!(Fp61::new(a) * Fp61::new(b), modulo(wide_a % prime * (wide_b % prime)));
    }

    #[test]
    fn fp127_multiplies_as_a_sum_of_shifts_does(a: u128, b: u128) {
        let (a, b) = (Fp127::new(a), Fp127::new(b));
        let mut product = Fp127::ZERO;
        for bit in (0..127).rev() {
            product = product + product;
            if b.value() >> bit & 1 == 1 {
                product += a;
            }
        }
        prop_assert_eq!(a * b, product);
    }

    #[test]
    fn signed_values_survive(a: i64, shift in 0_u32..64, b: i128) {
        let a = a >> shift;
        prop_assert_eq!(Z2_64::from_signed(a).to_signed(), a);
        prop_assert_eq!(Fp61::from_signed(a >> 4).to_signed(), a >> 4);
        prop_assert_eq!(Z2_128::from_signed(b).to_signed(), b);
        prop_assert_eq!(Fp127::from_signed(b >> 2).to_signed(), b >> 2);
    }
}

#[test]
fn signed_values_at_the_edges_survive() {
    let half = (1_i64 << 60) - 1;
    for value in [0, 1, -1, half, -half] {
        assert_eq!(Fp61::from_signed(value).to_signed(), value);
    }
    let half = (1_i128 << 126) - 1;
    for value in [0, 1, -1, half, -half] {
        assert_eq!(Fp127::from_signed(value).to_signed(), value);
    }
    assert_eq!(Fp61::from_signed(-1) + Fp61::ONE, Fp61::ZERO);
}

#[test]
fn bytes_that_are_no_element_are_refused() {
    assert_eq!(Fp61::read(&((1_u64 << 61) - 1).to_le_bytes()), None);
    assert_eq!(Fp127::read(&u128::MAX.to_le_bytes()), None);
    assert_eq!(Fp7::read(&[7]), None);
    assert!(decode::<Fp61>(&u64::MAX.to_le_bytes()).is_err());
    assert!(decode::<Fp7>(&[7]).is_err());
}

#[test]
fn random_elements_take_every_bit() {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    // Of 4,096 drawn, each bit is set in half of them, give or take six deviations of 32.
    let set = |bits: Vec<u128>, bit: u32| bits.iter().filter(|x| **x >> bit & 1 == 1).count();
    let expected = 1_856..=2_240;
    let z64 = Z2_64::random_vector(&mut rng, 4_096);
    let fp127 = Fp127::random_vector(&mut rng, 4_096);
    for bit in 0..127 {
        let ones = set(fp127.iter().map(|x| x.value()).collect(), bit);
        assert!(expected.contains(&ones), "bit {bit} of Fp127: {ones}");
        if bit < 64 {
            let ones = set(z64.iter().map(|x| x.0.into()).collect(), bit);
            assert!(expected.contains(&ones), "bit {bit} of Z2_64: {ones}");
        }
    }
    let mut counts = [0; 7];
    for element in Fp7::random_vector(&mut rng, 7_000) {
        counts[usize::from(element.value())] += 1;
    }
    assert!(counts.iter().all(|count| (820..=1_180).contains(count)), "{counts:?}");
}

#[test]
#[should_panic(expected = "vectors of different lengths")]
fn vectors_of_different_lengths_do_not_add() {
    add_vectors(&[Z2_64(1)], &[]);
}
