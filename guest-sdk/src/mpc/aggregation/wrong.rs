//! What can be wrong with a message.

use crate::{Error, Seat};

/// Why a message is not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It has another length.
    #[error("it has {came} bytes instead of {expected}")]
    Length {
        /// How many bytes it should have.
        expected: usize,
        /// How many it has.
        came: usize,
    },
    /// There are bits after what it holds.
    #[error("bits follow that belong to nothing")]
    Padding,
    /// It has bytes that are no element of the field.
    #[error("it has bytes that are no element")]
    Element,
    /// A public key is one with which nothing is secret.
    #[error("the public key is of low order")]
    LowOrder,
    /// The adder names givers that cannot be there.
    #[error("it names a {0} that did not come so far")]
    Stranger(String),
    /// Too few givers are named.
    #[error("it names {came} {called}s, and {needed} are needed")]
    TooFew {
        /// How many it names.
        came: usize,
        /// How many are needed.
        needed: usize,
        /// What givers are called.
        called: String,
    },
}

impl Wrong {
    /// Says whose message it is.
    pub fn of(self, sender: Seat, topic: &str) -> Error {
        Error::new(format!("the message {topic:?} of {sender}: {self}"))
    }
}
