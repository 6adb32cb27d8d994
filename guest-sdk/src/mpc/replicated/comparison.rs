//! Comparison among three parties: the sign of a shared number, and whether it is zero.
//!
//! Each of the three parts of a number modulo 2^k is known to two parties, so that its bits are
//! shared without a message. One level of AND gates makes two numbers of the three. Whether they carry
//! into the highest place is found by a tree over the bits: of two neighbouring groups, the higher one
//! carries by itself, or passes on what the lower one carries. All gates of a level, for all numbers,
//! are one message; the numbers' bits are turned so that 64 numbers share an element, of which no bit
//! is in vain.
//!
//! Source: Mohassel and Rindal, "ABY3", CCS 2018, section 5.3, with the tree of Brent and Kung, "A
//! Regular Layout for Parallel Adders", 1982, of which the sign needs half.

use super::engine::{Engine, Place};
use super::{Replicated, Shared, Word};
use crate::Result;
use crate::mpc::{Arithmetic as _, Bits64, Domain};

/// How many numbers' bits are in an element, and rows in a square.
const SIDE: usize = 64;

impl<W: Word> Replicated<'_, W> {
    /// Returns for each number one bit, 64 of them in an element: whether it is negative.
    ///
    /// Takes 2 rounds less than a number, and of each of the three two elements less for each.
    pub(super) fn signs(&mut self, x: &Shared<W>) -> Result<Shared<Bits64>> {
        let engine = &mut self.engine;
        let [sums, carries] = engine.two_addends(x)?.map(|addend| turned::<W>(&addend));
        let differ = sums.plus(&carries);
        let width = x.len().div_ceil(SIDE);
        let (below, highest) = (0..differ.len() - width, differ.len() - width..differ.len());
        // Groups of one bit: those that carry, and those that pass a carry on. The highest has none to
        // carry to; it passes on what comes.
        let carry = engine.multiply(&sums.range(below.clone()), &carries.range(below.clone()))?;
        let mut carry = carry.concatenated(&engine.public(&vec![Bits64::ZERO; width]));
        let passing = engine.public(&vec![Bits64::ONE; width]);
        let mut pass = differ.range(below).concatenated(&passing);
        while carry.len() > width {
            let [lower, higher] = [0, 1].map(|first| carry.every_second(first, width));
            let [lower_pass, higher_pass] = [0, 1].map(|first| pass.every_second(first, width));
            let half = higher.len();
            if half == width {
                carry = higher.plus(&engine.multiply(&higher_pass, &lower)?);
                break;
            }
            let both = lower.concatenated(&lower_pass);
            let both = engine.multiply(&higher_pass.repeated(2), &both)?;
            carry = higher.plus(&both.range(0..half));
            pass = both.range(half..2 * half);
        }
        Ok(differ.range(highest).plus(&carry))
    }

    /// Returns for each number one bit, 64 of them in an element: whether it is zero.
    ///
    /// Takes 2 rounds less than a number, and of each of the three two elements less for each.
    pub(super) fn zeros(&mut self, x: &Shared<W>) -> Result<Shared<Bits64>> {
        let ones = self.public(&vec![W::ONE; x.len()]);
        let engine = &mut self.engine;
        // Two numbers add to -1 where they differ in each bit.
        let [sums, carries] = engine.two_addends(&x.minus(&ones))?;
        let mut all = turned::<W>(&sums.plus(&carries));
        let width = x.len().div_ceil(SIDE);
        while all.len() > width {
            let half = all.len() / 2;
            all = engine.multiply(&all.range(0..half), &all.range(half..2 * half))?;
        }
        Ok(all)
    }

    /// Makes so many numbers, 0 or 1, of bits of which 64 are in an element.
    ///
    /// Takes 2 rounds, and of each of the three 2 elements for each bit.
    pub(super) fn numbers(&mut self, bits: &Shared<Bits64>, length: usize) -> Result<Shared<W>> {
        let bit = |part: &[Bits64], place: usize| part[place / SIDE].0 >> (place % SIDE) & 1;
        let bits = bits.map(|part| (0..length).map(|place| Bits64(bit(part, place))).collect());
        let [a, b, c] = self.engine.parts(&bits, |part| W::from_u64(part.0));
        let both = self.differ(&a, &b)?;
        self.differ(&both, &c)
    }

    /// Exclusive or of numbers that are 0 or 1.
    fn differ(&mut self, x: &Shared<W>, y: &Shared<W>) -> Result<Shared<W>> {
        let both = self.multiply(x, y)?.scaled(W::from_u64(2));
        Ok(x.plus(y).minus(&both))
    }
}

impl Engine<'_> {
    /// Shares the bits of two numbers whose sum is x.
    fn two_addends<W: Word>(&mut self, x: &Shared<W>) -> Result<[Shared<W::Bits>; 2]> {
        let [a, b, c] = self.parts(x, W::bits);
        // Where two of the three bits are set, they carry.
        let carries = self.multiply(&a.plus(&c), &b.plus(&c))?.plus(&c);
        let carries = carries.map(|part| part.iter().map(|bits| W::carried(*bits)).collect());
        Ok([a.plus(&b).plus(&c), carries])
    }

    /// Shares, without a message, each of the three parts of which x is made, in another domain.
    fn parts<D: Domain, E: Domain>(
        &self,
        x: &Shared<D>,
        represent: impl Fn(D) -> E,
    ) -> [Shared<E>; 3] {
        let Place::Server { index, .. } = self.place else {
            return [(); 3].map(|()| Shared::zeros(x.len()));
        };
        let represented = |part: &[D], is_there: bool| match is_there {
            true => part.iter().map(|element| represent(*element)).collect(),
            false => vec![E::ZERO; part.len()],
        };
        [0, 1, 2].map(|part| {
            let own = represented(x.part(0), part == index);
            Shared::of([own, represented(x.part(1), part == (index + 1) % 3)])
        })
    }
}

/// Turns numbers so that element `bit * width + i` has that bit of the 64 numbers from `64 i`; those
/// that are missing are zero.
fn turned<W: Word>(x: &Shared<W::Bits>) -> Shared<Bits64> {
    let width = x.len().div_ceil(SIDE);
    let turned = |part: &[W::Bits]| {
        let mut turned = vec![Bits64::ZERO; W::LIMBS * SIDE * width];
        for (place, numbers) in part.chunks(SIDE).enumerate() {
            for limb in 0..W::LIMBS {
                let mut square = [0; SIDE];
                for (row, number) in square.iter_mut().zip(numbers) {
                    *row = W::limb(*number, limb);
                }
                transpose(&mut square);
                for (bit, row) in (limb * SIDE..).zip(square) {
                    turned[bit * width + place] = Bits64(row);
                }
            }
        }
        turned
    };
    Shared::of([0, 1].map(|part| turned(x.part(part))))
}

/// Exchanges rows and columns of a square of bits: of ever smaller squares, the two that are not on the
/// diagonal change places.
fn transpose(square: &mut [u64; SIDE]) {
    let mut half = SIDE / 2;
    let mut mask = u64::MAX >> half;
    while half > 0 {
        for first in (0..SIDE).filter(|row| row & half == 0) {
            let differ = (square[first] >> half ^ square[first + half]) & mask;
            square[first] ^= differ << half;
            square[first + half] ^= differ;
        }
        half /= 2;
        mask ^= mask << half;
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
