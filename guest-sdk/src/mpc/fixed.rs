//! Numbers with a fractional part as integers of a domain.

use crate::mpc::Number;
use crate::{Error, Result, Table};

/// Below this, encoded numbers can be compared and truncated.
const LIMIT: f64 = (1_u64 << 62) as f64;

/// How numbers of a declared range are represented: times 2 to the number of fractional bits,
/// rounded to the nearest.
///
/// A sum has the same fractional bits. A product, and a sum of products, has twice as many, and is
/// truncated once ([`Numbers::truncate`](super::Numbers::truncate)). What is
/// computed must stay within plus and minus 2^(62 - bits), before it is truncated 2^(62 - 2 * bits).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedPoint {
    fraction_bits: u32,
    minimum: f64,
    maximum: f64,
}

impl FixedPoint {
    /// Declares numbers from `minimum` to `maximum`, both included.
    ///
    /// # Errors
    /// [`Error::Said`] if there are no such numbers, or they do not fit into 62 bits and a sign.
    pub fn new(fraction_bits: u32, minimum: f64, maximum: f64) -> Result<Self> {
        if minimum.is_nan() || maximum.is_nan() || minimum > maximum {
            return Err(Error::new(format!("there are no numbers from {minimum} to {maximum}")));
        }
        let fixed = Self { fraction_bits, minimum, maximum };
        if fraction_bits > 62 || minimum.abs().max(maximum.abs()) * fixed.scale() >= LIMIT {
            return Err(Error::new(format!(
                "numbers of {minimum} to {maximum} with {fraction_bits} fractional bits do not fit \
                 into 62 bits"
            )));
        }
        Ok(fixed)
    }

    /// Returns the number of fractional bits.
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    /// Encodes numbers.
    ///
    /// # Errors
    /// [`Error::Said`] with the place of the first one, from 1, that is outside the range or not a
    /// number. It does not tell the number: values of the data stay where they are.
    pub fn encode<N: Number>(&self, numbers: &[f64]) -> Result<Vec<N>> {
        let Self { minimum, maximum, .. } = *self;
        let encoded = numbers.iter().enumerate().map(|(place, number)| {
            if !(minimum..=maximum).contains(number) {
                return Err(Error::new(format!(
                    "value {} is not in the declared range {minimum} to {maximum}",
                    place + 1
                )));
            }
            // Below 2^62 in its absolute value: the cast loses nothing.
            Ok(N::from_integer((number * self.scale()).round_ties_even() as i128))
        });
        encoded.collect()
    }

    /// Reads a whole column and encodes it.
    ///
    /// # Errors
    /// [`Error::Said`] with the column and the row, from 1, of the first number that is outside the
    /// range, none, or null; as [`Table::int64`].
    pub fn column<N: Number>(&self, table: &Table, name: &str) -> Result<Vec<N>> {
        // Also where there are no rows.
        table.column(name)?;
        let mut numbers = Vec::new();
        for batch in table.batches() {
            for number in batch?.numbers(name)?.iter() {
                numbers.push(match number {
                    // A null is no number.
                    None => f64::NAN,
                    Some(crate::Number::Whole(number)) => number as f64,
                    Some(crate::Number::Real(number)) => number,
                });
            }
        }
        let encoded = self.encode(&numbers);
        encoded.map_err(|error| table.wrong(name, &error.sentence()))
    }

    /// Decodes numbers, rounded to what a float can represent.
    pub fn decode<N: Number>(&self, encoded: &[N]) -> Vec<f64> {
        encoded.iter().map(|number| number.to_integer() as f64 / self.scale()).collect()
    }

    fn scale(&self) -> f64 {
        (1_u64 << self.fraction_bits.min(63)) as f64
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::mpc::Z2_64;

    #[test]
    fn numbers_survive_up_to_half_of_the_last_bit() {
        let fixed = FixedPoint::new(16, -1_000.0, 1_000.0).unwrap();
        let numbers = [0.0, 1.0, -1.0, 0.1, -0.1, 999.999_99, -1_000.0, 1e-9];
        let decoded = fixed.decode(&fixed.encode::<Z2_64>(&numbers).unwrap());
        for (number, decoded) in numbers.iter().zip(decoded) {
            assert!((number - decoded).abs() <= 0.5 / 65_536.0, "{number} {decoded}");
        }
        assert_eq!(fixed.encode::<Z2_64>(&[0.5]).unwrap(), [Z2_64(1 << 15)]);
    }

    #[test]
    fn what_is_out_of_the_range_is_refused_by_its_place() {
        let fixed = FixedPoint::new(16, 0.0, 1.0).unwrap();
        for number in [-0.001, 1.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = fixed.encode::<Z2_64>(&[0.5, number]).unwrap_err().sentence();
            assert_eq!(error, "value 2 is not in the declared range 0 to 1");
        }
    }

    #[test]
    fn ranges_that_make_no_sense_or_do_not_fit_are_refused() {
        for (bits, minimum, maximum) in
            [(16, 1.0, 0.0), (16, f64::NAN, 1.0), (16, 0.0, 7.1e13), (62, 0.0, 1.0), (63, 0.0, 0.1)]
        {
            FixedPoint::new(bits, minimum, maximum).unwrap_err();
        }
        FixedPoint::new(16, 0.0, 7e13).unwrap();
        FixedPoint::new(61, -1.0, 1.0).unwrap();
    }
}
