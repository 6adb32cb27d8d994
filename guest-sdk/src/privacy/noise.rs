//! Noise of which each giver adds a share, as much as the honest ones' shares together must be.

use rand_core::CryptoRng;

use super::accountant::least;
use super::gaussian::{DiscreteGaussian, MAX_VARIANCE};
use crate::{Error, Result};

/// By how much a bound is raised for the rounding of floats, in relation to itself.
const ROUNDING: f64 = 1e-9;

/// A sum of all leaves its bound with a probability of 2 to minus this.
const OVERFLOW_BITS: f64 = 64.0;

/// The most honest givers that are counted on.
const MAX_HONEST: u32 = 1 << 20;

/// What each giver adds to each number: a discrete Gaussian of parameter σ², of which so many are
/// counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    gaussian: DiscreteGaussian,
    honest: u32,
}

impl Noise {
    /// Declares noise of parameter σ² at each giver, of whom `honest` at least are in each sum, add it,
    /// and keep it to themselves: with a threshold of t givers and c that may collude with who sees the
    /// sum, t - c.
    ///
    /// # Errors
    /// [`Error::Said`] if either is zero or too large.
    pub fn new(variance: u64, honest: u32) -> Result<Self> {
        if !(1..=MAX_HONEST).contains(&honest) {
            return Err(Error::new(format!(
                "noise needs from 1 to {MAX_HONEST} honest givers, not {honest}"
            )));
        }
        let gaussian = DiscreteGaussian::new(variance).ok_or_else(|| {
            Error::new(format!("the variance of noise must be from 1 to 2^52, not {variance}"))
        })?;
        Ok(Self { gaussian, honest })
    }

    /// Finds the least noise that makes sums of `dimension` numbers ρ-concentrated differentially
    /// private, for data whose sums differ by at most `sensitivity` in L2 norm.
    ///
    /// # Errors
    /// [`Error::Said`] if none does.
    pub fn for_rho(rho: f64, sensitivity: f64, dimension: usize, honest: u32) -> Result<Self> {
        let with = |variance: f64| Self::new(variance as u64, honest);
        let enough = |noise: Self| noise.rho(sensitivity, dimension) <= rho;
        if !enough(Self::new(MAX_VARIANCE, honest)?) {
            return Err(Error::new(
                "so much privacy needs noise of a variance above 2^52: take a larger step",
            ));
        }
        if enough(Self::new(1, honest)?) {
            return Self::new(1, honest);
        }
        // Whole numbers up to 2^52 are floats.
        let variance =
            least(1.0, MAX_VARIANCE as f64, |variance| with(variance.floor()).is_ok_and(enough));
        with(variance.floor())
    }

    /// Returns the parameter σ² of one giver's noise.
    pub fn variance(&self) -> u64 {
        self.gaussian.variance()
    }

    /// Returns how many honest givers are counted on.
    pub fn honest(&self) -> u32 {
        self.honest
    }

    /// Returns the ρ of one sum of `dimension` numbers, for data whose sums differ by at most
    /// `sensitivity` in L2 norm. That of several sums is the sum of theirs.
    ///
    /// With h honest givers, D the sensitivity, d the dimension, and
    /// τ = 10 · Σ exp(-2π²σ²k/(k + 1)) over k from 1 to h - 1, it is the smaller one of
    /// D²/(2hσ²) + τd and (D/(√h σ) + τ√d)²/2 (Kairouz, Liu, Steinke, Proposition 14). For a single order
    /// the paper's own accountant adds τd without multiplying it by the order, which concentrated privacy
    /// must: of the settings tried that makes its epsilon smaller by 0.2 % at the most.
    ///
    /// Why: that h add up to x has the probability of N(0, hσ²) times a factor, which one more giver
    /// multiplies by a sum of exp(-(y - c)²/2s²) over all whole y, with s² = σ²k/(k + 1) and a c that
    /// depends on x. Of such sums the logarithms differ by less than 5 exp(-2π²s²), so of the factors by
    /// τ/2, and the privacy loss is that of N(0, hσ²), which is linear in x, and at most τ more in each
    /// coordinate. As x is sub-Gaussian ([`Noise::largest`]), that gives the first; the second is the
    /// triangle inequality of √ρ (Bun and Steinke 2016, section 5).
    pub fn rho(&self, sensitivity: f64, dimension: usize) -> f64 {
        let (sensitivity, dimension) = (sensitivity.abs(), dimension as f64);
        let gap = self.gap();
        let variance = self.variance() as f64 * f64::from(self.honest);
        let added = sensitivity * sensitivity / (2.0 * variance) + gap * dimension;
        let root = sensitivity / variance.sqrt() + gap * dimension.sqrt();
        added.min(root * root / 2.0) * (1.0 + ROUNDING)
    }

    /// Returns τ: by how much the probabilities of the sum of honest noise differ, in their logarithm,
    /// from those of one discrete Gaussian.
    fn gap(&self) -> f64 {
        let rate = -2.0 * std::f64::consts::PI.powi(2) * self.variance() as f64;
        let terms = (1..self.honest).map(f64::from).map(|k| libm::exp(rate * k / (k + 1.0)));
        10.0 * terms.sum::<f64>()
    }

    /// Returns the standard deviation of the noise in a number of a sum of so many givers, of whom each
    /// added its share.
    pub fn deviation(&self, givers: u32) -> f64 {
        (self.variance() as f64 * f64::from(givers)).sqrt()
    }

    /// Returns by how much the noise of so many givers changes any of `dimension` numbers at the most,
    /// but with a probability of 2^-64.
    ///
    /// The discrete Gaussian of parameter σ² is sub-Gaussian with σ²: E exp(tX) is exp(t²σ²/2) times
    /// what a sum of exp(-(x - tσ²)²/2σ²) over all whole x is of the same with t = 0, where it is
    /// largest. So the sum X of n has P(|X| >= x) <= 2 exp(-x²/2nσ²), and of d of them d times that.
    pub fn largest(&self, givers: u32, dimension: usize) -> u64 {
        let log =
            (OVERFLOW_BITS + 1.0) * std::f64::consts::LN_2 + libm::log(dimension.max(1) as f64);
        // Below 2^(26 + 16 + 5), as no dimension is above 2^64.
        ((2.0 * log).sqrt() * self.deviation(givers) * (1.0 + ROUNDING)).ceil() as u64
    }

    /// Returns the bits of the smallest power of two that is a modulus for sums from -`sum` to `sum`
    /// with the noise of so many givers, at most 64. With fewer, a number may wrap with a probability
    /// above 2^-64: that is wrong, and no less private.
    ///
    /// # Errors
    /// [`Error::Said`] if 64 bits are not enough.
    pub fn modulus_bits(&self, sum: u64, givers: u32, dimension: usize) -> Result<u32> {
        let largest = u128::from(sum) + u128::from(self.largest(givers, dimension));
        let bits = (2 * largest).checked_ilog2().map_or(1, |log| log + 1);
        if bits > u64::BITS {
            return Err(Error::new(format!(
                "sums of up to {sum} with noise need {bits} bits, and there are 64: take a larger step"
            )));
        }
        Ok(bits)
    }

    /// Adds one giver's noise to its numbers, modulo `modulus`, from 1 to 2^64. Sums of these
    /// are read with [`centered`].
    ///
    /// # Panics
    /// If there is no such modulus.
    pub fn add(&self, numbers: &[i64], modulus: u128, rng: &mut impl CryptoRng) -> Vec<u64> {
        let modulus = checked(modulus);
        let noisy = numbers.iter().map(|number| {
            // Exact and then modulo: what the sum shows is a function of the sum with its noise.
            let noisy = i128::from(*number) + i128::from(self.gaussian.sample(rng));
            u64::try_from(noisy.rem_euclid(modulus)).expect("it is below 2^64")
        });
        noisy.collect()
    }
}

/// Returns the number nearest to zero that is `sum` modulo `modulus`, from 1 to 2^64; of two the
/// negative one.
///
/// # Panics
/// If there is no such modulus, or the sum is not below it.
pub fn centered(sum: u64, modulus: u128) -> i64 {
    let (sum, modulus) = (i128::from(sum), checked(modulus));
    assert!(sum < modulus, "a sum must be below the modulus");
    let number = if 2 * sum >= modulus { sum - modulus } else { sum };
    i64::try_from(number).expect("half of 2^64 has 63 bits")
}

fn checked(modulus: u128) -> i128 {
    assert!((1..=1 << 64).contains(&modulus), "a modulus must be from 1 to 2^64");
    i128::try_from(modulus).expect("2^64 is below 2^127")
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
