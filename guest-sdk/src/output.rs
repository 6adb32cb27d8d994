//! What an algorithm returns: a value as JSON text, or bytes as they are.

use serde::Serialize;

use crate::{Error, Result};

/// A result that is not always JSON, such as a file in a format of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<T> {
    /// A value, as JSON text.
    Json(T),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// What `run` may return: what can be serialized, or an [`Output`].
pub trait Returned {
    /// Returns the bytes that the requester gets.
    ///
    /// # Errors
    /// [`Error::Result`] if a value has no JSON text.
    fn into_bytes(self) -> Result<Vec<u8>>;
}

impl<T: Serialize> Returned for T {
    fn into_bytes(self) -> Result<Vec<u8>> {
        serde_json::to_vec(&self).map_err(Error::Result)
    }
}

impl<T: Serialize> Returned for Output<T> {
    fn into_bytes(self) -> Result<Vec<u8>> {
        match self {
            Self::Json(value) => value.into_bytes(),
            Self::Bytes(bytes) => Ok(bytes),
        }
    }
}
