//! How many fractional bits the numbers have, and that none of them can leave the range in which shared
//! numbers are compared and truncated.

use anchorhold_sdk::mpc::Number;

/// The most features.
pub const MAX_FEATURES: usize = 64;
/// The most rows are 4 to the power of this.
pub const MAX_HALVINGS: u32 = 10;
/// The smallest penalty: below it, features that say the same would be told apart by rounding errors.
pub const MIN_PENALTY: f64 = 0.001;
/// The largest penalty, which leaves a tenth of a coefficient.
pub const MAX_PENALTY: f64 = 10.0;
/// The most iterations.
pub const MAX_ITERATIONS: usize = 500;
/// A column's deviation is at least its bounds' width, as a power of two, divided by 2 to this.
pub const UNIT_BITS: u32 = 12;
/// The fractional bits of the momentum.
pub const MOMENTUM_BITS: u32 = 6;

/// The fractional bits of each kind of numbers.
#[derive(Debug, Clone, Copy)]
pub struct Precision {
    /// Of coefficients and what is predicted, of which the matrix that is inverted has as many.
    pub number: u32,
    /// Of standardized columns.
    pub value: u32,
    /// Of gradients.
    pub gradient: u32,
    /// Of the factors that bring coefficients back to the units of their columns.
    pub unit: u32,
}

impl Precision {
    /// Where products are below 2^126.
    const WIDE: Self = Self { number: 40, value: 52, gradient: 48, unit: 40 };
    /// Where products are below 2^80, and numbers that are compared below 2^62.
    const NARROW: Self = Self { number: 30, value: 36, gradient: 36, unit: 30 };

    /// Returns what the range of numbers has room for.
    pub const fn of<E: Number>() -> Self {
        const { assert!(Self::chosen::<E>().fits(E::PRODUCT_BITS, E::RANGE_BITS)) };
        Self::chosen::<E>()
    }

    const fn chosen<E: Number>() -> Self {
        if E::PRODUCT_BITS >= 126 { Self::WIDE } else { Self::NARROW }
    }

    /// Says whether all numbers that are truncated are below 2 to the power of `product`, and all that are
    /// compared below 2 to that of `range`, whatever the data are.
    ///
    /// The bounds are of sums: what is added on the way may leave the range and come back. With the
    /// smallest penalty, coefficients of standardized columns are below 38 < 2^5.3 in their Euclidean
    /// norm, as the objective is never above that of zeros, which is log 2 or 1/2, after no iteration;
    /// with momentum they are below three times that. The inverse's elements are below 2^12, and so are
    /// all on the way to it.
    const fn fits(self, product: u32, range: u32) -> bool {
        let Self { number, value, gradient, unit } = self;
        // Sums of products of two standardized columns are at most 1, as those of squares are.
        2 * value < product
            // What is predicted for a row: 8 x 114 as the features are at most 8 in their norm, and an
            // intercept that is less than 2.4 further away after each iteration.
            && value + number + 11 <= product
            // The gradient: of so many rows, and the penalty's, which with momentum is below 12.
            && value + number + MAX_HALVINGS + 4 <= product
            // The difference of two elements of the matrix on the way to its inverse.
            && 2 * number + 14 <= product
            // A step, which the objective bounds as the coefficients, and what momentum adds.
            && number + gradient + MOMENTUM_BITS + 8 <= product
            // The intercept: coefficients, and in their norm means of 8 x 2^11 deviations.
            && number + unit + 20 <= product
            // What the logistic function takes.
            && number + 5 <= product / 2
            // A prediction of up to 2^20, with the edges of the series; and what is left of a result's
            // exact rounding.
            && number + 21 < range
            && unit + 1 < range
    }
}

/// Represents a number with so many fractional bits.
pub fn fixed<E: Number>(number: f64, bits: u32) -> E {
    // What is given here is far below 2^127.
    E::from_integer((number * power_of_two(bits.cast_signed())).round_ties_even() as i128)
}

/// Returns 2 to the power of an exponent from -1022 to 1023, exactly.
pub fn power_of_two(exponent: i32) -> f64 {
    let biased = u64::try_from(exponent + 1_023).expect("the exponent of a normal number");
    f64::from_bits(biased << 52)
}

/// Returns the smallest exponent of which the power of two is not below a positive, normal number.
pub fn exponent(number: f64) -> i32 {
    let bits = number.to_bits();
    let rest = bits & ((1 << 52) - 1);
    // Eleven bits: the cast loses nothing.
    (bits >> 52 & 0x7ff) as i32 - 1_023 + i32::from(rest != 0)
}
