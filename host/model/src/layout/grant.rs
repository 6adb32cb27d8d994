//! What the sender of a grant signs.

use super::{Decoder, Encoder, Kind, Layout, Malformed};

/// Gives the receiver the key of the messages of one sender to one receiver in one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The hash of all that it is for: suite, task, seats and key statements.
    pub transcript: [u8; 32],
    /// The hash of the secret, encrypted to the receiver.
    pub wrapped: [u8; 32],
}

impl Layout for Grant {
    const KIND: Kind = Kind::Grant;

    fn write(&self, encoder: &mut Encoder) {
        encoder.raw(&self.transcript).raw(&self.wrapped);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self { transcript: decoder.raw()?, wrapped: decoder.raw()? })
    }
}
