//! What a party tells the requester at its end, sealed.

use super::{ClosingEnding, Decoder, Encoder, Malformed};
use crate::limits;

/// How a party's execution ended, for the requester alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it finished.
    pub ending: ClosingEnding,
    /// The kind of ending or of refusal, for machines.
    pub kind: String,
    /// What a person is told, empty where it finished.
    pub text: String,
    /// The result, empty where there is none.
    pub result: Vec<u8>,
}

impl Outcome {
    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.u8(self.ending.byte()).text(&self.kind).text(&self.text).bytes(&self.result);
        encoder.finish()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    ///
    /// Where they are not what [`Outcome::encode`] returns.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new("outcome", bytes);
        let outcome = Self {
            ending: ClosingEnding::read(&mut decoder)?,
            kind: decoder.text(limits::NAME_BYTES)?,
            text: decoder.text(limits::SENTENCE_BYTES)?,
            result: decoder.bytes(bytes.len())?.to_vec(),
        };
        decoder.finish()?;
        Ok(outcome)
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ending, kind, text, result } = self;
        write!(f, "Outcome({ending:?}, {kind}, {text:?}, {} bytes)", result.len())
    }
}
