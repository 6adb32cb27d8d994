//! Training with differential privacy of each row ([`anchorhold_sdk::privacy`]): in a round each organization
//! gives the sum of its rows' gradients, each no longer than declared, with its share of the noise. So a round
//! is one step along the gradient of all rows, and neither their number nor a loss is told.

use anchorhold_sdk::mpc::aggregation::Modulus;
use anchorhold_sdk::privacy::{Grid, Noise, Privacy, centered};
use anchorhold_sdk::{ChaCha20Rng, Error, Result};

use crate::arguments::{Arguments, Spent};
use crate::model::{Model, Row};

/// What the arguments come to, where they ask for privacy.
#[derive(Debug, Clone, Copy)]
pub struct Private {
    privacy: Privacy,
    grid: Grid,
    noise: Noise,
    bits: u32,
    /// The largest element of an organization's sum, in steps of the grid.
    largest: u64,
    /// By what an element of a sum, in steps, moves a parameter.
    factor: f64,
    /// How many sums an organization gives at the most.
    sums: u32,
    organizations: u32,
}

impl Private {
    /// Finds the noise for all sums that an organization may give: those of all rounds, and of as many that
    /// are tried again as `retries` says.
    ///
    /// # Errors
    /// [`Error::Said`] with the argument that does not go with privacy.
    pub fn new(
        privacy: &Privacy,
        arguments: &Arguments,
        parameters: usize,
        (organizations, honest): (usize, usize),
    ) -> Result<Self> {
        let Arguments { epochs, batch, row_clip, validation, rounds, retries, .. } = arguments;
        if *epochs != 1 || batch.is_some() || row_clip.is_some() || *validation != 0.0 {
            return Err(Error::new(
                "with \"privacy\", a round is one step of all rows: \"epochs\" must be 1, \"validation\" 0, and \
                 there must be neither \"batch\" nor \"row_clip\"",
            ));
        }
        let rows = arguments.expected_rows.filter(|rows| *rows > 0).ok_or_else(|| {
            Error::new(
                "\"privacy\" needs \"expected_rows\", which must be positive: rows are not counted",
            )
        })?;
        let sums = rounds + retries;
        let few = |number: usize| u32::try_from(number).map_err(Error::new);
        let (organizations, honest) = (few(organizations)?, few(honest)?);
        let grid = privacy.grid(parameters)?;
        let noise = privacy.noise(&grid, sums, honest)?;
        // Both are far below 2^53: the casts lose nothing.
        let largest = (privacy.clip / grid.step()).ceil() as u64 * arguments.max_rows + 1;
        let all = largest.saturating_mul(organizations.into());
        let bits = noise.modulus_bits(all, organizations, parameters)?;
        let factor = -arguments.learning_rate * grid.step() / rows as f64;
        Ok(Self { privacy: *privacy, grid, noise, bits, largest, factor, sums, organizations })
    }

    /// Returns what sums are modulo of.
    pub fn modulus(&self) -> Modulus {
        Modulus::above(self.whole() - 1).expect("it has 64 bits at the most")
    }

    /// Returns what an organization gives into its `given`-th sum, from 1.
    ///
    /// # Errors
    /// [`Error::Said`] if it has given as many as the noise is for.
    pub fn vector(
        &self,
        given: u32,
        (model, at): (Model, &[f64]),
        rows: &[Row],
        rng: &mut ChaCha20Rng,
    ) -> Result<Vec<u64>> {
        if given > self.sums {
            return Err(Error::new(format!(
                "the privacy is spent: it is for {} sums, those that were tried again among them",
                self.sums
            )));
        }
        let mut sum = self.grid.sum();
        let mut own = vec![0.0; at.len()];
        for row in rows {
            model.gradient(at, row, &mut own);
            sum.add(&own)?;
        }
        Ok(self.noise.add(&sum.rounded(self.largest), self.whole(), rng))
    }

    /// Returns by how much the parameters change.
    pub fn update(&self, sum: &[u64]) -> Vec<f64> {
        sum.iter().map(|sum| centered(*sum, self.whole()) as f64 * self.factor).collect()
    }

    /// Returns how many sums the noise is for.
    pub fn sums(&self) -> u32 {
        self.sums
    }

    /// Says what is spent.
    pub fn spent(&self) -> Spent {
        Spent {
            epsilon: self.privacy.spent(&self.noise, &self.grid, self.sums),
            delta: self.privacy.delta,
            sums: self.sums,
            deviation: self.noise.deviation(self.organizations) * self.factor.abs(),
        }
    }

    /// Returns by how much a parameter's change is wrong at the most for rounding alone.
    pub fn error(&self) -> f64 {
        f64::from(self.organizations) / 2.0 * self.factor.abs()
    }

    fn whole(&self) -> u128 {
        1 << self.bits
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
