//! Groups in which values can be hidden by adding a random element, and the ring of the integers
//! modulo 2^64.

use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

use rand_core::Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A finite commutative group, written additively.
///
/// A protocol that is generic over it can be tested over a group so small that all randomness is
/// enumerated.
pub trait Group:
    Copy + Eq + Add<Output = Self> + Sub<Output = Self> + Serialize + DeserializeOwned
{
    /// The neutral element.
    const ZERO: Self;

    /// Draws an element uniformly from the whole group.
    fn random(rng: &mut impl Rng) -> Self;

    /// Draws a vector of elements.
    fn random_vector(rng: &mut impl Rng, length: usize) -> Vec<Self> {
        (0..length).map(|_| Self::random(rng)).collect()
    }
}

/// Adds two vectors element by element.
///
/// # Panics
/// If their lengths differ.
pub fn add_vectors<G: Group>(left: &[G], right: &[G]) -> Vec<G> {
    assert_eq!(left.len(), right.len(), "vectors of different lengths");
    left.iter().zip(right).map(|(&a, &b)| a + b).collect()
}

/// Subtracts the second vector from the first, element by element.
///
/// # Panics
/// If their lengths differ.
pub fn subtract_vectors<G: Group>(left: &[G], right: &[G]) -> Vec<G> {
    assert_eq!(left.len(), right.len(), "vectors of different lengths");
    left.iter().zip(right).map(|(&a, &b)| a - b).collect()
}

/// An integer modulo 2^64.
///
/// Serialized as eight bytes, the lowest first: its length says nothing about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Z2_64(pub u64);

impl Z2_64 {
    /// Represents a signed integer, -1 by 2^64 - 1.
    pub const fn from_signed(value: i64) -> Self {
        Self(value.cast_unsigned())
    }

    /// Returns the integer of -2^63 to 2^63 - 1 that this represents.
    pub const fn to_signed(self) -> i64 {
        self.0.cast_signed()
    }
}

impl Group for Z2_64 {
    const ZERO: Self = Self(0);

    fn random(rng: &mut impl Rng) -> Self {
        Self(rng.next_u64())
    }
}

impl Add for Z2_64 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl AddAssign for Z2_64 {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Z2_64 {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

impl SubAssign for Z2_64 {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Z2_64 {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.wrapping_neg())
    }
}

impl Mul for Z2_64 {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(self.0.wrapping_mul(other.0))
    }
}

impl Serialize for Z2_64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_le_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Z2_64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; 8]>::deserialize(deserializer).map(|bytes| Self(u64::from_le_bytes(bytes)))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng as _;

    proptest! {
        #[test]
        fn the_ring_is_the_integers_modulo_2_to_the_64(a: u64, b: u64) {
            let modulo = |value: u128| Z2_64(u64::try_from(value % (1 << 64)).unwrap());
            let (wide_a, wide_b) = (u128::from(a), u128::from(b));
            prop_assert_eq!(Z2_64(a) + Z2_64(b), modulo(wide_a + wide_b));
            prop_assert_eq!(Z2_64(a) - Z2_64(b), modulo((1 << 64) + wide_a - wide_b));
            prop_assert_eq!(Z2_64(a) * Z2_64(b), modulo(wide_a * wide_b));
            prop_assert_eq!(Z2_64(a) + -Z2_64(a), Z2_64::ZERO);
        }

        #[test]
        fn signed_values_survive_the_ring(a: i64) {
            prop_assert_eq!(Z2_64::from_signed(a).to_signed(), a);
        }

        #[test]
        fn an_element_takes_eight_bytes_whatever_its_value(a: u64, shift in 0_u32..64) {
            let element = Z2_64(a >> shift);
            let bytes = encode("x", &element).unwrap();
            prop_assert_eq!(bytes.as_slice(), &element.0.to_le_bytes());
            prop_assert_eq!(decode::<Z2_64>(&bytes).unwrap(), element);
        }
    }

    #[test]
    fn random_elements_take_every_bit() {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let drawn = Z2_64::random_vector(&mut rng, 4_096);
        for bit in 0..64 {
            let ones = drawn.iter().filter(|x| x.0 >> bit & 1 == 1).count();
            // Six standard deviations of 32.
            assert!((1_856..=2_240).contains(&ones), "bit {bit}: {ones} ones");
        }
    }

    #[test]
    #[should_panic(expected = "vectors of different lengths")]
    fn vectors_of_different_lengths_do_not_add() {
        add_vectors(&[Z2_64(1)], &[]);
    }
}
