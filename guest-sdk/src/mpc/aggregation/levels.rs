//! How floating-point values become integers: multiples of a step, as many above zero as below.

use crate::{Error, Result, check_range};

/// The fewest and most bits of a value.
const BITS: std::ops::RangeInclusive<u32> = 2..=32;

/// The integers that stand for values from -clip to clip: from 0 to an even number.
///
/// Zero and both ends are exact. A sum of levels, each times a weight, is that of weighted values.
#[derive(Debug, Clone, Copy)]
pub struct Levels {
    clip: f64,
    half: u64,
}

impl Levels {
    /// Makes 2^bits - 1 levels between -clip and clip, the arguments of these names.
    ///
    /// # Errors
    /// [`Error::Said`] if there are none such.
    pub fn new(clip: f64, bits: u32) -> Result<Self> {
        check_range("bits", bits, BITS)?;
        let levels = Self { clip, half: (1 << (bits - 1)) - 1 };
        if !(clip > 0.0 && clip.is_finite() && levels.step().is_normal()) {
            return Err(Error::new("\"clip\" must be positive and not too small"));
        }
        Ok(levels)
    }

    /// Returns the largest integer that a value becomes.
    pub fn largest(self) -> u64 {
        2 * self.half
    }

    /// Returns by how much a value is wrong at the most, once it is rounded.
    pub fn error(self) -> f64 {
        self.step() / 2.0
    }

    /// Returns the largest absolute value.
    pub fn clip(self) -> f64 {
        self.clip
    }

    /// Returns the level of a finite value: the nearest, and at a tie the even one. Of a value that is larger
    /// than declared it is the largest of its sign.
    pub fn level(self, value: f64) -> u64 {
        let half = self.half as f64;
        let rounded = (value.clamp(-self.clip, self.clip) / self.step()).round_ties_even();
        // From 0 to twice the half, which a float has exactly: the cast loses nothing.
        (rounded.clamp(-half, half) + half) as u64
    }

    /// Divides a sum of weighted levels by the sum of the weights, which is positive. None if no
    /// values have that sum.
    pub fn average(self, sum: u64, weight: u64) -> Option<f64> {
        let (sum, weight) = (i128::from(sum), i128::from(weight));
        let zero = i128::from(self.half) * weight;
        // At most 1 in absolute value, so that nothing overflows however large values may be.
        (sum <= 2 * zero).then(|| (sum - zero) as f64 / zero as f64 * self.clip)
    }

    /// Returns what lies between two levels.
    fn step(self) -> f64 {
        self.clip / self.half as f64
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_wrong_by_at_most_the_error_stated() {
        for (clip, bits) in [(1.0, 2), (1.0, 8), (0.3, 16), (1e300, 32), (1e-290, 32)] {
            let levels = Levels::new(clip, bits).unwrap();
            for thousandth in -1_000..=1_000 {
                let value = clip * f64::from(thousandth) / 1_000.0;
                let back = levels.average(levels.level(value), 1).unwrap();
                let wrong = (back - value).abs();
                assert!(wrong <= levels.error() * (1.0 + 1e-6), "{clip} {bits} {value} {back}");
            }
        }
    }

    #[test]
    fn the_ends_and_zero_are_exact() {
        for bits in BITS {
            let levels = Levels::new(7.5, bits).unwrap();
            let of = |value| levels.average(levels.level(value), 1);
            assert_eq!([of(-7.5), of(0.0), of(7.5)], [Some(-7.5), Some(0.0), Some(7.5)]);
            assert_eq!([levels.level(-7.5), levels.level(7.5)], [0, levels.largest()]);
            assert_eq!(levels.level(f64::MAX), levels.largest());
        }
    }

    #[test]
    fn a_sum_that_no_values_have_has_no_average() {
        let levels = Levels::new(1.0, 8).unwrap();
        assert_eq!(levels.average(254 * 3, 3), Some(1.0));
        assert_eq!(levels.average(254 * 3 + 1, 3), None);
    }
}
