//! Exact samples of the discrete Gaussian, by whole numbers alone.
//!
//! Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020
//! (arXiv 2004.00010), section 5: Algorithms 1 to 3, with a variance that is a whole number. How long
//! a sample takes depends on it: this is not constant time.

use rand_core::CryptoRng;

/// The largest parameter σ² of a sampler: all that a sample computes is below 2^128 for it.
pub const MAX_VARIANCE: u64 = 1 << 52;

/// The discrete Gaussian N(0, σ²) on the whole numbers: x has a probability proportional to
/// exp(-x²/2σ²).
///
/// Its variance is σ² or less, and where σ² >= 1 is less by a share below 1e-6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscreteGaussian {
    variance: u64,
    /// The scale of the discrete Laplace distribution that is sampled first: floor(σ) + 1.
    scale: u64,
}

impl DiscreteGaussian {
    /// Makes the distribution of this parameter σ². None if it is 0 or above [`MAX_VARIANCE`].
    pub fn new(variance: u64) -> Option<Self> {
        (1..=MAX_VARIANCE)
            .contains(&variance)
            .then(|| Self { variance, scale: variance.isqrt() + 1 })
    }

    /// Returns the parameter σ².
    pub fn variance(&self) -> u64 {
        self.variance
    }

    /// Draws a number (Algorithm 3).
    pub fn sample(&self, rng: &mut impl CryptoRng) -> i64 {
        let (variance, scale) = (u128::from(self.variance), u128::from(self.scale));
        loop {
            let drawn = self.laplace(rng);
            // (|y| - σ²/t)² / 2σ², as one fraction.
            let distance = (u128::from(drawn.unsigned_abs()) * scale).abs_diff(variance);
            // It has no square below 2^128 with a probability below exp(-1,000,000).
            let Some(square) = distance.checked_mul(distance) else { continue };
            if with_exponential(rng, square, 2 * variance * scale * scale) {
                return drawn;
            }
        }
    }

    /// Draws a number y with a probability proportional to exp(-|y|/t), for the scale t (Algorithm 2).
    fn laplace(&self, rng: &mut impl CryptoRng) -> i64 {
        loop {
            let within = below(rng, self.scale);
            if !with_small_exponential(rng, u128::from(within), u128::from(self.scale)) {
                continue;
            }
            let mut scales = 0_u32;
            while with_small_exponential(rng, 1, 1) {
                scales += 1;
            }
            let size = i64::try_from(within + self.scale * u64::from(scales))
                .expect("a scale of 2^26 is not drawn 2^32 times in a row");
            match rng.next_u32() % 2 == 1 {
                // Else zero would be drawn twice as often.
                true if size == 0 => continue,
                true => return -size,
                false => return size,
            }
        }
    }
}

/// Says yes with the probability exp(-numerator/denominator) (Algorithm 1).
fn with_exponential(rng: &mut impl CryptoRng, numerator: u128, denominator: u128) -> bool {
    (0..numerator / denominator).all(|_| with_small_exponential(rng, 1, 1))
        && with_small_exponential(rng, numerator % denominator, denominator)
}

/// The same for a fraction that is at most 1.
fn with_small_exponential(rng: &mut impl CryptoRng, numerator: u128, denominator: u128) -> bool {
    let mut draws = 1;
    // That there are k of them has a probability below 1/k!: the product is far from 2^128.
    while below_wide(rng, denominator * draws) < numerator {
        draws += 1;
    }
    draws % 2 == 1
}

fn below_wide(rng: &mut impl CryptoRng, bound: u128) -> u128 {
    if let Ok(bound) = u64::try_from(bound) {
        return below(rng, bound).into();
    }
    let mask = u128::MAX >> bound.leading_zeros();
    loop {
        let number = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        if number & mask < bound {
            return number & mask;
        }
    }
}

/// Draws a number below a positive bound, all alike (Lemire, "Fast Random Integer Generation in an
/// Interval", 2019, section 4).
fn below(rng: &mut impl CryptoRng, bound: u64) -> u64 {
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        // The casts take the upper and the lower half.
        let (high, low) = ((product >> 64) as u64, product as u64);
        if low >= bound || low >= bound.wrapping_neg() % bound {
            return high;
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
