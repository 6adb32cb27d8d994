//! What an organization gives into a sum, as integers, and what a sum of these says.

use anchorhold_sdk::mpc::aggregation::Levels;

use crate::model::{Judged, LARGEST_LOSS};

/// Behind the update: its weight, and of the rows kept for validation their number, the loss and how many
/// are right.
const BEHIND: usize = 4;

/// Where what is in a vector, and how large it is.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    pub parameters: usize,
    pub levels: Levels,
    /// The most rows of an organization.
    pub max_rows: u64,
}

/// What an organization gives, or all together give.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// By how much parameters change; of several organizations, on the average of their rows.
    pub update: Vec<f64>,
    /// Of how many rows it is.
    pub weight: u64,
    /// What the model before it is found to be.
    pub judged: Judged,
}

impl Places {
    /// Returns how many elements a vector has.
    pub fn length(&self) -> usize {
        self.parameters + BEHIND
    }

    /// Writes what an organization gives; an update with an element that is too large is shortened.
    ///
    /// Noise would be added to what this returns: a row changes the update by no more than it may, and each
    /// element is a whole number.
    pub fn encode(&self, given: &Given) -> Vec<u64> {
        let Given { update, weight, judged } = given;
        let largest = update.iter().fold(0.0_f64, |largest, element| largest.max(element.abs()));
        let factor = if largest > self.levels.clip() { self.levels.clip() / largest } else { 1.0 };
        // None overflows: the sums over all organizations are below the modulus.
        let mut vector: Vec<u64> =
            update.iter().map(|element| self.levels.level(element * factor) * weight).collect();
        let most = judged.rows * self.levels.largest();
        // A loss is from 0 to the largest one: the cast loses nothing but what is below a level.
        let loss = judged.loss / LARGEST_LOSS * self.levels.largest() as f64;
        vector.extend([*weight, judged.rows, (loss.round() as u64).min(most), judged.right]);
        vector
    }

    /// Reads the sum of the vectors of so many organizations; none if it is the sum of none that could be.
    pub fn decode(&self, sum: &[u64], organizations: usize) -> Option<Given> {
        let (update, behind) = sum.split_at_checked(self.parameters)?;
        let [weight, rows, loss, right] = *behind else { return None };
        let organizations = organizations as u64;
        let most = organizations.checked_mul(self.max_rows)?;
        let largest = self.levels.largest();
        let is_possible = (organizations..=most).contains(&weight)
            && weight.checked_add(rows)? <= most
            && right <= rows
            && loss <= rows.checked_mul(largest)?;
        if !is_possible {
            return None;
        }
        let update = update.iter().map(|sum| self.levels.average(*sum, weight));
        let loss = loss as f64 / largest as f64 * LARGEST_LOSS;
        Some(Given {
            update: update.collect::<Option<_>>()?,
            weight,
            judged: Judged { rows, loss, right },
        })
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    fn places() -> Places {
        Places { parameters: 2, levels: Levels::new(2.0, 16).unwrap(), max_rows: 100 }
    }

    fn given(update: [f64; 2], weight: u64, judged: (u64, f64, u64)) -> Given {
        let (rows, loss, right) = judged;
        Given { update: update.to_vec(), weight, judged: Judged { rows, loss, right } }
    }

    fn sum(all: &[Given]) -> Vec<u64> {
        all.iter().map(|given| places().encode(given)).fold(vec![0; 6], |sum, vector| {
            sum.iter().zip(vector).map(|(sum, own)| sum + own).collect()
        })
    }

    #[test]
    fn a_sum_is_the_average_by_rows_within_the_error() {
        let all = [
            given([1.0, -2.0], 80, (20, 7.5, 3)),
            given([0.25, 2.0], 1, (0, 0.0, 0)),
            given([-1.0, 0.0], 3, (1, 32.0, 1)),
        ];
        let found = places().decode(&sum(&all), 3).unwrap();
        let average = |at: usize| {
            all.iter().map(|given| given.update[at] * given.weight as f64).sum::<f64>() / 84.0
        };
        for at in 0..2 {
            assert!((found.update[at] - average(at)).abs() <= places().levels.error() * 1.000_001);
        }
        assert_eq!((found.weight, found.judged.rows, found.judged.right), (84, 21, 4));
        assert!((found.judged.loss - 39.5).abs() < 2.0 * LARGEST_LOSS / 65_534.0);
    }

    #[test]
    fn a_loss_is_rounded_to_the_nearest_level() {
        let level = LARGEST_LOSS / places().levels.largest() as f64;
        for part in [0.0, 0.4, 0.6] {
            let sum = sum(&[given([0.0, 0.0], 1, (2, (1_000.0 + part) * level, 1))]);
            assert_eq!(sum[4], if part > 0.5 { 1_001 } else { 1_000 }, "{part}");
        }
        // No loss is above the largest one.
        assert_eq!(sum(&[given([0.0, 0.0], 1, (2, 99.0, 1))])[4], 2 * places().levels.largest());
    }

    #[test]
    fn a_longer_update_keeps_its_direction() {
        let found = places().decode(&sum(&vec![given([8.0, -4.0], 1, (0, 0.0, 0)); 3]), 3).unwrap();
        assert_eq!(found.update[0], 2.0);
        assert!((found.update[1] + 1.0).abs() < 1e-4);
    }

    #[test]
    fn a_sum_that_cannot_be_is_none() {
        let whole = sum(&vec![given([0.0, 0.0], 80, (20, 10.0, 20)); 3]);
        assert!(places().decode(&whole, 3).is_some());
        let largest = places().levels.largest();
        let changes: [(usize, u64); 6] =
            [(0, 240 * largest + 1), (2, 2), (2, 241), (3, 59), (4, 60 * largest + 1), (5, 61)];
        for (at, value) in changes {
            let mut changed = whole.clone();
            changed[at] = value;
            assert_eq!(places().decode(&changed, 3), None, "{at}");
        }
        assert_eq!(places().decode(&whole[1..], 3), None);
        assert_eq!(places().decode(&[u64::MAX; 6], 3), None);
    }
}
