//! Comparison among three parties: the sign of a shared number, and whether it is zero.
//!
//! Each of the three parts of a number modulo 2^64 is known to two parties, so that its bits are
//! shared without a message. One level of AND gates makes two numbers of the three. Whether they carry
//! into the highest place is found by a tree over the bits: of two neighbouring groups, the higher one
//! carries by itself, or passes on what the lower one carries. All gates of a level, for all numbers,
//! are one message of no more bits than there are gates.
//!
//! Source: Mohassel and Rindal, "ABY3", CCS 2018, section 5.3, with the tree of Brent and Kung, "A
//! Regular Layout for Parallel Adders", 1982, of which the sign needs half.

use super::engine::{Engine, Place};
use super::{Replicated, Shared};
use crate::Result;
use crate::mpc::{Arithmetic as _, Bits64, Domain, Z2_64};

const HIGHEST: u64 = 1 << 63;

impl Replicated<'_, Z2_64> {
    /// Returns for each number one bit, the lowest: whether it is negative.
    ///
    /// Takes 8 rounds, and of each of the three 4 elements of eight bytes for each number.
    pub(super) fn signs(&mut self, x: &Shared<Z2_64>) -> Result<Shared<Bits64>> {
        let engine = &mut self.engine;
        let [sums, carries] = engine.two_addends(x)?;
        let differ = sums.plus(&carries);
        // Groups of one bit: those that carry, and those that pass a carry on. The highest has none to
        // carry to; it passes on what comes.
        let passing = engine.public(&vec![Bits64(HIGHEST); x.len()]);
        let mut carry = engine.multiply(&sums, &carries)?.bits(|bits| bits & !HIGHEST);
        let mut pass = differ.bits(|bits| bits & !HIGHEST).plus(&passing);
        let mut groups = u64::BITS;
        while groups > 1 {
            groups /= 2;
            let higher = pass.bits(|bits| even(bits >> 1));
            let lower = carry.bits(even).plus(&pass.bits(|bits| even(bits) << groups));
            let twice = higher.plus(&higher.bits(|bits| bits << groups));
            let both = engine.multiply_packed(&twice, &lower, 2 * groups)?;
            let passed = both.bits(|bits| bits & lowest(groups));
            carry = carry.bits(|bits| even(bits >> 1)).plus(&passed);
            pass = both.bits(|bits| bits >> groups);
        }
        Ok(differ.bits(|bits| bits >> 63).plus(&carry))
    }

    /// Returns for each number one bit, the lowest: whether it is zero.
    ///
    /// Takes 7 rounds, and of each of the three 2 elements of eight bytes for each number.
    pub(super) fn zeros(&mut self, x: &Shared<Z2_64>) -> Result<Shared<Bits64>> {
        let ones = self.public(&vec![Z2_64::ONE; x.len()]);
        let engine = &mut self.engine;
        // Two numbers add to -1 where they differ in each bit.
        let [sums, carries] = engine.two_addends(&x.minus(&ones))?;
        let mut all = sums.plus(&carries);
        let mut bits = u64::BITS;
        while bits > 1 {
            bits /= 2;
            let (higher, lower) = (all.bits(|all| all >> bits), all.bits(|all| all & lowest(bits)));
            all = engine.multiply_packed(&higher, &lower, bits)?;
        }
        Ok(all)
    }

    /// Makes numbers, 0 or 1, of the lowest bits.
    ///
    /// Takes 2 rounds, and of each of the three 2 elements of eight bytes for each bit.
    pub(super) fn numbers(&mut self, bits: &Shared<Bits64>) -> Result<Shared<Z2_64>> {
        let [a, b, c] = self.engine.parts(bits, |part| Z2_64(part.0 & 1));
        let both = self.differ(&a, &b)?;
        self.differ(&both, &c)
    }

    /// Exclusive or of numbers that are 0 or 1.
    fn differ(&mut self, x: &Shared<Z2_64>, y: &Shared<Z2_64>) -> Result<Shared<Z2_64>> {
        let both = self.multiply(x, y)?.scaled(Z2_64(2));
        Ok(x.plus(y).minus(&both))
    }
}

impl Engine<'_> {
    /// Shares the bits of two numbers whose sum is x.
    fn two_addends(&mut self, x: &Shared<Z2_64>) -> Result<[Shared<Bits64>; 2]> {
        let [a, b, c] = self.parts(x, |part| Bits64(part.0));
        // Where two of the three bits are set, they carry.
        let carries = self.multiply(&a.plus(&c), &b.plus(&c))?.plus(&c).bits(|bits| bits << 1);
        Ok([a.plus(&b).plus(&c), carries])
    }

    /// Multiplies bit by bit where of each element only so many bits are of interest, a power of two:
    /// the lowest of each are sent, and the others are zero.
    fn multiply_packed(
        &mut self,
        x: &Shared<Bits64>,
        y: &Shared<Bits64>,
        bits: u32,
    ) -> Result<Shared<Bits64>> {
        let products = self.multiply(&packed(x, bits), &packed(y, bits))?;
        let places = || (0..x.len()).map(|place| place * bits as usize);
        Ok(products.map(|part| {
            let of_place = |place: usize| part[place / 64].0 >> (place % 64) & lowest(bits);
            places().map(|place| Bits64(of_place(place))).collect()
        }))
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

impl Shared<Bits64> {
    /// Moves or masks the bits of each element, which is linear.
    fn bits(&self, step: impl Fn(u64) -> u64) -> Self {
        self.map(|part| part.iter().map(|bits| Bits64(step(bits.0))).collect())
    }
}

/// Puts as many elements into one as fit, of which the bits from `bits` on are zero.
fn packed(x: &Shared<Bits64>, bits: u32) -> Shared<Bits64> {
    let pack = |elements: &[Bits64]| {
        let highest_first = elements.iter().rev();
        // The first one is alone where it has all bits.
        highest_first.fold(0_u64, |all, one| all.unbounded_shl(bits) | one.0)
    };
    let per_element = (u64::BITS / bits) as usize;
    x.map(|part| part.chunks(per_element).map(|chunk| Bits64(pack(chunk))).collect())
}

/// Returns so many lowest bits that are set.
fn lowest(bits: u32) -> u64 {
    u64::MAX >> (u64::BITS - bits)
}

/// Moves every second bit, from the lowest, to the lower half.
fn even(bits: u64) -> u64 {
    let steps = [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff),
    ];
    let every_second = bits & 0x5555_5555_5555_5555;
    steps.iter().fold(every_second, |bits, (distance, mask)| (bits | bits >> distance) & mask)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
