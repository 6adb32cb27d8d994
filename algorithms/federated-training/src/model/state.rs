//! A model as a state dictionary: its tensors by name, for columns as they are.

use anchorhold_sdk::newton::Column;
use serde_json::{Map, Value};

use super::Model;

impl Model {
    /// Writes `layer1.weight`, a row for each output, `layer1.bias`, and so on. What brings columns to -1 to 1
    /// goes into the first layer.
    pub fn to_json(self, parameters: &[f64], features: &[Column]) -> Map<String, Value> {
        let mut tensors = Map::new();
        let mut rest = parameters;
        for (place, (inputs, outputs)) in self.layers().into_iter().enumerate() {
            let (layer, others) = rest.split_at((inputs + 1) * outputs);
            rest = others;
            let (weights, added) = layer.split_at(inputs * outputs);
            let mut added = added.to_vec();
            let mut rows: Vec<Vec<f64>> =
                weights.chunks_exact(inputs).map(<[f64]>::to_vec).collect();
            if place == 0 {
                for (row, added) in rows.iter_mut().zip(&mut added) {
                    for (weight, column) in row.iter_mut().zip(features) {
                        *weight /= column.half_width();
                        *added -= *weight * column.middle();
                    }
                }
            }
            tensors.insert(format!("layer{}.weight", place + 1), rows.into());
            tensors.insert(format!("layer{}.bias", place + 1), added.into());
        }
        tensors
    }
}
