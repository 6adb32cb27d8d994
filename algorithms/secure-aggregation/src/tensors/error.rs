//! Why there is no state dictionary.

use super::{MAX_DIMENSIONS, MAX_NAME_BYTES, MAX_TENSORS, MAX_VALUES};

/// How much of a name goes into an error.
const SHOWN_CHARS: usize = 100;

/// Why there is no state dictionary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// There are no values.
    #[error("the state dictionary has no values")]
    Empty,
    /// There are too many values.
    #[error("the state dictionary has {0} values or more, and at most {MAX_VALUES} are possible")]
    TooManyValues(usize),
    /// There are too many tensors.
    #[error("the state dictionary has {0} tensors or more, and at most {MAX_TENSORS} are possible")]
    TooManyTensors(usize),
    /// The names are too long.
    #[error("the names of the tensors have {0} bytes, and at most {MAX_NAME_BYTES} are possible")]
    TooLongNames(usize),
    /// What a file says of itself is too long.
    #[error("the {what} of the {format} file has {found} bytes, and at most {most} are possible")]
    TooLong {
        /// The format's name.
        format: &'static str,
        /// What is too long.
        what: &'static str,
        /// How long it is.
        found: u64,
        /// How long it may be.
        most: u64,
    },
    /// A name stands twice.
    #[error("the tensor {} stands twice in the state dictionary", shown(.0))]
    Twice(String),
    /// A name cannot be written in a format.
    #[error("the tensor {} cannot be in a {format} file: {reason}", shown(name))]
    Name {
        /// The tensor's name.
        name: String,
        /// The format's name.
        format: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// A file is of none of the formats.
    #[error("the state dictionary is neither safetensors, .npz nor JSON")]
    NoFormat,
    /// The bytes of a file are not what its format says.
    #[error("the state dictionary is no {format} file: {reason}")]
    Format {
        /// The format's name.
        format: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// A tensor's bytes are not what its format says.
    #[error("the tensor {}: {reason}", shown(name))]
    Unreadable {
        /// The tensor's name.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A tensor has too many dimensions.
    #[error("the tensor {} has more than {MAX_DIMENSIONS} dimensions", shown(.0))]
    TooManyDimensions(String),
    /// A tensor's values are not as many as its shape says.
    #[error("the tensor {} has {values} values, and its shape is of {of_shape}", shown(name))]
    Shape {
        /// The tensor's name.
        name: String,
        /// How many values it has.
        values: usize,
        /// How many its shape has.
        of_shape: usize,
    },
    /// A tensor's lists are not all of one length and depth.
    #[error(
        "the tensor {} at {place:?} is not of the shape that its first elements have",
        shown(name)
    )]
    Ragged {
        /// The tensor's name.
        name: String,
        /// The indices of where that is.
        place: Vec<usize>,
    },
    /// A value is neither a number nor a list.
    #[error("the tensor {} at {place:?} is no number", shown(name))]
    NoNumber {
        /// The tensor's name.
        name: String,
        /// The indices of where that is.
        place: Vec<usize>,
    },
    /// A value is no number, or infinite.
    #[error("the tensor {} at {place:?} is not finite", shown(name))]
    NotFinite {
        /// The tensor's name.
        name: String,
        /// The indices of where that is.
        place: Vec<usize>,
    },
}

/// Quotes a name, and no more of it than an error has room for.
pub(crate) fn shown(name: &str) -> String {
    match name.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}...", &name[..end]),
        None => format!("{name:?}"),
    }
}
