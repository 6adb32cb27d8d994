//! Sums of floating-point numbers under pairwise masks.

use crate::mpc::Z2_128;
use crate::mpc::pairwise::PairwiseMasks;
use crate::{Error, Result, Seat, Task};

/// The most fractional bits: what is lost is far less than what a double loses.
const MOST_BITS: u32 = 80;
/// The fewest, below which sums would be worse than those of doubles.
const FEWEST_BITS: u32 = 40;
/// Below 2 to the power of this, what is added has a place.
const RANGE_BITS: f64 = 126.0;

/// To what each party's part in a sum is rounded, so that no sum leaves its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    bits: u32,
    /// The most that a party's part can be.
    part: f64,
    parties: usize,
}

impl Precision {
    /// Chooses for so many parties with parts from -`part` to `part`.
    ///
    /// # Errors
    /// [`Error::Said`] if they have no place with 40 fractional bits.
    pub fn new(parties: usize, part: f64) -> Result<Self> {
        let whole = libm::log2(part.max(1.0) * parties as f64).ceil();
        let bits = (RANGE_BITS - whole).min(MOST_BITS.into());
        // Not so for what is no number.
        if bits >= FEWEST_BITS.into() {
            // A small whole number: the cast loses nothing.
            return Ok(Self { bits: bits as u32, part, parties });
        }
        Err(Error::new(format!(
            "sums of {parties} parts of up to {part:e} have no place in 128 bits: fewer rows, or closer \
             bounds, have"
        )))
    }

    fn scale(&self) -> f64 {
        libm::exp2(self.bits.into())
    }
}

/// The sums of one task, which seat 0 learns.
pub struct Sums {
    masks: PairwiseMasks,
    precision: Precision,
}

impl Sums {
    /// Shares the seeds of the masks.
    ///
    /// # Errors
    /// As [`PairwiseMasks::new`].
    pub fn new(task: &mut Task, precision: Precision) -> Result<Self> {
        Ok(Self { masks: PairwiseMasks::new(task)?, precision })
    }

    /// Adds the parts of all parties at seat 0; the others get nothing.
    ///
    /// # Errors
    /// [`Error::Said`] if a number of the own part is not within its range; at seat 0 if a sum is not
    /// possible, so that a party did not follow the protocol; as [`PairwiseMasks::sum_at`].
    pub fn add(&mut self, task: &Task, own: &[f64]) -> Result<Option<Vec<f64>>> {
        let Precision { part, parties, .. } = self.precision;
        let scale = self.precision.scale();
        let rounded = own.iter().map(|number| {
            // Not so for what is no number.
            if number.abs() <= part {
                // Below 2^126 in its absolute value: the cast loses nothing.
                return Ok(Z2_128::from_signed((number * scale).round_ties_even() as i128));
            }
            Err(Error::new(format!("a part of a sum is not within -{part:e} to {part:e}")))
        });
        let rounded: Vec<_> = rounded.collect::<Result<_>>()?;
        let Some(sums) = self.masks.sum_at(task, Seat::FIRST, &rounded)? else { return Ok(None) };
        let sums: Vec<_> = sums.iter().map(|sum| sum.to_signed() as f64 / scale).collect();
        let most = part * parties as f64;
        // Each part is rounded to the nearest.
        if sums.iter().any(|sum| sum.abs() > most + 1.0) {
            return Err(Error::new(
                "a sum is not possible within the declared bounds: a party did not follow the protocol",
            ));
        }
        Ok(Some(sums))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn as_many_bits_are_chosen_as_have_a_place() {
        assert_eq!(Precision::new(3, 1.0).unwrap().bits, 80);
        assert_eq!(Precision::new(4, libm::exp2(44.0)).unwrap().bits, 80);
        assert_eq!(Precision::new(4, libm::exp2(44.5)).unwrap().bits, 79);
        assert_eq!(Precision::new(4, libm::exp2(84.0)).unwrap().bits, 40);
        Precision::new(4, libm::exp2(84.1)).unwrap_err();
        Precision::new(4, f64::INFINITY).unwrap_err();
    }
}
