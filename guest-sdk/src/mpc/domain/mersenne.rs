//! The prime fields of 2^61 - 1 and 2^127 - 1 elements.

use std::ops::{Add, Mul, Neg};

use rand_core::Rng;

use super::{Domain, Field, follows, serialized};

/// An element of the field of the integers modulo 2^61 - 1, a Mersenne prime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fp61(u64);

/// An element of the field of the integers modulo 2^127 - 1, a Mersenne prime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fp127(u128);

/// Implements the field of 2^bits - 1 elements over a word with at least one bit more.
macro_rules! mersenne {
    ($field:ident, $word:ty, $signed:ty, $bits:literal, $multiply:ident, $random:ident) => {
        impl $field {
            const PRIME: $word = (1 << $bits) - 1;

            /// Represents the number modulo the prime.
            pub const fn new(number: $word) -> Self {
                let once = (number & Self::PRIME) + (number >> $bits);
                Self(Self::below_prime(once))
            }

            /// Represents a signed integer, -1 by the prime less 1.
            ///
            /// The integer is nearer to zero than half of the prime.
            pub const fn from_signed(value: $signed) -> Self {
                // Adding the prime to a negative number makes it what stands for it.
                let negative = (value >> (<$signed>::BITS - 1)).cast_unsigned();
                Self::new(value.cast_unsigned().wrapping_add(Self::PRIME & negative))
            }

            /// Returns the integer nearest to zero that this represents.
            pub const fn to_signed(self) -> $signed {
                let upper = (self.0 > Self::PRIME / 2) as $word;
                self.0.wrapping_sub(Self::PRIME & upper.wrapping_neg()).cast_signed()
            }

            /// Returns the number below the prime.
            pub const fn value(self) -> $word {
                self.0
            }

            /// Subtracts the prime from a number below twice the prime, if it is not below it.
            const fn below_prime(number: $word) -> $word {
                let less = number.wrapping_sub(Self::PRIME);
                let borrow = (less >> (<$word>::BITS - 1)).wrapping_neg();
                less.wrapping_add(Self::PRIME & borrow)
            }
        }

        impl Domain for $field {
            const ZERO: Self = Self(0);
            const ONE: Self = Self(1);
            const BYTES: usize = size_of::<$word>();

            fn from_u64(number: u64) -> Self {
                Self::new(number.into())
            }

            fn random(rng: &mut impl Rng) -> Self {
                // One number in 2^bits is none: that it was drawn says nothing about the next.
                loop {
                    let number = $random(rng) & Self::PRIME;
                    if number < Self::PRIME {
                        return Self(number);
                    }
                }
            }

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.0.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                let number = <$word>::from_le_bytes(bytes.try_into().ok()?);
                (number < Self::PRIME).then_some(Self(number))
            }
        }

        impl Field for $field {
            const ORDER: u128 = Self::PRIME as u128;
        }

        impl Add for $field {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(Self::below_prime(self.0 + other.0))
            }
        }

        impl Mul for $field {
            type Output = Self;

            fn mul(self, other: Self) -> Self {
                Self(Self::below_prime($multiply(self.0, other.0)))
            }
        }

        impl Neg for $field {
            type Output = Self;

            fn neg(self) -> Self {
                Self(Self::below_prime(Self::PRIME - self.0))
            }
        }

        follows!($field);
        serialized!($field);
    };
}

mersenne!(Fp61, u64, i64, 61, multiply_61, random_64);
mersenne!(Fp127, u128, i128, 127, multiply_127, random_128);

/// Multiplies two numbers below 2^61 - 1; the product is below twice that.
fn multiply_61(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // 2^61 is 1. Both parts are below 2^61: the casts lose nothing.
    (product as u64 & Fp61::PRIME) + (product >> 61) as u64
}

/// Multiplies two numbers below 2^127 - 1; the product is below twice that.
fn multiply_127(a: u128, b: u128) -> u128 {
    let halves = |number: u128| (u128::from(number as u64), number >> 64);
    let ((a0, a1), (b0, b1)) = (halves(a), halves(b));
    // The upper halves are below 2^63, so the sum of the middle products is below 2^128.
    let middle = a0 * b1 + a1 * b0;
    let (low, carry) = (a0 * b0).overflowing_add(middle << 64);
    let high = a1 * b1 + (middle >> 64) + u128::from(carry);
    // 2^127 is 1, and so 2^128 is 2; high is below 2^126.
    let sum = (low & Fp127::PRIME) + (high << 1) + (low >> 127);
    (sum & Fp127::PRIME) + (sum >> 127)
}

fn random_64(rng: &mut impl Rng) -> u64 {
    rng.next_u64()
}

fn random_128(rng: &mut impl Rng) -> u128 {
    u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
}
