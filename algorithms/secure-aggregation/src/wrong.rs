//! What can be wrong with a message.

use anchorhold_sdk::{Error, Seat};

/// Why a message is not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It has another length.
    #[error("it has {came} bytes instead of {expected}")]
    Length { expected: usize, came: usize },
    /// There are bits after what it holds.
    #[error("bits follow that belong to nothing")]
    Padding,
    /// It has bytes that are no element of the field.
    #[error("it has bytes that are no element")]
    Element,
    /// A public key is one with which nothing is secret.
    #[error("the public key is of low order")]
    LowOrder,
    /// The modeller names workers that cannot be there.
    #[error("it names a worker that did not come so far")]
    Stranger,
    /// Too few workers are named.
    #[error("it names {came} workers, and {needed} are needed")]
    TooFew { came: usize, needed: usize },
}

impl Wrong {
    /// Says whose message it is.
    pub fn of(self, sender: Seat, topic: &str) -> Error {
        Error::new(format!("the message {topic:?} of {sender}: {self}"))
    }
}
