use proptest::prelude::*;

use super::*;

fn modulus(bits: u32) -> Modulus {
    Modulus { bits }
}

proptest! {
    #[test]
    fn a_vector_survives_its_bytes(bits in 1_u32..=64, vector: Vec<u64>) {
        let modulus = modulus(bits);
        let bytes = modulus.pack(&vector);
        prop_assert_eq!(bytes.len(), modulus.bytes(vector.len()));
        prop_assert_eq!(bytes.len(), (vector.len() * bits as usize).div_ceil(8));
        let mut read = vec![0; vector.len()];
        modulus.add_packed(&mut read, &bytes).unwrap();
        let expected: Vec<_> = vector.iter().map(|element| modulus.reduce(*element)).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn masks_that_are_added_and_subtracted_cancel(
        bits in 1_u32..=64, vector: Vec<u64>, seed: [u8; 32]
    ) {
        let modulus = modulus(bits);
        let mut masked = vector.clone();
        modulus.mask(&mut masked, seed, Sign::Plus);
        modulus.mask(&mut masked, seed, Sign::Minus);
        prop_assert_eq!(masked, vector);
    }

    #[test]
    fn bytes_of_another_length_are_refused(bits in 1_u32..=64, length in 0_usize..50, bytes: Vec<u8>) {
        let expected = modulus(bits).bytes(length);
        prop_assume!(bytes.len() != expected);
        let wrong = modulus(bits).add_packed(&mut vec![0; length], &bytes);
        prop_assert_eq!(wrong, Err(Wrong::Length { expected, came: bytes.len() }));
    }
}

#[test]
fn the_modulus_is_the_smallest_power_of_two_above() {
    let bits = |number| Modulus::above(number).map(|modulus| modulus.bits);
    assert_eq!([0, 1, 2, 3, 4].map(bits), [1, 1, 2, 2, 3].map(Some));
    assert_eq!(bits(u128::from(u64::MAX)), Some(64));
    assert_eq!(bits(1 << 64), None);
}

#[test]
fn masks_take_all_elements_alike_the_largest_too() {
    for bits in [3, 40] {
        let mut vector = vec![0; 80_000];
        modulus(bits).mask(&mut vector, [7; 32], Sign::Plus);
        // The highest three bits of each, which an element of few bits does not lack either.
        let mut counts = [0_u32; 8];
        for element in vector {
            counts[(modulus(bits).reduce(element) >> (bits - 3)) as usize] += 1;
        }
        // Nine standard deviations of a count.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 850), "{counts:?}");
    }
}

#[test]
fn each_of_the_256_bits_of_a_seed_matters() {
    let of = |seed| {
        let mut vector = vec![0; 4];
        modulus(64).mask(&mut vector, seed, Sign::Plus);
        vector
    };
    let mut all: Vec<_> = (0..256)
        .map(|bit| of(std::array::from_fn(|place| u8::from(place == bit / 8) << (bit % 8))))
        .collect();
    all.push(of([0; 32]));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 257);
}

#[test]
fn bits_after_the_last_element_are_refused() {
    let wrong = modulus(3).add_packed(&mut [0, 0], &[0b0100_0000]);
    assert_eq!(wrong, Err(Wrong::Padding));
    assert_eq!(modulus(3).add_packed(&mut [0, 0], &[0b0010_0000]), Ok(()));
}
