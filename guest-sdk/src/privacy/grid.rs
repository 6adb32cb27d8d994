//! Records' vectors as whole numbers: clipped, added, and only then rounded to multiples of a step.

use crate::{Error, Result};

/// In how many parts a step is divided while records are added, as a power of two.
const FINE_BITS: u32 = 16;

/// How much larger than the step the clip can be: a record then adds less than 2^41 fine parts, and
/// 2^22 records fit whatever they are.
const MAX_STEPS: f64 = (1_u64 << 24) as f64;

/// How much larger than what rounding adds to the sensitivity the clip is, where the step is chosen
/// for it.
const CLIP_TO_ROUNDING: f64 = 64.0;

/// How vectors of records become sums of whole numbers, and how much one record changes such a sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    step: f64,
    dimension: usize,
    /// The largest norm of a record's vector, in steps divided by 2^[`FINE_BITS`].
    longest: u64,
}

impl Grid {
    /// Declares vectors of so many numbers, of an L2 norm of at most `clip`, whose sum is rounded to
    /// multiples of `step`.
    ///
    /// # Errors
    /// [`Error::Said`] if one of them is not positive, or `clip` is not from `step` to 2^24 times it.
    pub fn new(clip: f64, step: f64, dimension: usize) -> Result<Self> {
        let steps = clip / step;
        if !(clip > 0.0
            && clip.is_normal()
            && step.is_normal()
            && (1.0..=MAX_STEPS).contains(&steps))
        {
            return Err(Error::new(format!(
                "the clip must be from one step to 2^24 steps, not {clip} of steps of {step}"
            )));
        }
        if dimension == 0 {
            return Err(Error::new("there is no vector of no numbers"));
        }
        // From 2^16 to 2^40, of which a float has all.
        let longest = (steps * fine_parts()).round() as u64;
        Ok(Self { step, dimension, longest })
    }

    /// The same with a step so small that rounding adds at most a 64th to the sensitivity: the
    /// largest power of two that is at most clip / (64 · √dimension).
    ///
    /// # Errors
    /// As [`Grid::new`].
    pub fn fitting(clip: f64, dimension: usize) -> Result<Self> {
        let most = clip / (CLIP_TO_ROUNDING * (dimension.max(1) as f64).sqrt());
        if !most.is_normal() {
            return Err(Error::new(format!(
                "the clip must be positive and not too small, not {clip}"
            )));
        }
        // A float's leading bit alone.
        Self::new(clip, f64::from_bits(most.to_bits() & f64::INFINITY.to_bits()), dimension)
    }

    /// Returns the step.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Returns how many numbers a vector has.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns by how much a sum changes at the most, in steps and L2 norm, when one record is added or
    /// taken away: clip / step + √dimension, rounded up.
    ///
    /// Of two sums a and b before rounding, which differ by one record's vector, |a - b| <= clip / step;
    /// rounding moves each coordinate of each by at most 1/2, so the difference's by at most 1, and a
    /// vector of such has a norm of at most √dimension.
    pub fn sensitivity(&self) -> f64 {
        self.differing_by(1.0)
    }

    /// The same when a record is replaced by another: 2 · clip / step + √dimension.
    pub fn sensitivity_to_replacing(&self) -> f64 {
        self.differing_by(2.0)
    }

    /// Starts a sum of no records.
    pub fn sum(&self) -> ClippedSum {
        ClippedSum { grid: *self, fine: vec![0; self.dimension] }
    }

    fn differing_by(&self, records: f64) -> f64 {
        // A float has the whole number and its fraction.
        let unrounded = records * self.longest as f64 / fine_parts();
        (unrounded + (self.dimension as f64).next_up().sqrt().next_up()).next_up()
    }

    /// Clips a vector and rounds it to fine parts. Its norm is then checked in whole numbers, so that it
    /// holds whatever the floats' rounding did.
    ///
    /// A vector that has an infinite number or none becomes zero: a refusal would tell of the record.
    fn clipped(&self, record: &[f64]) -> Vec<i64> {
        let largest = record.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
        if largest == 0.0 || !record.iter().all(|number| number.is_finite()) {
            return vec![0; record.len()];
        }
        // In units of the largest number, so that no square leaves the floats.
        let norm = record.iter().map(|number| (number / largest).powi(2)).sum::<f64>().sqrt();
        let unclipped = largest / self.step * fine_parts();
        let scale = unclipped.min(self.longest as f64 / norm);
        // At most 2^40 in absolute value: the cast loses nothing.
        let nearest = |number: &f64| (number / largest * scale).round() as i64;
        let mut fine: Vec<i64> = record.iter().map(nearest).collect();
        while self.is_too_long(&fine) {
            fine.iter_mut().for_each(|number| *number -= number.signum());
        }
        fine
    }

    fn is_too_long(&self, fine: &[i64]) -> bool {
        let squares = fine.iter().map(|number| u128::from(number.unsigned_abs()).pow(2));
        squares.sum::<u128>() > u128::from(self.longest).pow(2)
    }
}

/// A sum of records' vectors, each clipped.
///
/// It holds what the records say and stays where they are; [`ClippedSum::rounded`] is what noise is
/// added to.
#[derive(Clone)]
pub struct ClippedSum {
    grid: Grid,
    fine: Vec<i64>,
}

impl ClippedSum {
    /// Adds a record's vector. One with a norm above the clip is scaled down to it; one that has an
    /// infinite number or none adds nothing.
    ///
    /// # Errors
    /// [`Error::Said`] if it has not as many numbers as declared.
    pub fn add(&mut self, record: &[f64]) -> Result<()> {
        if record.len() != self.fine.len() {
            return Err(Error::new(format!(
                "a record's vector must have {} numbers, not {}",
                self.fine.len(),
                record.len()
            )));
        }
        // Where it saturates, two sums that differ by a record come nearer to each other, if at all.
        for (sum, number) in self.fine.iter_mut().zip(self.grid.clipped(record)) {
            *sum = sum.saturating_add(number);
        }
        Ok(())
    }

    /// Rounds the sum to steps. A coordinate that is farther from zero than `largest` becomes that: so a
    /// bound on sums, which a modulus needs, holds without a refusal, and no record changes the sum by
    /// more.
    pub fn rounded(&self, largest: u64) -> Vec<i64> {
        let largest = i64::try_from(largest).unwrap_or(i64::MAX);
        let half = 1_i128 << (FINE_BITS - 1);
        let steps = self.fine.iter().map(|fine| (i128::from(*fine) + half) >> FINE_BITS);
        let whole = steps.map(|steps| i64::try_from(steps).expect("it is below 2^48"));
        whole.map(|number| number.clamp(-largest, largest)).collect()
    }
}

fn fine_parts() -> f64 {
    f64::from(1_u32 << FINE_BITS)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
