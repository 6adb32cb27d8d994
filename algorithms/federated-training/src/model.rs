//! The models: how probable they find a class, and how that changes with their parameters.
//!
//! Parameters are one vector: layer by layer, the weights of each output in turn and then what is added to
//! each. Inputs are columns from -1 to 1.

mod state;

use anchorhold_sdk::ChaCha20Rng;
use anchorhold_sdk::rand_core::Rng as _;

/// What a row's loss is counted as at the most: that of a class of a probability of e to the power of -32.
pub const LARGEST_LOSS: f64 = 32.0;

/// A model's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Logistic regression of the class 1.
    Logistic {
        /// How many inputs it has.
        features: usize,
    },
    /// A perceptron with a layer of units between, which are zero where they would be negative.
    Perceptron {
        /// How many inputs it has.
        features: usize,
        /// How many units are between.
        hidden: usize,
        /// How many classes there are.
        classes: usize,
    },
}

/// A row: its columns from -1 to 1, and its class.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub features: Vec<f64>,
    pub class: usize,
}

/// What a model says of rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Judged {
    pub rows: u64,
    /// The sum of their losses.
    pub loss: f64,
    /// How many have the class that is the most probable one, the first of equal ones.
    pub right: u64,
}

/// What a model finds of a row: of what it computes from its features what a gradient needs.
struct Found {
    hidden: Vec<f64>,
    /// The derivatives of the loss by the outputs.
    errors: Vec<f64>,
    loss: f64,
    is_right: bool,
}

impl Model {
    /// Returns of each layer how many inputs and outputs it has.
    pub fn layers(self) -> Vec<(usize, usize)> {
        match self {
            Self::Logistic { features } => vec![(features, 1)],
            Self::Perceptron { features, hidden, classes } => {
                vec![(features, hidden), (hidden, classes)]
            }
        }
    }

    /// Counts the parameters; none if they are too many to count.
    pub fn parameters(self) -> Option<usize> {
        self.layers().iter().try_fold(0_usize, |sum, (inputs, outputs)| {
            inputs.checked_add(1)?.checked_mul(*outputs)?.checked_add(sum)
        })
    }

    /// Returns how many classes there are.
    pub fn classes(self) -> usize {
        match self {
            Self::Logistic { .. } => 2,
            Self::Perceptron { classes, .. } => classes,
        }
    }

    /// Draws what training begins with: of a perceptron normal weights of the variance 2 by the number of
    /// inputs (He et al., "Delving Deep into Rectifiers", ICCV 2015); all else is zero.
    pub fn initial(self, rng: &mut ChaCha20Rng) -> Vec<f64> {
        let mut parameters = Vec::new();
        for (inputs, outputs) in self.layers() {
            let deviation = match self {
                Self::Logistic { .. } => 0.0,
                Self::Perceptron { .. } => (2.0 / inputs as f64).sqrt(),
            };
            parameters.extend((0..inputs * outputs).map(|_| deviation * normal(rng)));
            parameters.extend(vec![0.0; outputs]);
        }
        parameters
    }

    /// Judges rows.
    pub fn judge(self, parameters: &[f64], rows: &[Row]) -> Judged {
        rows.iter().fold(Judged::default(), |judged, row| {
            let found = self.find(parameters, row);
            Judged {
                rows: judged.rows + 1,
                // Also where parameters are so large that the loss is no number.
                loss: judged.loss
                    + if found.loss < LARGEST_LOSS { found.loss.max(0.0) } else { LARGEST_LOSS },
                right: judged.right + u64::from(found.is_right),
            }
        })
    }

    /// Writes the gradient of a row's loss by the parameters.
    pub fn gradient(self, parameters: &[f64], row: &Row, gradient: &mut [f64]) {
        let found = self.find(parameters, row);
        let (first, second) = match self {
            Self::Logistic { .. } => (gradient, None),
            Self::Perceptron { features, hidden, .. } => {
                let (first, second) = gradient.split_at_mut((features + 1) * hidden);
                (first, Some(second))
            }
        };
        let Some(second) = second else {
            return outer(&found.errors, &row.features, first);
        };
        outer(&found.errors, &found.hidden, second);
        let weights = &parameters[first.len()..];
        let units = found.hidden.len();
        // Of units that are zero nothing changes.
        let of_unit = |unit: usize| match found.hidden[unit] > 0.0 {
            true => {
                let errors = found.errors.iter().enumerate();
                errors.map(|(class, error)| error * weights[class * units + unit]).sum()
            }
            false => 0.0,
        };
        outer(&(0..units).map(of_unit).collect::<Vec<f64>>(), &row.features, first);
    }

    fn find(self, parameters: &[f64], row: &Row) -> Found {
        match self {
            Self::Logistic { features } => {
                let predictor = apply(parameters, &row.features, features, 1)[0];
                // Of the class that the row has, against the other one.
                let is_one = row.class == 1;
                let towards = if is_one { predictor } else { -predictor };
                let small = libm::exp(-towards.abs());
                let wrong = if towards > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
                Found {
                    hidden: Vec::new(),
                    errors: vec![if is_one { -wrong } else { wrong }],
                    loss: (-towards).max(0.0) + libm::log1p(small),
                    // A predictor of zero is of the first of two equal classes.
                    is_right: is_one == (predictor > 0.0),
                }
            }
            Self::Perceptron { features, hidden, classes } => {
                let (first, second) = parameters.split_at((features + 1) * hidden);
                let mut units = apply(first, &row.features, features, hidden);
                units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
                let outputs = apply(second, &units, hidden, classes);
                let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> =
                    outputs.iter().map(|output| libm::exp(output - largest)).collect();
                let sum: f64 = powers.iter().sum();
                let loss = libm::log(sum) - (outputs[row.class] - largest);
                let is_right = outputs.iter().position(|output| *output == largest);
                let mut errors: Vec<f64> = powers.iter().map(|power| power / sum).collect();
                errors[row.class] -= 1.0;
                Found { hidden: units, errors, loss, is_right: is_right == Some(row.class) }
            }
        }
    }
}

/// Applies a layer.
fn apply(layer: &[f64], inputs: &[f64], width: usize, outputs: usize) -> Vec<f64> {
    let (weights, added) = layer.split_at(width * outputs);
    let rows = weights.chunks_exact(width).zip(added);
    rows.map(|(weights, added)| {
        weights.iter().zip(inputs).map(|(weight, input)| weight * input).sum::<f64>() + added
    })
    .collect()
}

/// Writes the derivatives by a layer's parameters, of those by its outputs.
fn outer(errors: &[f64], inputs: &[f64], layer: &mut [f64]) {
    let (weights, added) = layer.split_at_mut(errors.len() * inputs.len());
    for (weights, error) in weights.chunks_exact_mut(inputs.len()).zip(errors) {
        for (weight, input) in weights.iter_mut().zip(inputs) {
            *weight = error * input;
        }
    }
    added.copy_from_slice(errors);
}

/// Draws from the normal distribution of variance 1 (Box and Muller, 1958).
fn normal(rng: &mut ChaCha20Rng) -> f64 {
    // From 2^-53 to 1, of which there is a logarithm; and from 0 to below 1.
    let uniform = |word: u64| (word >> 11) as f64 / 2_f64.powi(53);
    let radius = (-2.0 * libm::log(1.0 - uniform(rng.next_u64()))).sqrt();
    radius * libm::cos(std::f64::consts::TAU * uniform(rng.next_u64()))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
