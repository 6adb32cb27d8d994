//! The same training in plain code, of all rows in one place; and how rows are split among organizations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A row: its columns as they are, and its class.
pub type Row = (Vec<f64>, usize);

/// Reads rows whose last column is the class.
pub fn read(csv: &str) -> Vec<Row> {
    let lines = csv.lines().skip(1);
    let rows = lines.map(|line| {
        let mut cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let class = cells.pop().unwrap() as usize;
        (cells, class)
    });
    rows.collect()
}

/// How rows are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Each organization has as many, of all classes.
    Even,
    /// Each has twice as many as the next one, but for the last ones.
    Uneven,
    /// Each has rows of few classes: all rows, sorted by their class, are cut into pieces.
    ByLabel,
}

/// Splits rows among so many organizations. No row is lost.
pub fn split(rows: &[Row], organizations: usize, how: Split) -> Vec<Vec<Row>> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    // In a fixed order that has nothing to do with the rows: that of a multiplicative generator.
    let mut state = 1_u64;
    let mut key = BTreeMap::new();
    for row in 0..rows.len() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        key.insert(row, state >> 33);
    }
    order.sort_by_key(|row| key[row]);
    if how == Split::ByLabel {
        order.sort_by_key(|row| rows[*row].1);
    }
    let part = |organization: usize| match how {
        Split::Uneven => 1.0 / f64::from(1 << organization.min(5)),
        _ => 1.0,
    };
    let total: f64 = (0..organizations).map(part).sum();
    let (mut begin, mut sum) = (0, 0.0);
    (0..organizations)
        .map(|organization| {
            sum += part(organization);
            let end = (rows.len() as f64 * sum / total).round() as usize;
            let own = order[begin..end].iter().map(|row| rows[*row].clone()).collect();
            begin = end;
            own
        })
        .collect()
}

/// A network in plain code: of each layer a row of weights for each output, and what is added. Without a
/// layer between it is a logistic regression.
#[derive(Debug, Clone)]
pub struct Network(pub Vec<(Vec<Vec<f64>>, Vec<f64>)>);

impl Network {
    /// Reads parameters in their order.
    pub fn new(layers: &[(usize, usize)], parameters: &[f64]) -> Self {
        let mut rest = parameters.iter().copied();
        let layer = |(inputs, outputs): &(usize, usize)| {
            let mut take = |count: usize| rest.by_ref().take(count).collect::<Vec<_>>();
            let weights = (0..*outputs).map(|_| take(*inputs)).collect();
            (weights, take(*outputs))
        };
        Self(layers.iter().map(layer).collect())
    }

    /// Reads a state dictionary.
    pub fn from_json(state: &Value) -> Self {
        let of = |name: String| serde_json::from_value(state[name].clone()).ok();
        let layers = (1..).map_while(|layer| {
            let weights = of_matrix(state, &format!("layer{layer}.weight"))?;
            Some((weights, of(format!("layer{layer}.bias"))?))
        });
        Self(layers.collect())
    }

    /// All numbers in their order.
    pub fn parameters(&self) -> Vec<f64> {
        let layers = self.0.iter();
        layers.flat_map(|(weights, added)| [weights.concat(), added.clone()].concat()).collect()
    }

    /// The probabilities of all classes, and the values between.
    fn apply(&self, x: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut values = vec![x.to_vec()];
        for (layer, (weights, added)) in self.0.iter().enumerate() {
            let inputs = values.last().unwrap();
            let outputs = weights.iter().zip(added).map(|(weights, added)| {
                let sum = weights.iter().zip(inputs).map(|(w, x)| w * x).sum::<f64>() + added;
                if layer + 1 < self.0.len() { sum.max(0.0) } else { sum }
            });
            values.push(outputs.collect());
        }
        let mut outputs = values.pop().unwrap();
        if outputs.len() == 1 {
            outputs.insert(0, 0.0);
        }
        let sum: f64 = outputs.iter().map(|output| output.exp()).sum();
        (values, outputs.iter().map(|output| output.exp() / sum).collect())
    }

    /// Takes a step along the average gradient of rows.
    pub fn step(&mut self, rows: &[&Row], learning_rate: f64) {
        let before = self.clone();
        for (x, class) in rows {
            let (values, mut errors) = before.apply(x);
            errors[*class] -= 1.0;
            if before.0.last().unwrap().1.len() == 1 {
                errors.remove(0);
            }
            for layer in (0..before.0.len()).rev() {
                let (weights, added) = &mut self.0[layer];
                for (output, error) in errors.iter().enumerate() {
                    let step = learning_rate * error / rows.len() as f64;
                    added[output] -= step;
                    for (weight, value) in weights[output].iter_mut().zip(&values[layer]) {
                        *weight -= step * value;
                    }
                }
                errors = (0..values[layer].len())
                    .map(|input| match values[layer][input] > 0.0 {
                        true => {
                            errors.iter().zip(&before.0[layer].0).map(|(e, w)| e * w[input]).sum()
                        }
                        false => 0.0,
                    })
                    .collect();
            }
        }
    }

    /// The average loss, and the part that is right.
    pub fn judge(&self, rows: &[Row]) -> (f64, f64) {
        let (mut loss, mut right) = (0.0, 0.0);
        for (x, class) in rows {
            let (_, probabilities) = self.apply(x);
            loss -= probabilities[*class].ln();
            let best = probabilities.iter().copied().fold(0.0, f64::max);
            right +=
                f64::from(u8::from(probabilities.iter().position(|p| *p == best) == Some(*class)));
        }
        (loss / rows.len() as f64, right / rows.len() as f64)
    }
}

fn of_matrix(state: &Value, name: &str) -> Option<Vec<Vec<f64>>> {
    serde_json::from_value(state.get(name)?.clone()).ok()
}

/// Brings a column with these bounds to -1 to 1.
pub fn scaled(rows: &[Row], bounds: &[(f64, f64)]) -> Vec<Row> {
    let scale = |(x, (low, high)): (&f64, &(f64, f64))| (2.0 * x - low - high) / (high - low);
    rows.iter().map(|(x, class)| (x.iter().zip(bounds).map(scale).collect(), *class)).collect()
}

/// Returns the smallest and the largest value of each column.
pub fn bounds_of(rows: &[Row]) -> Vec<(f64, f64)> {
    let columns = 0..rows[0].0.len();
    let of = |column: usize| {
        let values = rows.iter().map(|(x, _)| x[column]);
        let least = values.clone().fold(f64::INFINITY, f64::min);
        (least, values.fold(f64::NEG_INFINITY, f64::max))
    };
    columns.map(of).collect()
}

/// Returns the digits, and how many of them, the first, are trained with.
pub fn digits() -> (Vec<Row>, usize) {
    (read(include_str!("../../../../tests/data/digits.csv")), 1_297)
}

/// How many rows a step is computed from, and how far it goes, with the digits.
pub const DIGITS_BATCH: usize = 16;
pub const DIGITS_RATE: f64 = 0.1;
/// How often an organization goes through its rows in a round.
pub const DIGITS_EPOCHS: usize = 2;

/// Arguments that train a perceptron on the digits.
pub fn digits_arguments(rounds: usize) -> Value {
    json!({
        "model": "perceptron", "hidden": 32, "classes": 10, "label": "class",
        "features": [{ "name": "pixel_{0..7}_{0..7}", "minimum": 0, "maximum": 16 }],
        "rounds": rounds, "epochs": DIGITS_EPOCHS, "batch": DIGITS_BATCH, "learning_rate": DIGITS_RATE,
        "validation": 0,
    })
}
