//! What comparison and truncation take of the integers modulo a power of two.

use crate::mpc::domain::Bits128;
use crate::mpc::{Bits64, Domain, Number, Z2_64, Z2_128};

/// The integers modulo 2^(64 limbs), which three parties can compare and truncate: [`Z2_64`] and
/// [`Z2_128`].
pub trait Word: Number {
    /// The same bits side by side: addition is XOR and multiplication is AND.
    type Bits: Domain;
    /// How many times 64 bits a number has.
    const LIMBS: usize;

    /// Returns the bits.
    fn bits(self) -> Self::Bits;

    /// Moves each bit to the place above it; the highest is lost.
    fn carried(bits: Self::Bits) -> Self::Bits;

    /// Returns 64 of the bits, the lowest for index 0.
    fn limb(bits: Self::Bits, index: usize) -> u64;

    /// Returns the highest bit, 0 or 1.
    fn highest(self) -> Self;

    /// Divides what is below the highest bit by 2 to the power of `bits`, and rounds down.
    fn quotient(self, bits: u32) -> Self;
}

macro_rules! word {
    ($ring:ident, $word:ty, $bits:ident) => {
        impl Word for $ring {
            type Bits = $bits;
            const LIMBS: usize = size_of::<$word>() / 8;

            fn bits(self) -> $bits {
                $bits(self.0)
            }

            fn carried(bits: $bits) -> $bits {
                $bits(bits.0 << 1)
            }

            fn limb(bits: $bits, index: usize) -> u64 {
                // The lowest 64: what the cast takes.
                (bits.0 >> (64 * index)) as u64
            }

            fn highest(self) -> Self {
                Self(self.0 >> (<$word>::BITS - 1))
            }

            fn quotient(self, bits: u32) -> Self {
                Self((self.0 & (<$word>::MAX >> 1)) >> bits)
            }
        }
    };
}

word!(Z2_64, u64, Bits64);
word!(Z2_128, u128, Bits128);
