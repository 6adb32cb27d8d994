//! Comparison among three parties: the sign of a shared number by a binary adder, and what is chosen
//! by it.
//!
//! Each of the three parts of a number modulo 2^64 is known to two parties, so that its bits are
//! shared without a message. The three are added bit by bit: one level of AND gates makes two of
//! them, and a parallel prefix adder (Kogge and Stone) one. All gates of a level are one message.
//!
//! Source: Mohassel and Rindal, "ABY3", CCS 2018, section 5.3.

use super::{Replicated, Shared};
use crate::Result;
use crate::mpc::{Bits64, Domain, Z2_64};

/// The levels of an adder of 64 bits: the distances over which carries are combined.
const DISTANCES: [u32; 6] = [1, 2, 4, 8, 16, 32];

impl Replicated<'_> {
    /// Returns for each number one bit, the lowest: whether it is negative, as a signed integer.
    ///
    /// Takes 8 rounds, and of each party 13 elements of eight bytes for each number.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    pub fn is_negative(&mut self, x: &Shared<Z2_64>) -> Result<Shared<Bits64>> {
        let [a, b, c] = self.parts(x, |part| Bits64(part.0));
        // Where two of the three bits are set, they carry.
        let carries = self.multiply(&a.plus(&c), &b.plus(&c))?.plus(&c).shifted_left(1);
        let sums = a.plus(&b).plus(&c);
        let differ = sums.plus(&carries);
        let (mut carry, mut passes) = (self.multiply(&sums, &carries)?, differ.clone());
        for distance in DISTANCES {
            let nearer = carry.shifted_left(distance);
            if distance == DISTANCES[DISTANCES.len() - 1] {
                carry = carry.plus(&self.multiply(&passes, &nearer)?);
                break;
            }
            let both = nearer.concatenated(&passes.shifted_left(distance));
            let both = self.multiply(&passes.concatenated(&passes), &both)?;
            carry = carry.plus(&both.range(0..x.len()));
            passes = both.range(x.len()..2 * x.len());
        }
        Ok(differ.plus(&carry.shifted_left(1)).highest_bits())
    }

    /// Returns for each pair one bit, the lowest: whether x is below y, as signed integers that are
    /// less than 2^63 apart, which -2^62 and 2^62 - 1 are.
    ///
    /// Takes what [`Replicated::is_negative`] takes.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn is_less(&mut self, x: &Shared<Z2_64>, y: &Shared<Z2_64>) -> Result<Shared<Bits64>> {
        self.is_negative(&x.minus(y))
    }

    /// Makes numbers, 0 or 1, of the lowest bits.
    ///
    /// Takes 2 rounds, and of each party 2 elements of eight bytes for each bit.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    pub fn to_numbers(&mut self, bits: &Shared<Bits64>) -> Result<Shared<Z2_64>> {
        let [a, b, c] = self.parts(bits, |part| Z2_64(part.0 & 1));
        let both = self.differ(&a, &b)?;
        self.differ(&both, &c)
    }

    /// Returns x where the chooser is 1, and y where it is 0.
    ///
    /// Takes 1 round, and of each party 1 element of eight bytes for each.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn select(
        &mut self,
        chooser: &Shared<Z2_64>,
        x: &Shared<Z2_64>,
        y: &Shared<Z2_64>,
    ) -> Result<Shared<Z2_64>> {
        Ok(y.plus(&self.multiply(chooser, &x.minus(y))?))
    }

    /// Returns the larger of each pair, of numbers as [`Replicated::is_less`] takes them.
    ///
    /// Takes 11 rounds, and of each party 16 elements of eight bytes for each pair.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn maximum(&mut self, x: &Shared<Z2_64>, y: &Shared<Z2_64>) -> Result<Shared<Z2_64>> {
        let less = self.is_less(x, y)?;
        let less = self.to_numbers(&less)?;
        self.select(&less, y, x)
    }

    /// Returns the smaller of each pair, as [`Replicated::maximum`] the larger.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn minimum(&mut self, x: &Shared<Z2_64>, y: &Shared<Z2_64>) -> Result<Shared<Z2_64>> {
        let less = self.is_less(x, y)?;
        let less = self.to_numbers(&less)?;
        self.select(&less, x, y)
    }

    /// Exclusive or of numbers that are 0 or 1.
    fn differ(&mut self, x: &Shared<Z2_64>, y: &Shared<Z2_64>) -> Result<Shared<Z2_64>> {
        let both = self.multiply(x, y)?.scaled(Z2_64(2));
        Ok(x.plus(y).minus(&both))
    }

    /// Shares, without a message, each of the three parts of which x is made, in another domain.
    fn parts<D: Domain, E: Domain>(
        &self,
        x: &Shared<D>,
        represent: impl Fn(D) -> E,
    ) -> [Shared<E>; 3] {
        let index = self.index;
        let represented = |part: &[D], is_there: bool| {
            let of_part = part.iter().map(|element| match is_there {
                true => represent(*element),
                false => E::ZERO,
            });
            of_part.collect()
        };
        [0, 1, 2].map(|part| Shared {
            own: represented(&x.own, part == index),
            next: represented(&x.next, part == (index + 1) % 3),
        })
    }
}

impl Shared<Bits64> {
    /// Moves the bits of each element up; zeros follow.
    fn shifted_left(&self, distance: u32) -> Self {
        self.map(|part| part.iter().map(|bits| Bits64(bits.0 << distance)).collect())
    }

    /// Moves the highest bit of each element to the lowest place; the others are zero.
    fn highest_bits(&self) -> Self {
        self.map(|part| part.iter().map(|bits| Bits64(bits.0 >> 63)).collect())
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
