//! Finite rings and fields in which values are shared.

mod mersenne;
mod tiny;
mod z2;

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

use rand_core::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use mersenne::{Fp61, Fp127};
pub use tiny::{Fp7, Tiny, Z16};
pub use z2::{Bits64, Bits128, Z2_64, Z2_128};

/// A finite commutative ring with one.
///
/// A protocol that is generic over it can be tested over a ring so small that all randomness is
/// enumerated. No operation branches on a value or looks it up in a table.
pub trait Domain:
    Copy
    + Eq
    + Debug
    + Default
    + 'static
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + SubAssign
    + Mul<Output = Self>
    + Neg<Output = Self>
    + Serialize
    + DeserializeOwned
{
    /// The neutral element of addition.
    const ZERO: Self;
    /// The neutral element of multiplication.
    const ONE: Self;
    /// How many bytes an element has in a message, whatever its value.
    const BYTES: usize;

    /// Represents a small number: the sum of so many ones.
    fn from_u64(number: u64) -> Self;

    /// Draws an element uniformly from the whole ring.
    fn random(rng: &mut impl Rng) -> Self;

    /// Draws a vector of elements.
    fn random_vector(rng: &mut impl Rng, length: usize) -> Vec<Self> {
        (0..length).map(|_| Self::random(rng)).collect()
    }

    /// Writes the element into as many bytes as one has, the lowest first.
    ///
    /// # Panics
    /// If there are fewer bytes or more.
    fn write(self, bytes: &mut [u8]);

    /// Reads an element; none where the bytes are another number of them or not what
    /// [`Domain::write`] makes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// A finite field: each element but zero has an inverse.
pub trait Field: Domain {
    /// How many elements there are: a prime.
    const ORDER: u128;

    /// Returns the inverse, and zero for zero.
    fn inverse(self) -> Self {
        // Fermat: a^(p-2). The exponent is public.
        let (mut power, mut result, mut exponent) = (self, Self::ONE, Self::ORDER - 2);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result * power;
            }
            power = power * power;
            exponent >>= 1;
        }
        result
    }
}

/// A domain whose elements stand for signed integers, which can be compared and truncated when they
/// are shared.
pub trait Number: Domain {
    /// How large they may be to be compared: from -2^RANGE_BITS to 2^RANGE_BITS - 1.
    const RANGE_BITS: u32;

    /// How large they may be to be truncated, such as products of two numbers: from -2^PRODUCT_BITS to
    /// 2^PRODUCT_BITS - 1.
    const PRODUCT_BITS: u32;

    /// Represents an integer, modulo the number of elements.
    fn from_integer(integer: i128) -> Self;

    /// Returns the integer nearest to zero that this represents.
    fn to_integer(self) -> i128;

    /// Represents 2 to the power of `bits`.
    fn power_of_two(bits: u32) -> Self {
        Self::from_integer(1 << bits)
    }
}

impl Number for Z2_64 {
    const RANGE_BITS: u32 = 62;
    const PRODUCT_BITS: u32 = 62;

    fn from_integer(integer: i128) -> Self {
        // Modulo 2^64 is what the cast does.
        Self(integer as u64)
    }

    fn to_integer(self) -> i128 {
        self.to_signed().into()
    }
}

impl Number for Z2_128 {
    const RANGE_BITS: u32 = 126;
    const PRODUCT_BITS: u32 = 126;

    fn from_integer(integer: i128) -> Self {
        Self::from_signed(integer)
    }

    fn to_integer(self) -> i128 {
        self.to_signed()
    }
}

impl Number for Fp127 {
    const RANGE_BITS: u32 = 62;
    const PRODUCT_BITS: u32 = 80;

    fn from_integer(integer: i128) -> Self {
        // The remainder is between plus and minus the prime, of which either stands for the integer.
        const PRIME: i128 = i128::MAX;
        Self::new((integer % PRIME + (PRIME & (integer >> 127))).cast_unsigned())
    }

    fn to_integer(self) -> i128 {
        self.to_signed()
    }
}

/// Adds two vectors element by element.
///
/// # Panics
/// If their lengths differ.
pub fn add_vectors<D: Domain>(left: &[D], right: &[D]) -> Vec<D> {
    zip(left, right, |a, b| a + b)
}

/// Subtracts the second vector from the first, element by element.
///
/// # Panics
/// If their lengths differ.
pub fn subtract_vectors<D: Domain>(left: &[D], right: &[D]) -> Vec<D> {
    zip(left, right, |a, b| a - b)
}

/// Multiplies each element of a vector by one factor.
pub fn scale_vector<D: Domain>(vector: &[D], factor: D) -> Vec<D> {
    vector.iter().map(|&element| element * factor).collect()
}

/// Combines two vectors element by element.
pub(super) fn zip<D: Domain>(left: &[D], right: &[D], with: impl Fn(D, D) -> D) -> Vec<D> {
    assert_eq!(left.len(), right.len(), "vectors of different lengths");
    left.iter().zip(right).map(|(&a, &b)| with(a, b)).collect()
}

/// Implements what follows from a ring's addition and negation.
macro_rules! follows {
    ($({$($generics:tt)*})? $ring:ty) => {
        impl$(<$($generics)*>)? std::ops::AddAssign for $ring {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl$(<$($generics)*>)? std::ops::SubAssign for $ring {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl$(<$($generics)*>)? std::ops::Sub for $ring {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                self + -other
            }
        }
    };
}
use follows;

/// Lets an element be a value in messages and storage: its bytes.
macro_rules! serialized {
    ($ring:ty) => {
        impl serde::Serialize for $ring {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut bytes = [0; <Self as Domain>::BYTES];
                self.write(&mut bytes);
                bytes.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $ring {
            fn deserialize<T: serde::Deserializer<'de>>(from: T) -> Result<Self, T::Error> {
                let bytes = <[u8; <Self as Domain>::BYTES]>::deserialize(from)?;
                let refused = || serde::de::Error::custom("the bytes are no element");
                Self::read(&bytes).ok_or_else(refused)
            }
        }
    };
}
use serialized;

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
