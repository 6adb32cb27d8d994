//! Differential privacy of sums that are added under a secure aggregation, by noise of which each giver
//! adds a share: no one party sees a sum without it, and none need be trusted with all of it.
//!
//! **Parties**: givers, each of whom has records, and who sees the sum, the adder. A record becomes a
//! vector of an L2 norm of at most C; a giver adds those of its records, rounds the sum to a [`Grid`],
//! and adds [`Noise`] before it gives the sum to the aggregation.
//!
//! **Messages**: none. Sums are modulo what the aggregation adds by ([`Noise::modulus_bits`],
//! [`Noise::add`], [`centered`]).
//!
//! **Promises**, to each record: what the adder and all givers but h honest ones learn from the sums is
//! (ε, δ)-differentially private for adding or taking away that one record, as if a trusted party had
//! added the noise of h givers to the true sum. It holds for all that is later computed from these
//! sums. To replace a record by another is to take one away and add one: the same noise has
//! [`Grid::sensitivity_to_replacing`] against that, about twice as much.
//!
//! **Assumes** that each sum that is opened has the shares of h givers who add their noise and keep it
//! to themselves: of a threshold of t givers, c of whom may collude with the adder, h = t - c. A giver
//! that is told the sum can take its own noise away, so then c is 1 at least. Noise of more givers
//! than h is extra, and makes the sum less exact. It assumes that the aggregation shows nothing but the
//! sum, once: a round that is repeated after something was opened is a round more. And that a record is
//! at one giver, once; of one that is at k places the sensitivity is k times as much.
//!
//! **Does not protect** against more than c givers who add no noise, or who tell theirs: that cannot be
//! seen in a sum. Nor what is not in the sums: how many records a giver has if it tells that, an error,
//! how long a computation takes (neither the sampler nor the clipping is constant time), nor what a
//! record says of others. It is a promise of an algorithm that uses it as described, for all sums that
//! this algorithm opens in one task; the node counts nothing. A second task spends a second time.
//!
//! **In floats** are a record's vector, up to where it is clipped, and the accounting. The clipped
//! vector is checked in whole numbers, and from there on all is exact, the sampler too. The accounting
//! raises its bounds for the rounding of floats.
//!
//! # Why the discrete Gaussian
//! Its sampler is exact in whole numbers and short; one of the Skellam distribution (Agarwal, Kairouz,
//! Liu, arXiv 2110.04995) needs exact Poisson numbers, which is longer. Skellam noise adds up to Skellam
//! noise, while discrete Gaussians add up nearly to a discrete Gaussian; from σ = 2 on the difference
//! (τ, see [`Noise::rho`]) is below 1e-15 for any number of givers. The sampler is written here: that of
//! the crate `prio` 0.18 reckons with numbers of any length, and as WebAssembly draws 17,000 numbers a
//! second of σ = 10⁶, where this one draws 1.9 million.
//!
//! # Sources
//! - Kairouz, Liu, Steinke, "The Distributed Discrete Gaussian Mechanism for Federated Learning with
//!   Secure Aggregation", ICML 2021 (arXiv 2102.06387), Proposition 14: the privacy of a sum of
//!   discrete Gaussians ([`Noise::rho`]).
//! - Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020 (arXiv
//!   2004.00010): the sampler (section 5), and (ε, δ) from ρ (Proposition 12, Corollary 13).
//! - Bun, Steinke, "Concentrated Differential Privacy", TCC 2016 (arXiv 1605.02065): ρ of several sums
//!   adds up, also where a later one is chosen by an earlier one.
//!
//! ```
//! use anchorhold_sdk::ChaCha20Rng;
//! use anchorhold_sdk::privacy::{Privacy, centered};
//! # use anchorhold_sdk::rand_core::SeedableRng;
//! # fn main() -> anchorhold_sdk::Result<()> {
//! # let mut rng = ChaCha20Rng::from_seed([1; 32]);
//!
//! // Five givers; three must stay, one may collude with the adder. Ten sums are opened.
//! let privacy = Privacy { epsilon: 1.0, delta: 1e-6, clip: 1.0 };
//! privacy.check()?;
//! let grid = privacy.grid(2)?;
//! let noise = privacy.noise(&grid, 10, 2)?;
//! let largest = 1 << 30;
//! let modulus = 1 << noise.modulus_bits(5 * largest, 5, 2)?;
//!
//! // A giver's part; in an algorithm `rng` is `task.rng()`.
//! let mut sum = grid.sum();
//! sum.add(&[0.5, -0.25])?;
//! let given = noise.add(&sum.rounded(largest), modulus, &mut rng);
//!
//! // The adder's, of the sum modulo the modulus.
//! let opened: Vec<f64> = given.iter().map(|sum| centered(*sum, modulus) as f64 * grid.step()).collect();
//! # assert_eq!(opened.len(), 2);
//! assert!(privacy.spent(&noise, &grid, 10) <= 1.0);
//! # Ok(())
//! # }
//! ```

mod accountant;
mod gaussian;
mod grid;
mod noise;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

pub use accountant::{zcdp_delta, zcdp_epsilon, zcdp_rho};
pub use gaussian::{DiscreteGaussian, MAX_VARIANCE};
pub use grid::{ClippedSum, Grid};
pub use noise::{Noise, centered};

/// The largest ε: above it nothing is promised that means something, as what is seen may be e^ε times
/// as probable with a record as without it.
pub const MAX_EPSILON: f64 = 32.0;

/// How much privacy each record has, as an argument of an algorithm: all sums of the task together are
/// (ε, δ)-differentially private.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// ε: by what factor, e^ε, a record changes how probable anything is that is seen. Above 0, and at
    /// most 32.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 32))]
    pub epsilon: f64,
    /// δ: with what probability that does not hold. Above 0 and below 1; much less than one divided by
    /// the number of records.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub delta: f64,
    /// C: the largest L2 norm of a record's vector. A longer one is scaled down to it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub clip: f64,
}

impl Privacy {
    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Said`] with the first that is not within its bounds.
    pub fn check(&self) -> Result<()> {
        let Self { epsilon, delta, clip } = self;
        if !(*epsilon > 0.0 && *epsilon <= MAX_EPSILON) {
            return Err(Error::new(format!(
                "\"epsilon\" must be above 0 and at most {MAX_EPSILON}, not {epsilon}"
            )));
        }
        if !(*delta > 0.0 && *delta < 1.0) {
            return Err(Error::new(format!("\"delta\" must be above 0 and below 1, not {delta}")));
        }
        if !(*clip > 0.0 && clip.is_normal()) {
            return Err(Error::new(format!(
                "\"clip\" must be positive and not too small, not {clip}"
            )));
        }
        Ok(())
    }

    /// Returns the ρ that all sums together may have.
    ///
    /// # Errors
    /// As [`Privacy::check`].
    pub fn rho(&self) -> Result<f64> {
        self.check()?;
        Ok(zcdp_rho(self.epsilon, self.delta))
    }

    /// Returns the grid for sums of so many numbers, with a step that fits ([`Grid::fitting`]).
    ///
    /// # Errors
    /// As [`Privacy::check`] and [`Grid::fitting`].
    pub fn grid(&self, dimension: usize) -> Result<Grid> {
        self.check()?;
        Grid::fitting(self.clip, dimension)
    }

    /// Returns the least noise for so many rounds, in each of which one sum is opened that has the
    /// noise of so many honest givers.
    ///
    /// # Errors
    /// As [`Privacy::check`], and [`Error::Said`] if there are no rounds, or no such noise.
    pub fn noise(&self, grid: &Grid, rounds: u32, honest: u32) -> Result<Noise> {
        if rounds == 0 {
            return Err(Error::new("there must be one round at least"));
        }
        let rho = (self.rho()? / f64::from(rounds)).next_down();
        Noise::for_rho(rho, grid.sensitivity(), grid.dimension(), honest)
    }

    /// Returns the ε that so many rounds with this noise have, with this δ.
    pub fn spent(&self, noise: &Noise, grid: &Grid, rounds: u32) -> f64 {
        let rho = f64::from(rounds) * noise.rho(grid.sensitivity(), grid.dimension());
        zcdp_epsilon(rho.next_up(), self.delta)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
