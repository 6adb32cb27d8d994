//! What is computed on shared signed integers and fixed-point numbers, beyond sums and products.

mod division;
mod order;
mod sigmoid;

pub use order::Threshold;

use super::{Arithmetic, Number, Shared, SharedMatrix};
use crate::Result;

/// Comparison, choice, order and division of shared signed integers, from -2^range to 2^range - 1 where
/// nothing else is said; the range is [`Number::RANGE_BITS`], at least 62. What is truncated may be as
/// large as [`Number::PRODUCT_BITS`] says.
///
/// A number that is outside of its range is not noticed; what comes of it is arbitrary, and may tell
/// others' numbers. All is computed on vectors, element by element. What a step costs is said in terms of
/// products, signs and truncations, each of which says what it costs in its own way of sharing.
///
/// A fixed-point number with so many fractional `bits` is the integer nearest to it times 2^bits.
pub trait Numbers: Arithmetic<Element: Number> {
    /// Returns 1 for a number that is negative, and 0 for one that is not.
    fn is_negative(&mut self, x: &Shared<Self::Scheme>) -> Result<Shared<Self::Scheme>>;

    /// Returns 1 for a zero, and 0 for any other number.
    fn is_zero(&mut self, x: &Shared<Self::Scheme>) -> Result<Shared<Self::Scheme>>;

    /// Divides by 2 to the power of `bits`. The quotient is rounded down, or up with the probability
    /// of its fractional part: on average it is exact, and never off by one or more. Which way
    /// depends on a random mask, and each party that computes knows where that rounds up. So of a
    /// quotient that is opened it learns whether the rest was above a random number; that is more than
    /// the quotient says, and the more the oftener the same number is truncated and opened.
    /// [`Numbers::truncate_exactly`] says nothing but its quotient.
    ///
    /// # Panics
    /// If there are no bits, or as many as numbers have that are truncated.
    fn truncate(&mut self, x: &Shared<Self::Scheme>, bits: u32) -> Result<Shared<Self::Scheme>>;

    /// Divides by 2 to the power of `bits`, and rounds down: a truncation and a sign.
    ///
    /// # Panics
    /// As [`Numbers::truncate`].
    fn truncate_exactly(
        &mut self,
        x: &Shared<Self::Scheme>,
        bits: u32,
    ) -> Result<Shared<Self::Scheme>> {
        let near = self.truncate(x, bits)?;
        let rest = x.minus(&near.scaled(Self::Element::power_of_two(bits)));
        Ok(near.minus(&self.is_negative(&rest)?))
    }

    /// Returns 1 where x is below y, and 0 elsewhere, for numbers less than 2^range apart: a sign.
    ///
    /// # Panics
    /// If the lengths differ.
    fn is_less(
        &mut self,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>> {
        self.is_negative(&x.minus(y))
    }

    /// Returns 1 where the two are the same, and 0 elsewhere, for numbers less than 2^range apart: what
    /// [`Numbers::is_zero`] takes.
    ///
    /// # Panics
    /// If the lengths differ.
    fn is_equal(
        &mut self,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>> {
        self.is_zero(&x.minus(y))
    }

    /// Returns x where the chooser is 1, and y where it is 0: a product.
    ///
    /// # Panics
    /// If the lengths differ.
    fn select(
        &mut self,
        chooser: &Shared<Self::Scheme>,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>> {
        Ok(y.plus(&self.multiply(chooser, &x.minus(y))?))
    }

    /// Returns the larger of each pair, of numbers less than 2^range apart: a sign and a product.
    ///
    /// # Panics
    /// If the lengths differ.
    fn maximum(
        &mut self,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>> {
        let less = self.is_less(x, y)?;
        self.select(&less, y, x)
    }

    /// Returns the smaller of each pair, as [`Numbers::maximum`] the larger.
    ///
    /// # Panics
    /// If the lengths differ.
    fn minimum(
        &mut self,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>> {
        let less = self.is_less(x, y)?;
        self.select(&less, x, y)
    }

    /// Returns the number, or zero for a negative one: a sign and a product.
    fn relu(&mut self, x: &Shared<Self::Scheme>) -> Result<Shared<Self::Scheme>> {
        let negative = self.is_negative(x)?;
        Ok(x.minus(&self.multiply(&negative, x)?))
    }

    /// Returns of each row the place of its largest number, from 0, and of the first where several
    /// are the largest. They are less than 2^range apart.
    ///
    /// With c columns it is ceil(log2 c) times a sign and, in one step, two products; for each row
    /// c - 1 signs and 2(c - 1) products.
    ///
    /// # Panics
    /// If there are no columns.
    fn argmax(&mut self, x: &SharedMatrix<Self::Scheme>) -> Result<Shared<Self::Scheme>> {
        let (rows, mut left) = x.shape();
        assert!(left > 0, "there are no columns to choose from");
        // Column by column, so that a row of candidates is left of each step.
        let mut numbers = x.transposed().into_vector();
        let number = |column: usize| Self::Element::from_integer(column as i128);
        let columns: Vec<_> = (0..left).flat_map(|column| vec![number(column); rows]).collect();
        let mut places = self.public(&columns);
        while left > 1 {
            // Neighbours, so that the first of equal ones is on the left.
            let paired = left / 2 * 2 * rows;
            let neighbours = |all: &Shared<Self::Scheme>| {
                [0, 1].map(|first| all.range(0..paired).every_second(first, rows.max(1)))
            };
            let ([one, other], [one_place, other_place]) =
                (neighbours(&numbers), neighbours(&places));
            let last = paired..left * rows;
            let less = self.is_less(&one, &other)?;
            let chosen = self.select(
                &less.repeated(2),
                &other.concatenated(&other_place),
                &one.concatenated(&one_place),
            )?;
            let (chosen, chosen_places) =
                (chosen.range(0..one.len()), chosen.range(one.len()..chosen.len()));
            numbers = chosen.concatenated(&numbers.range(last.clone()));
            places = chosen_places.concatenated(&places.range(last));
            left = left.div_ceil(2);
        }
        Ok(places)
    }

    /// Returns 1 / x of fixed-point numbers of which all are positive and, as integers, less than
    /// 2^size.
    ///
    /// With w = min(30, b - 1 - size), where b is [`Number::PRODUCT_BITS`], or 50 instead of 30 where that
    /// is 126, the result is off by at most 2^(4 - w) of itself, and by 1 in its last place. It is size - 1 signs
    /// for each, in one step, and then eight products and about as many truncations, one after the
    /// other; two more of both where w is above 30.
    ///
    /// # Panics
    /// If there are no fractional bits or more than these 30 or 50, or size is not from 1 to range - 17.
    fn reciprocal(
        &mut self,
        x: &Shared<Self::Scheme>,
        bits: u32,
        size: u32,
    ) -> Result<Shared<Self::Scheme>> {
        division::reciprocal(self, x, bits, size)
    }

    /// Divides fixed-point numbers by others of which all are positive and, as integers, less than
    /// 2^size: a [`Numbers::reciprocal`], a product and a truncation. The product of the dividend,
    /// as an integer, and the reciprocal is such as may be truncated.
    ///
    /// It is off by the error of the reciprocal times the dividend, and by 1 in its last place.
    ///
    /// # Panics
    /// As [`Numbers::reciprocal`], or if the lengths differ.
    fn divide(
        &mut self,
        dividend: &Shared<Self::Scheme>,
        divisor: &Shared<Self::Scheme>,
        bits: u32,
        size: u32,
    ) -> Result<Shared<Self::Scheme>> {
        let reciprocal = self.reciprocal(divisor, bits, size)?;
        let quotient = self.multiply(dividend, &reciprocal)?;
        self.truncate(&quotient, bits)
    }

    /// Returns 1 / (1 + e^-x) of fixed-point numbers.
    ///
    /// It is off by at most 2.2e-7, and by 2 in its last place: a series of 40 Chebyshev polynomials from
    /// -16 to 16, and what it is there beyond. It is two signs for each, in one step, and then eight times
    /// products and truncations: 47 and 46 for each.
    ///
    /// # Panics
    /// If there are no fractional bits, or more than half of [`Number::PRODUCT_BITS`], less 5.
    fn sigmoid(&mut self, x: &Shared<Self::Scheme>, bits: u32) -> Result<Shared<Self::Scheme>> {
        sigmoid::sigmoid(self, x, bits)
    }

    /// Finds the smallest integer v, from `minimum` to `maximum`, such that enough of all parties'
    /// values are not above v: the k-th smallest value, or a quantile. All learn it, and nothing else:
    /// of each comparison one bit is opened, which says whether the result is above a number that
    /// follows from those before.
    ///
    /// Each party that may give values gives its own, in any number, which nobody learns. If all
    /// values together are too few, the result is `maximum`: that is to be excluded before.
    ///
    /// It takes ceil(log2(maximum - minimum + 1)) times a sharing, a sign and an opening of one
    /// element, whatever the number of values is.
    ///
    /// Source: Aggarwal, Mishra, Pinkas, "Secure Computation of the k-th Ranked Element", EUROCRYPT
    /// 2004.
    ///
    /// # Panics
    /// If the minimum is above the maximum, or a party gives values that may not, or none though it
    /// may.
    fn kth(
        &mut self,
        own: Option<&[i64]>,
        range: std::ops::RangeInclusive<i64>,
        enough: &Threshold<Self::Scheme>,
    ) -> Result<i64> {
        order::kth(self, own, range, enough)
    }

    /// Finds, of shared values, the smallest for each threshold, and tells nobody: the k-th smallest
    /// value, or a quantile, in shares.
    ///
    /// Each value is given by `bits` shared zeros and ones, the highest first: element i of vector j
    /// is bit j of value i. Only those are values whose element of `present` is 1; the others, for
    /// which it is 0, fill up. If the values are too few for a threshold, the result is 2^bits - 1.
    ///
    /// For n elements and m thresholds it takes, for each bit, two times n m products and m signs.
    ///
    /// # Panics
    /// If the lengths differ, or there are more than 61 bits.
    fn kth_of_shared(
        &mut self,
        bits: &[Shared<Self::Scheme>],
        present: &Shared<Self::Scheme>,
        enough: &[Threshold<Self::Scheme>],
    ) -> Result<Shared<Self::Scheme>> {
        order::kth_of_shared(self, bits, present, enough)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
