//! Integers modulo a power of two: masked, added, and packed so tightly that a vector takes no more bits
//! than its elements.
//!
//! A vector is of words of 64 bits, of which those above the modulus mean nothing until it is packed.

use rand_core::{Rng as _, SeedableRng as _};

use super::wrong::Wrong;
use crate::mpc::prss::Keystream;

/// How many bytes of a mask are drawn at once.
const DRAWN_BYTES: usize = 4_096;

/// How a mask enters a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is added.
    Plus,
    /// It is subtracted.
    Minus,
}

impl Sign {
    fn apply(self, elements: &mut [u64], masks: impl Iterator<Item = u64>) {
        let pairs = elements.iter_mut().zip(masks);
        match self {
            Self::Plus => pairs.for_each(|(element, mask)| *element = element.wrapping_add(mask)),
            Self::Minus => pairs.for_each(|(element, mask)| *element = element.wrapping_sub(mask)),
        }
    }
}

/// 2 to the power of so many bits, from 1 to 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modulus {
    bits: u32,
}

impl Modulus {
    /// Returns the smallest above a number; none if that is more than 2^64.
    pub fn above(number: u128) -> Option<Self> {
        let bits = (u128::BITS - number.leading_zeros()).max(1);
        (bits <= 64).then_some(Self { bits })
    }

    /// Returns the number below the modulus that a word stands for.
    pub fn reduce(self, word: u64) -> u64 {
        word & (u64::MAX >> (64 - self.bits))
    }

    /// Adds or subtracts the mask that follows from a seed: ChaCha20 under it, uniform over the whole
    /// modulus.
    pub fn mask(self, vector: &mut [u64], seed: [u8; 32], sign: Sign) {
        let mut stream = Keystream::from_seed(seed);
        let bytes = if self.bits <= 32 { size_of::<u32>() } else { size_of::<u64>() };
        let mut drawn = [0; DRAWN_BYTES];
        for elements in vector.chunks_mut(DRAWN_BYTES / bytes) {
            let drawn = &mut drawn[..elements.len() * bytes];
            stream.fill_bytes(drawn);
            match self.bits {
                ..=32 => sign.apply(
                    elements,
                    drawn.as_chunks().0.iter().map(|mask| u32::from_le_bytes(*mask).into()),
                ),
                _ => sign.apply(
                    elements,
                    drawn.as_chunks().0.iter().map(|mask| u64::from_le_bytes(*mask)),
                ),
            }
        }
    }

    /// Returns how many bytes a vector of so many elements takes.
    pub fn bytes(self, length: usize) -> usize {
        let bits = self.bits as usize;
        // No product of the two overflows, also where a usize has 32 bits.
        length / 8 * bits + (length % 8 * bits).div_ceil(8)
    }

    /// Writes a vector, the lowest bits first.
    pub fn pack(self, vector: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes(vector.len()));
        let (mut held, mut bits) = (0_u128, 0);
        for element in vector {
            held |= u128::from(self.reduce(*element)) << bits;
            bits += self.bits;
            while bits >= 8 {
                bytes.push(held.to_le_bytes()[0]);
                held >>= 8;
                bits -= 8;
            }
        }
        if bits > 0 {
            bytes.push(held.to_le_bytes()[0]);
        }
        bytes
    }

    /// Reads a vector of so many elements, and adds it to another.
    ///
    /// # Errors
    /// [`Wrong`] if these are not the bytes of one; what it is added to is then of no use.
    pub fn add_packed(self, sum: &mut [u64], bytes: &[u8]) -> Result<(), Wrong> {
        let expected = self.bytes(sum.len());
        if bytes.len() != expected {
            return Err(Wrong::Length { expected, came: bytes.len() });
        }
        let mut bytes = bytes.iter();
        let (mut held, mut bits) = (0_u128, 0);
        for element in sum {
            while bits < self.bits {
                let byte = bytes.next().expect("there are as many bytes as the elements take");
                held |= u128::from(*byte) << bits;
                bits += 8;
            }
            // The lower half is all that an element has.
            *element = element.wrapping_add(self.reduce(held as u64));
            held >>= self.bits;
            bits -= self.bits;
        }
        match held {
            0 => Ok(()),
            _ => Err(Wrong::Padding),
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
