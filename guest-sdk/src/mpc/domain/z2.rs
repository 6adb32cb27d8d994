//! The rings of the integers modulo 2^64 and 2^128, and of as many bits side by side.

use std::ops::{Add, BitAnd as _, BitXor as _, Mul, Neg};

use rand_core::Rng;

use super::{Domain, follows, serialized};

/// An integer modulo 2^64.
///
/// Serialized as eight bytes, the lowest first: its length says nothing about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Z2_64(pub u64);

/// An integer modulo 2^128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Z2_128(pub u128);

/// 64 bits side by side: addition is XOR and multiplication is AND.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits64(pub u64);

/// 128 bits side by side, as [`Bits64`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits128(pub u128);

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

impl Z2_128 {
    /// Represents a signed integer, -1 by 2^128 - 1.
    pub const fn from_signed(value: i128) -> Self {
        Self(value.cast_unsigned())
    }

    /// Returns the integer of -2^127 to 2^127 - 1 that this represents.
    pub const fn to_signed(self) -> i128 {
        self.0.cast_signed()
    }
}

/// Implements a ring over a machine word.
macro_rules! words {
    ($ring:ident, $word:ty, one $one:expr, add $add:ident, multiply $multiply:ident,
     negate $negate:expr, number $number:expr, random $random:expr) => {
        impl Domain for $ring {
            const ZERO: Self = Self(0);
            const ONE: Self = Self($one);
            const BYTES: usize = size_of::<$word>();

            fn from_u64(number: u64) -> Self {
                Self(($number)(number))
            }

            fn random(rng: &mut impl Rng) -> Self {
                Self(($random)(rng))
            }

            fn random_vector(rng: &mut impl Rng, length: usize) -> Vec<Self> {
                let mut bytes = vec![0; length * Self::BYTES];
                rng.fill_bytes(&mut bytes);
                let words = bytes.as_chunks::<{ size_of::<$word>() }>().0;
                words.iter().map(|bytes| Self(<$word>::from_le_bytes(*bytes))).collect()
            }

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.0.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(|bytes| Self(<$word>::from_le_bytes(bytes)))
            }
        }

        impl Add for $ring {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0.$add(other.0))
            }
        }

        impl Mul for $ring {
            type Output = Self;

            fn mul(self, other: Self) -> Self {
                Self(self.0.$multiply(other.0))
            }
        }

        impl Neg for $ring {
            type Output = Self;

            fn neg(self) -> Self {
                Self(($negate)(self.0))
            }
        }

        follows!($ring);
        serialized!($ring);
    };
}

words!(
    Z2_64, u64, one 1, add wrapping_add, multiply wrapping_mul, negate u64::wrapping_neg,
    number |number| number, random |rng: &mut _| Rng::next_u64(rng)
);
words!(
    Z2_128, u128, one 1, add wrapping_add, multiply wrapping_mul, negate u128::wrapping_neg,
    number u128::from, random random_128
);
words!(
    Bits64, u64, one u64::MAX, add bitxor, multiply bitand, negate |word| word,
    number |number: u64| (number & 1).wrapping_neg(), random |rng: &mut _| Rng::next_u64(rng)
);
words!(
    Bits128, u128, one u128::MAX, add bitxor, multiply bitand, negate |word| word,
    number |number: u64| u128::from(number & 1).wrapping_neg(), random random_128
);

fn random_128(rng: &mut impl Rng) -> u128 {
    u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
}
