//! Truncation, sign and equality under masks that the provider knows: a number is opened with a mask
//! 2^60 times as large, or for a truncation 2^45 times at the least, and what the mask hides is computed from its digits, which are dealt in shares.
//!
//! Source: Catrina and de Hoogh, "Improved Primitives for Secure Multiparty Integer Computation", SCN
//! 2010; a digit is dealt as sixteen zeros and ones, so that comparing it with an opened one needs no
//! message.

use super::{Shared, Spdz};
use crate::Result;
use crate::mpc::prss::Stream;
use crate::mpc::shared::total;
use crate::mpc::{Arithmetic as _, Domain as _, Fp127, Number as _};

/// What makes numbers of -2^64 to 2^64 - 1 positive.
const OFFSET: u128 = 1 << 64;
/// What makes those positive that are truncated.
const PRODUCT_OFFSET: u128 = 1 << Fp127::PRODUCT_BITS;
/// The bits of a mask. With a number of 81 bits it stays below the prime.
const MASK_BITS: u32 = 126;
/// The lower 64 bits of a mask, of four each.
const DIGITS: usize = 16;
const VALUES: usize = 16;
/// How many numbers are compared at once: their digits take 8 KiB each.
const CHUNK: usize = 1_024;

/// For each digit of a mask, the highest first, and in it for each number: whether the opened digit is
/// less, and whether it is equal.
struct Digits {
    less: Shared<Fp127>,
    equal: Shared<Fp127>,
}

impl Spdz<'_, Fp127> {
    pub(super) fn divided(&mut self, x: &Shared<Fp127>, bits: u32) -> Result<Shared<Fp127>> {
        let length = x.len();
        let ([], [mask, quotient]) = self.supply([], [length; 2], |_, random| {
            let masks = masks(random, length);
            let quotients = masks.iter().map(|mask| Fp127::new(mask.value() >> bits)).collect();
            [masks, quotients]
        })?;
        let positive = x.plus(&self.public(&vec![Fp127::new(PRODUCT_OFFSET); length]));
        let opened = self.open_partially(&positive.plus(&mask))?;
        let quotients: Vec<_> = opened
            .iter()
            .map(|opened| Fp127::new(opened.value() >> bits) - Fp127::new(PRODUCT_OFFSET >> bits))
            .collect();
        Ok(self.public(&quotients).minus(&quotient))
    }

    pub(super) fn signs(&mut self, x: &Shared<Fp127>) -> Result<Shared<Fp127>> {
        let positive = self.positive(x);
        let (opened, digits, low) = self.masked(&positive)?;
        // What the mask's lower half takes from the opened one's, it borrows from the upper half.
        let borrowed = self.less(digits)?;
        let opened: Vec<_> = opened.into_iter().map(|low| Fp127::new(low.into())).collect();
        let lower = self.public(&opened).minus(&low).plus(&borrowed.scaled(Fp127::new(OFFSET)));
        let not_negative = positive.minus(&lower).scaled(inverse_of_offset());
        Ok(self.public(&vec![Fp127::ONE; x.len()]).minus(&not_negative))
    }

    pub(super) fn zeros(&mut self, x: &Shared<Fp127>) -> Result<Shared<Fp127>> {
        let (_, Digits { mut equal, .. }, _) = self.masked(&self.positive(x))?;
        while equal.len() > x.len() {
            let half = equal.len() / 2;
            equal = self.multiply(&equal.range(0..half), &equal.range(half..2 * half))?;
        }
        Ok(equal)
    }

    /// Takes so many numbers at once that there is memory for their digits.
    pub(super) fn by_chunks(
        &mut self,
        x: &Shared<Fp127>,
        step: fn(&mut Self, &Shared<Fp127>) -> Result<Shared<Fp127>>,
    ) -> Result<Shared<Fp127>> {
        let starts = (0..x.len()).step_by(CHUNK);
        let chunks = starts.map(|start| x.range(start..x.len().min(start + CHUNK)));
        let results: Result<Vec<_>> = chunks.map(|chunk| step(self, &chunk)).collect();
        Ok(Shared::concatenation(&results?))
    }

    /// Makes numbers of -2^64 to 2^64 - 1 such of 0 to 2^65 - 1.
    fn positive(&self, x: &Shared<Fp127>) -> Shared<Fp127> {
        x.plus(&self.public(&vec![Fp127::new(OFFSET); x.len()]))
    }

    /// Opens numbers under masks: the lower halves, what is known of their digits, and the lower halves
    /// of the masks.
    fn masked(&mut self, x: &Shared<Fp127>) -> Result<(Vec<u64>, Digits, Shared<Fp127>)> {
        let length = x.len();
        let all = length * DIGITS * VALUES;
        let ([], [mask, dealt]) = self.supply([], [length, all], |_, random| {
            let masks = masks(random, length);
            let dealt = masks.iter().flat_map(|mask| {
                digits(mask.value() as u64).flat_map(|digit| {
                    (0..VALUES as u64).map(move |value| Fp127::from_u64((value == digit).into()))
                })
            });
            let dealt = dealt.collect();
            [masks, dealt]
        })?;
        let opened = self.open_partially(&x.plus(&mask))?;
        // The lower half: what the cast does.
        let opened: Vec<_> = opened.into_iter().map(|opened| opened.value() as u64).collect();
        // Digit by digit, what stands at the opened number's place or above it.
        let by_digit = |of: fn(&[Fp127], usize) -> Fp127| {
            dealt.map(|dealt| {
                let digits_of_masks = dealt.as_chunks::<VALUES>().0;
                let at = |digit: usize, number: usize| {
                    let place = digits(opened[number]).nth(digit).unwrap_or_default();
                    of(&digits_of_masks[number * DIGITS + digit], place as usize)
                };
                (0..DIGITS)
                    .flat_map(|digit| (0..length).map(move |x| (digit, x)))
                    .map(|(digit, x)| at(digit, x))
                    .collect()
            })
        };
        let less = by_digit(|values, digit| total(&values[digit + 1..]));
        let equal = by_digit(|values, digit| values[digit]);
        let low = dealt.map(|dealt| {
            let masks = dealt.as_chunks::<VALUES>().0.as_chunks::<DIGITS>().0;
            masks.iter().map(|digits| digits.iter().fold(Fp127::ZERO, lower)).collect()
        });
        Ok((opened, Digits { less, equal }, low))
    }

    /// Compares the opened numbers with the masks: of two neighbouring groups of digits, the higher one
    /// decides unless it is equal.
    fn less(&mut self, digits: Digits) -> Result<Shared<Fp127>> {
        let Digits { mut less, mut equal } = digits;
        let length = less.len() / DIGITS;
        let mut groups = DIGITS;
        while groups > 1 {
            let [higher_less, lower_less] = [0, 1].map(|first| less.every_second(first, length));
            let [higher_equal, lower_equal] = [0, 1].map(|first| equal.every_second(first, length));
            groups /= 2;
            if groups == 1 {
                return Ok(higher_less.plus(&self.multiply(&higher_equal, &lower_less)?));
            }
            let both =
                self.multiply(&higher_equal.repeated(2), &lower_less.concatenated(&lower_equal))?;
            less = higher_less.plus(&both.range(0..groups * length));
            equal = both.range(groups * length..2 * groups * length);
        }
        Ok(less)
    }
}

fn masks(random: &mut Stream, length: usize) -> Vec<Fp127> {
    let drawn = random.vector::<Fp127>(length).into_iter();
    drawn.map(|drawn| Fp127::new(drawn.value() & ((1 << MASK_BITS) - 1))).collect()
}

/// Returns the digits, the highest first.
fn digits(number: u64) -> impl Iterator<Item = u64> {
    (0..DIGITS).rev().map(move |place| number >> (4 * place) & 15)
}

/// Adds a digit below a number.
fn lower(number: Fp127, values: &[Fp127; VALUES]) -> Fp127 {
    let shifted = number * Fp127::from_u64(VALUES as u64);
    (0..).zip(values).fold(shifted, |sum, (value, &is_it)| sum + is_it * Fp127::from_u64(value))
}

fn inverse_of_offset() -> Fp127 {
    // 2^127 is 1, and so 2^64 times 2^63 is.
    Fp127::new(1 << 63)
}
