//! Models in plain text, and how far from them shares may be.

use anchorhold_sdk::lab::Rows;

/// Half of the last of sixteen fractional bits.
const HALF: f64 = 0.5 / 65_536.0;

/// Weights layer by layer, of each input to each output; the last row is added.
#[derive(Clone)]
pub struct Model(pub Vec<Vec<Vec<f64>>>);

impl Model {
    /// Reads the trained perceptron.
    pub fn digits() -> Self {
        let text = include_str!("../../../../tests/data/digits-perceptron.csv");
        let mut layers = vec![vec![vec![0.0; 32]; 65], vec![vec![0.0; 10]; 33]];
        for line in text.lines().skip(1) {
            let cells: Vec<_> = line.split(',').collect();
            let layer = &mut layers[cells[0].parse::<usize>().unwrap() - 1];
            let input = cells[1].parse().unwrap_or(layer.len() - 1);
            layer[input][cells[2].parse::<usize>().unwrap()] = cells[3].parse().unwrap();
        }
        Self(layers)
    }

    /// As the model's owner has it.
    pub fn rows(&self) -> Rows {
        let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, layer) in (1_i64..).zip(&self.0) {
            for (place, row) in layer.iter().enumerate() {
                for (output, weight) in row.iter().enumerate() {
                    columns.0.push(number);
                    columns.1.push((place + 1 < layer.len()).then_some(place as i64));
                    columns.2.push(output as i64);
                    columns.3.push(*weight);
                }
            }
        }
        let rows = Rows::new().int64("layer", columns.0).int64("input", columns.1);
        rows.int64("output", columns.2).float64("weight", columns.3)
    }

    /// Returns the outputs for a record, and how far off they may be with sixteen fractional bits:
    /// inputs and weights by half of the last one, a quotient by less than one.
    pub fn apply(&self, record: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut values = (record.to_vec(), vec![HALF; record.len()]);
        for (index, layer) in self.0.iter().enumerate() {
            let (weights, added) = layer.split_at(layer.len() - 1);
            let outputs = added[0].iter().enumerate().map(|(output, added)| {
                let terms = values.0.iter().zip(&values.1).zip(weights);
                terms.fold((*added, 3.0 * HALF), |(sum, error), ((x, off), row)| {
                    let weight = row[output];
                    (sum + x * weight, error + x.abs() * HALF + (weight.abs() + HALF) * off)
                })
            });
            let relu = index + 1 < self.0.len();
            values = outputs.map(|(x, off)| (if relu { x.max(0.0) } else { x }, off)).unzip();
        }
        values
    }
}

/// Returns the first largest, and by how much it is larger than the next.
pub fn class(outputs: &[f64]) -> (usize, f64) {
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let class = outputs.iter().position(|output| *output == largest).unwrap();
    let others = outputs.iter().enumerate().filter(|(place, _)| *place != class);
    let next = others.map(|(_, output)| *output).fold(f64::NEG_INFINITY, f64::max);
    (class, largest - next)
}
