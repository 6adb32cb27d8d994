//! Training on the rows of one organization: stochastic gradient descent from the model of a round.

use anchorhold_sdk::{ChaCha20Rng, shuffle};

use crate::model::{Model, Row};

/// How an organization trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    pub model: Model,
    /// How often it goes through its rows.
    pub epochs: u32,
    /// How many rows a step is computed from; all if there is none.
    pub batch: Option<usize>,
    pub learning_rate: f64,
    /// The largest length of a row's gradient.
    pub row_clip: Option<f64>,
}

impl Training {
    /// Returns by how much the parameters change, through rows that come in a random order in each epoch.
    pub fn update(&self, start: &[f64], rows: &[Row], rng: &mut ChaCha20Rng) -> Vec<f64> {
        let mut at = start.to_vec();
        let mut order: Vec<&Row> = rows.iter().collect();
        let batch = self.batch.unwrap_or(rows.len()).clamp(1, rows.len().max(1));
        for _ in 0..self.epochs {
            if batch < rows.len() {
                shuffle(&mut order, rng);
            }
            for batch in order.chunks(batch) {
                let sum = self.gradient_sum(&at, batch);
                let step = self.learning_rate / batch.len() as f64;
                at.iter_mut().zip(sum).for_each(|(at, sum)| *at -= step * sum);
            }
        }
        at.iter().zip(start).map(|(at, start)| at - start).collect()
    }

    /// Adds the gradients of rows, each no longer than it may be: one row changes the sum by no more.
    pub fn gradient_sum(&self, at: &[f64], rows: &[&Row]) -> Vec<f64> {
        let mut sum = vec![0.0; at.len()];
        let mut own = vec![0.0; at.len()];
        for row in rows {
            self.model.gradient(at, row, &mut own);
            let factor = self.row_clip.map_or(1.0, |most| shortening(&own, most));
            sum.iter_mut().zip(&own).for_each(|(sum, own)| *sum += factor * own);
        }
        sum
    }
}

/// Returns what a vector is multiplied by, so that it is no longer than this.
fn shortening(vector: &[f64], most: f64) -> f64 {
    let length = vector.iter().map(|element| element * element).sum::<f64>().sqrt();
    // Not so for what is no number.
    if length <= most { 1.0 } else { most / length }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
