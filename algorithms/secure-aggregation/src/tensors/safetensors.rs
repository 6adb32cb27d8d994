//! safetensors: a header of JSON, and the values' bytes (<https://huggingface.co/docs/safetensors>).

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors, View};

use super::{MAX_TENSORS, Precision, StateDictionary, StateError, Tensor};

const FORMAT: &str = "safetensors";

impl StateDictionary {
    /// Reads a file whose tensors are of the types `F32` and `F64`.
    ///
    /// # Errors
    /// [`StateError`], with the name of the tensor that is at fault.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, StateError> {
        // The cause may quote the file, and is told to all: so it is not said.
        let file = SafeTensors::deserialize(bytes).map_err(|_| StateError::Format {
            format: FORMAT,
            reason: "its header is malformed or does not describe what follows",
        })?;
        if file.len() > MAX_TENSORS {
            return Err(StateError::TooManyTensors(file.len()));
        }
        let mut tensors = BTreeMap::new();
        for (name, tensor) in file.iter() {
            let precision = match tensor.dtype() {
                Dtype::F32 => Precision::Single,
                Dtype::F64 => Precision::Double,
                _ => {
                    let reason = "its values are neither of the type F32 nor F64";
                    return Err(StateError::Unreadable { name: name.to_owned(), reason });
                }
            };
            let shape = tensor.shape().to_vec();
            let tensor = Tensor::from_bytes(name, shape, tensor.data(), precision)?;
            tensors.insert(name.to_owned(), tensor);
        }
        Self::new(tensors)
    }

    /// Writes a file, with each tensor in its precision.
    ///
    /// # Errors
    /// [`StateError`] if the names are too long for a header.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, StateError> {
        safetensors::serialize(self.tensors(), None).map_err(|_| StateError::Format {
            format: FORMAT,
            reason: "its names are too long for a header",
        })
    }
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        match self.precision {
            Precision::Single => Dtype::F32,
            Precision::Double => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.to_bytes().into()
    }

    fn data_len(&self) -> usize {
        self.values.len() * self.precision.bytes()
    }
}
