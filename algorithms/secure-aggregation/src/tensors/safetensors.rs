//! safetensors: a header of JSON, and the values' bytes (<https://huggingface.co/docs/safetensors>).

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, View};

use super::once::check_names;
use super::{Format, Layout, Precision, StateDictionary, StateError, Tensor};

pub(super) const FORMAT: &str = "safetensors";

/// The most bytes of a header: of as many tensors as there may be, with names as long as they may be.
const MAX_HEADER_BYTES: usize = 8 << 20;

/// What is in a header beside tensors.
const METADATA: &str = "__metadata__";

impl StateDictionary {
    /// Reads a file whose tensors are of the types `F32` and `F64`.
    ///
    /// # Errors
    /// [`StateError`], with the name of the tensor that is at fault.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, StateError> {
        let malformed = || StateError::Format {
            format: FORMAT,
            reason: "its header is malformed or does not describe what follows",
        };
        // What is made of a header takes many times its length.
        let (length, rest) = bytes.split_first_chunk().ok_or_else(malformed)?;
        let length = u64::from_le_bytes(*length);
        if length > MAX_HEADER_BYTES as u64 {
            return Err(StateError::TooLong {
                format: FORMAT,
                what: "header",
                found: length,
                most: MAX_HEADER_BYTES as u64,
            });
        }
        let header = usize::try_from(length).ok().and_then(|length| rest.get(..length));
        check_names(header.ok_or_else(malformed)?, METADATA)?;
        // The cause may quote the file, and is told to all: so it is not said.
        let file = SafeTensors::deserialize(bytes).map_err(|_| malformed())?;
        let shape =
            |tensor: &TensorView| tensor.shape().iter().map(|length| *length as u64).collect();
        let shapes = file.iter().map(|(name, tensor)| (name.to_owned(), shape(&tensor)));
        Layout(shapes.collect()).values()?;
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
    /// [`StateError`] if a name cannot be in a header, or all are too long for it.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, StateError> {
        self.layout().check_names(Format::Safetensors)?;
        safetensors::serialize(self.tensors(), None).map_err(|_| StateError::Format {
            format: FORMAT,
            reason: "its names are too long for a header",
        })
    }
}

/// Says whether a file has as many bytes as it says that its header has.
pub(super) fn has_header(bytes: &[u8]) -> bool {
    let header =
        bytes.split_first_chunk().map(|(length, rest)| (u64::from_le_bytes(*length), rest));
    header.is_some_and(|(length, rest)| length <= rest.len() as u64)
}

/// Says why a tensor cannot have this name.
pub(super) fn wrong_name(name: &str) -> Option<&'static str> {
    (name == METADATA).then_some("what else is in its header has that name")
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
