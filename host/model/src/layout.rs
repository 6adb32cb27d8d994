//! The byte layouts of what is signed or sealed: one length-prefixed encoding in a fixed order.
//!
//! Numbers are big-endian. Bytes and texts have their length before them as a `u32`, lists their
//! number of items as a `u32`. Nothing follows the last field, so that there is one encoding of
//! each value and a signature covers all of it.

mod decoder;
mod encoder;
mod end;
mod grant;
mod header;
mod manifest;
mod outcome;
mod sign_in;
mod statement;

pub use decoder::{Decoder, Malformed};
pub use encoder::Encoder;
pub use end::{Closing, ClosingEnding, Receipt, RunEnd, Tally};
pub use grant::Grant;
pub use header::{Content, HEADER_BYTES, Header, REQUESTER, padded};
pub use manifest::{RunManifest, TaskManifest, TaskParty};
pub use outcome::Outcome;
pub use sign_in::SignIn;
pub use statement::KeyStatement;

/// What a signature is over. Each kind is signed under a name of its own, so that a signature of
/// one never stands for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A [`KeyStatement`].
    Statement,
    /// A [`Grant`].
    Grant,
    /// A [`RunManifest`].
    RunManifest,
    /// A [`TaskManifest`].
    TaskManifest,
    /// A [`RunEnd`].
    RunEnd,
    /// A [`Closing`].
    Closing,
    /// A [`Receipt`].
    Receipt,
    /// A [`SignIn`].
    SignIn,
}

impl Kind {
    /// Returns the name under which it is signed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Grant => "grant",
            Self::RunManifest => "run-manifest",
            Self::TaskManifest => "task-manifest",
            Self::RunEnd => "run-end",
            Self::Closing => "closing",
            Self::Receipt => "receipt",
            Self::SignIn => "sign-in",
        }
    }
}

/// A value with a layout.
pub trait Layout: Sized {
    /// What a signature over it is of.
    const KIND: Kind;

    /// Appends its fields.
    fn write(&self, encoder: &mut Encoder);

    /// Reads its fields.
    ///
    /// # Errors
    ///
    /// Where the bytes are not what [`Layout::write`] writes.
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed>;

    /// Returns its bytes.
    fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        self.write(&mut encoder);
        encoder.finish()
    }

    /// Reads its bytes, which must be all of the given ones.
    ///
    /// # Errors
    ///
    /// Where the bytes are not what [`Layout::encode`] returns.
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new(Self::KIND.name(), bytes);
        let value = Self::read(&mut decoder)?;
        decoder.finish()?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests;
