//! JSON: each tensor a list of lists of numbers, or a single number.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{MAX_DIMENSIONS, StateDictionary, StateError, Tensor};

impl StateDictionary {
    /// Reads tensors that are nested lists.
    ///
    /// # Errors
    /// [`StateError`], with the tensor's name and the place in it.
    pub fn from_json(json: &Map<String, Value>) -> Result<Self, StateError> {
        let mut tensors = BTreeMap::new();
        for (name, value) in json {
            let mut nested = Nested { name, shape: Vec::new(), values: Vec::new() };
            let mut first = value;
            while let Value::Array(list) = first {
                if nested.shape.len() == MAX_DIMENSIONS {
                    return Err(StateError::TooManyDimensions(name.clone()));
                }
                nested.shape.push(list.len());
                let Some(next) = list.first() else { break };
                first = next;
            }
            nested.read(value, &mut Vec::new())?;
            let Nested { shape, values, .. } = nested;
            tensors.insert(name.clone(), Tensor::new(name, shape, values)?);
        }
        Self::new(tensors)
    }

    /// Writes tensors as nested lists.
    pub fn to_json(&self) -> Map<String, Value> {
        let tensors = self.tensors();
        tensors
            .map(|(name, tensor)| (name.to_owned(), nest(&tensor.shape, &tensor.values)))
            .collect()
    }
}

/// A tensor that is read.
struct Nested<'a> {
    name: &'a str,
    shape: Vec<usize>,
    values: Vec<f64>,
}

impl Nested<'_> {
    fn read(&mut self, value: &Value, place: &mut Vec<usize>) -> Result<(), StateError> {
        let (name, depth) = (self.name.to_owned(), place.len());
        match (value, self.shape.get(depth)) {
            (Value::Array(list), Some(length)) if list.len() == *length => {
                for (index, value) in list.iter().enumerate() {
                    place.push(index);
                    self.read(value, place)?;
                    place.pop();
                }
                Ok(())
            }
            (Value::Array(_), _) | (Value::Number(_), Some(_)) => {
                Err(StateError::Ragged { name, place: place.clone() })
            }
            (Value::Number(number), None) => {
                // Such as an integer of too many digits.
                let number = number.as_f64();
                let place = place.clone();
                self.values.push(number.ok_or(StateError::NoNumber { name, place })?);
                Ok(())
            }
            _ => Err(StateError::NoNumber { name, place: place.clone() }),
        }
    }
}

fn nest(shape: &[usize], values: &[f64]) -> Value {
    match shape {
        [] => values[0].into(),
        [length, inner @ ..] => {
            let size = inner.iter().product();
            (0..*length).map(|index| nest(inner, &values[index * size..][..size])).collect()
        }
    }
}
