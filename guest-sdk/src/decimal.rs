//! Decimal numbers of a fixed number of decimals, as the integers that protocols add.

use crate::Number;

/// The most decimals: 10^18 is the largest power of ten below 2^63.
pub const MAX_DECIMALS: u32 = 18;

/// How the numbers of a column become integers: times ten to the number of decimals, within
/// declared bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    decimals: u32,
    minimum: i64,
    maximum: i64,
}

/// Why a number is not as its declaration says, or the declaration makes no sense.
///
/// No message names a value: values of the data stay where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// The bounds are the wrong way round.
    #[error("the minimum {minimum} is above the maximum {maximum}")]
    Bounds {
        /// The minimum declared.
        minimum: i64,
        /// The maximum declared.
        maximum: i64,
    },
    /// More decimals than [`MAX_DECIMALS`].
    #[error("{decimals} decimals are declared, but at most {MAX_DECIMALS} are possible")]
    Decimals {
        /// The decimals declared.
        decimals: u32,
    },
    /// A sum could leave the integers of 63 bits.
    #[error(
        "a sum of {summands} numbers of {minimum} to {maximum} with {decimals} decimals can reach \
         2^63: declare narrower bounds, fewer decimals or fewer rows"
    )]
    Overflow {
        /// How many numbers are added at the most.
        summands: u64,
        /// The minimum declared.
        minimum: i64,
        /// The maximum declared.
        maximum: i64,
        /// The decimals declared.
        decimals: u32,
    },
    /// A number, after rounding, is not within the bounds, or is none.
    #[error("a value is outside the declared bounds {minimum} to {maximum}")]
    OutOfBounds {
        /// The minimum declared.
        minimum: i64,
        /// The maximum declared.
        maximum: i64,
    },
}

impl Decimal {
    /// Declares numbers from `minimum` to `maximum`, both included, of which at most `summands` are
    /// added.
    ///
    /// # Errors
    /// [`DecimalError::Bounds`], [`DecimalError::Decimals`]; [`DecimalError::Overflow`] unless
    /// `summands * max(|minimum|, |maximum|) * 10^decimals < 2^63`, so that no sum of encoded
    /// numbers overflows.
    pub fn new(
        decimals: u32,
        minimum: i64,
        maximum: i64,
        summands: u64,
    ) -> Result<Self, DecimalError> {
        if minimum > maximum {
            return Err(DecimalError::Bounds { minimum, maximum });
        }
        if decimals > MAX_DECIMALS {
            return Err(DecimalError::Decimals { decimals });
        }
        let largest = minimum.unsigned_abs().max(maximum.unsigned_abs());
        u128::from(largest)
            .checked_mul(10_u128.pow(decimals))
            .and_then(|scaled| scaled.checked_mul(u128::from(summands.max(1))))
            .filter(|sum| *sum < 1 << 63)
            .ok_or(DecimalError::Overflow { summands, minimum, maximum, decimals })?;
        Ok(Self { decimals, minimum, maximum })
    }

    /// Encodes a number as an integer: whole numbers exactly, others rounded to the decimals
    /// declared, to the nearest, and a tie to the even one.
    ///
    /// What is rounded is the exact value of the binary number: 2.675 is a little less than that
    /// and becomes 2.67.
    ///
    /// # Errors
    /// [`DecimalError::OutOfBounds`] if the rounded number is outside the bounds, infinite or not a
    /// number.
    pub fn encode(&self, number: impl Into<Number>) -> Result<i64, DecimalError> {
        let scaled = match number.into() {
            Number::Whole(value) => i128::from(value).checked_mul(self.scale()),
            Number::Real(value) => {
                // Rust writes a float's exact value, correctly rounded. Infinities do not parse.
                let text = format!("{value:.*}", decimals_as_width(self.decimals));
                text.replace('.', "").parse().ok()
            }
        };
        let bounds = self.bounds();
        scaled
            .filter(|scaled| bounds.contains(scaled))
            .and_then(|scaled| i64::try_from(scaled).ok())
            .ok_or(DecimalError::OutOfBounds { minimum: self.minimum, maximum: self.maximum })
    }

    /// Says whether an integer can be the sum of `summands` encoded numbers.
    pub fn can_be_sum(&self, sum: i64, summands: u64) -> bool {
        let (bounds, summands) = (self.bounds(), i128::from(summands));
        (bounds.start() * summands..=bounds.end() * summands).contains(&i128::from(sum))
    }

    /// Writes an encoded number, or a sum of them, with all its decimals.
    pub fn text(&self, encoded: i64) -> String {
        decimal_text(i128::from(encoded), self.decimals)
    }

    fn scale(&self) -> i128 {
        10_i128.pow(self.decimals)
    }

    fn bounds(&self) -> std::ops::RangeInclusive<i128> {
        i128::from(self.minimum) * self.scale()..=i128::from(self.maximum) * self.scale()
    }
}

/// Writes `scaled / 10^decimals` exactly, with that many decimals.
pub fn decimal_text(scaled: i128, decimals: u32) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    let width = decimals_as_width(decimals);
    let digits = format!("{:0>1$}", scaled.unsigned_abs(), width + 1);
    match digits.split_at(digits.len() - width) {
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

fn decimals_as_width(decimals: u32) -> usize {
    usize::try_from(decimals).expect("a u32 fits usize on wasm32 and on larger machines")
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
