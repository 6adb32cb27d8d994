//! Files of any of the formats, told apart by how they begin.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StateDictionary, StateError, npz, safetensors};

/// The most bytes of a file: as many values as there may be, as text.
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// With what every ZIP archive begins that has a file in it.
const ZIP: &[u8] = b"PK\x03\x04";

/// A format of files of tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON: each tensor a list of lists of numbers, or a single number.
    #[default]
    Json,
    /// safetensors.
    Safetensors,
    /// NumPy's .npz.
    Npz,
}

impl Format {
    /// Returns the format that a file can be of. Whether it is one of that format is seen when it is read.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            _ if bytes.starts_with(ZIP) => Some(Self::Npz),
            // A header of safetensors is longer than a hundred bytes, or follows a number below that, and
            // seven zeros: text has no zeros.
            Some(b'{') if bytes.get(1..8).is_none_or(|bytes| !bytes.contains(&0)) => {
                Some(Self::Json)
            }
            _ => safetensors::has_header(bytes).then_some(Self::Safetensors),
        }
    }

    /// Checks that a tensor of this name can be in a file of this format.
    pub(super) fn check_name(self, name: &str) -> Result<(), StateError> {
        let (format, reason) = match self {
            Self::Json => return Ok(()),
            Self::Safetensors => (safetensors::FORMAT, safetensors::wrong_name(name)),
            Self::Npz => (npz::FORMAT, npz::wrong_name(name)),
        };
        let name = || name.to_owned();
        reason.map_or(Ok(()), |reason| Err(StateError::Name { name: name(), format, reason }))
    }
}

impl StateDictionary {
    /// Reads a file of any of the formats.
    ///
    /// # Errors
    /// [`StateError`], with the name of the tensor that is at fault.
    pub fn from_file(bytes: &[u8]) -> Result<Self, StateError> {
        match Format::of(bytes) {
            Some(Format::Json) => Self::from_json_text(bytes),
            Some(Format::Safetensors) => Self::from_safetensors(bytes),
            Some(Format::Npz) => Self::from_npz(bytes),
            None => Err(StateError::NoFormat),
        }
    }
}
