//! State dictionaries: named tensors of floating-point numbers, and the formats that they come in.

mod error;
mod format;
mod json;
mod npy;
mod npz;
mod once;
mod safetensors;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use error::StateError;
pub(crate) use error::shown;
pub use format::{Format, MAX_FILE_BYTES};
pub use once::read_argument;

/// The most values of a state dictionary: of so many the average fits into a result, as text.
pub const MAX_VALUES: usize = 2_500_000;

/// The most tensors of a state dictionary.
pub const MAX_TENSORS: usize = 10_000;

/// The most bytes of the names of all tensors of a state dictionary: each party is told those of each.
pub const MAX_NAME_BYTES: usize = 1 << 20;

/// The most dimensions of a tensor.
pub const MAX_DIMENSIONS: usize = 8;

/// Named tensors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StateDictionary {
    tensors: BTreeMap<String, Tensor>,
}

/// A tensor: its values in row-major order, the last dimension running fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    values: Vec<f64>,
    precision: Precision,
}

/// How precise a tensor's values are in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// IEEE 754 single precision.
    Single,
    /// IEEE 754 double precision.
    Double,
}

/// The names and shapes of a state dictionary, which all parties know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout(BTreeMap<String, Vec<u64>>);

impl Tensor {
    /// Makes a tensor of finite values in double precision.
    ///
    /// # Errors
    /// [`StateError`], with this name and the place of a value.
    pub fn new(name: &str, shape: Vec<usize>, values: Vec<f64>) -> Result<Self, StateError> {
        Self::of_precision(name, shape, values, Precision::Double)
    }

    /// Makes a tensor of finite values, which have this precision.
    ///
    /// # Errors
    /// As [`Tensor::new`].
    pub fn of_precision(
        name: &str,
        shape: Vec<usize>,
        values: Vec<f64>,
        precision: Precision,
    ) -> Result<Self, StateError> {
        let of_shape = size(name, shape.iter().copied())?;
        if values.len() != of_shape {
            let name = name.to_owned();
            return Err(StateError::Shape { name, values: values.len(), of_shape });
        }
        let tensor = Self { shape, values, precision };
        match tensor.values.iter().position(|value| !value.is_finite()) {
            Some(at) => {
                Err(StateError::NotFinite { name: name.to_owned(), place: tensor.place(at) })
            }
            None => Ok(tensor),
        }
    }

    /// Returns its dimensions, the slowest first; none for a single number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Returns its values in row-major order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Reads a tensor from its values' bytes, the lowest of each first.
    fn from_bytes(
        name: &str,
        shape: Vec<usize>,
        bytes: &[u8],
        precision: Precision,
    ) -> Result<Self, StateError> {
        let of_shape = size(name, shape.iter().copied())?;
        let most = of_shape * precision.bytes();
        if bytes.len() > most {
            let values = bytes.len() / precision.bytes();
            return Err(StateError::Shape { name: name.to_owned(), values, of_shape });
        }
        let single = |bytes: &[u8]| bytes.try_into().map(f32::from_le_bytes).map(f64::from);
        let double = |bytes: &[u8]| bytes.try_into().map(f64::from_le_bytes);
        let values = bytes.chunks(precision.bytes()).map(|bytes| match precision {
            Precision::Single => single(bytes),
            Precision::Double => double(bytes),
        });
        let values = values.collect::<Result<_, _>>();
        let unreadable = |_| StateError::Unreadable {
            name: name.to_owned(),
            reason: "its last value is not whole",
        };
        Self::of_precision(name, shape, values.map_err(unreadable)?, precision)
    }

    /// Writes its values' bytes in its precision.
    fn to_bytes(&self) -> Vec<u8> {
        let values = self.values.iter();
        match self.precision {
            // To the nearest: those that were read are exact.
            Precision::Single => values.flat_map(|value| (*value as f32).to_le_bytes()).collect(),
            Precision::Double => values.flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    /// Returns the indices of a value.
    pub fn place(&self, mut at: usize) -> Vec<usize> {
        let mut place = vec![0; self.shape.len()];
        for (index, length) in place.iter_mut().zip(&self.shape).rev() {
            (*index, at) = (at % length, at / length);
        }
        place
    }
}

impl Precision {
    fn bytes(self) -> usize {
        match self {
            Self::Single => size_of::<f32>(),
            Self::Double => size_of::<f64>(),
        }
    }
}

impl StateDictionary {
    /// Puts tensors together.
    ///
    /// # Errors
    /// [`StateError`] if there are no values, or too many.
    pub fn new(tensors: BTreeMap<String, Tensor>) -> Result<Self, StateError> {
        let state = Self { tensors };
        match state.layout().values()? {
            0 => Err(StateError::Empty),
            _ => Ok(state),
        }
    }

    /// Puts values in the places that a layout has, in this precision.
    ///
    /// # Errors
    /// [`StateError`] if they are not as many, or not finite.
    pub fn from_values(
        layout: &Layout,
        values: &[f64],
        precision: Precision,
    ) -> Result<Self, StateError> {
        layout.values()?;
        let (mut rest, mut tensors) = (values, BTreeMap::new());
        for (name, shape) in &layout.0 {
            let shape: Vec<usize> =
                shape.iter().map(|length| usize::try_from(*length).unwrap_or(usize::MAX)).collect();
            let length = size(name, shape.iter().copied())?;
            let (own, others) = rest.split_at(length.min(rest.len()));
            tensors
                .insert(name.clone(), Tensor::of_precision(name, shape, own.to_vec(), precision)?);
            rest = others;
        }
        Self::new(tensors)
    }

    /// Returns the tensors in the order of their names.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Returns the precision of all of its tensors, or the higher one where they differ.
    pub fn precision(&self) -> Precision {
        let is_single = |tensor: &Tensor| tensor.precision == Precision::Single;
        match self.tensors.values().all(is_single) {
            true => Precision::Single,
            false => Precision::Double,
        }
    }

    /// Returns the names and shapes.
    pub fn layout(&self) -> Layout {
        let shape = |tensor: &Tensor| tensor.shape.iter().map(|length| *length as u64).collect();
        Layout(self.tensors.iter().map(|(name, tensor)| (name.clone(), shape(tensor))).collect())
    }
}

impl Layout {
    /// Counts the values of all tensors.
    ///
    /// # Errors
    /// [`StateError`] if it is one that no state dictionary has.
    pub fn values(&self) -> Result<usize, StateError> {
        if self.0.len() > MAX_TENSORS {
            return Err(StateError::TooManyTensors(self.0.len()));
        }
        let bytes: usize = self.0.keys().map(String::len).sum();
        if bytes > MAX_NAME_BYTES {
            return Err(StateError::TooLongNames(bytes));
        }
        let mut values = 0;
        for (name, shape) in &self.0 {
            let lengths = shape.iter().map(|length| usize::try_from(*length).unwrap_or(usize::MAX));
            values += size(name, lengths)?;
            if values > MAX_VALUES {
                return Err(StateError::TooManyValues(values));
            }
        }
        Ok(values)
    }

    /// Checks that all names can be in a file of a format.
    ///
    /// # Errors
    /// [`StateError`] with the first that cannot.
    pub fn check_names(&self, format: Format) -> Result<(), StateError> {
        self.0.keys().try_for_each(|name| format.check_name(name))
    }

    /// Returns the name of the first tensor that is not in both, or has another shape.
    pub fn difference<'a>(&'a self, other: &'a Self) -> Option<&'a str> {
        let of_either = self.0.keys().chain(other.0.keys());
        let differs = of_either.filter(|name| self.0.get(*name) != other.0.get(*name));
        differs.min().map(String::as_str)
    }
}

/// Returns how many values the shape of a tensor has.
fn size(name: &str, shape: impl ExactSizeIterator<Item = usize>) -> Result<usize, StateError> {
    if shape.len() > MAX_DIMENSIONS {
        return Err(StateError::TooManyDimensions(name.to_owned()));
    }
    let mut size = 1_usize;
    for length in shape {
        size = size.saturating_mul(length);
        // An empty dimension makes it empty however long others are, but then they are not believed either.
        let most = size.max(length);
        if most > MAX_VALUES {
            return Err(StateError::TooManyValues(most));
        }
    }
    Ok(size)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
