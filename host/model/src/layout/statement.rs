//! What an organization says of its keys.

use super::{Decoder, Encoder, Kind, Layout, Malformed};
use crate::limits;

/// A statement of the keys of an organization. Its root key signs it, and so does its own signing
/// key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatement {
    /// What the organization calls itself; nothing is decided by it.
    pub name: String,
    /// The root public key, Ed25519, of which the organization's fingerprint is a hash.
    pub root: [u8; 32],
    /// The statement's number; of several the highest counts.
    pub number: u64,
    /// The RSA public key to which grants are encrypted, as SubjectPublicKeyInfo in DER.
    pub encryption: Vec<u8>,
    /// The public key of the organization's signatures, Ed25519.
    pub signing: [u8; 32],
    /// From when it is valid, in seconds after 1970.
    pub not_before: u64,
    /// Until when it is valid, in seconds after 1970.
    pub not_after: u64,
}

impl Layout for KeyStatement {
    const KIND: Kind = Kind::Statement;

    fn write(&self, encoder: &mut Encoder) {
        encoder.text(&self.name).raw(&self.root).u64(self.number).bytes(&self.encryption);
        encoder.raw(&self.signing).u64(self.not_before).u64(self.not_after);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            name: decoder.text(limits::NAME_BYTES)?,
            root: decoder.raw()?,
            number: decoder.u64()?,
            encryption: decoder.bytes(limits::PUBLIC_KEY_BYTES)?.to_vec(),
            signing: decoder.raw()?,
            not_before: decoder.u64()?,
            not_after: decoder.u64()?,
        })
    }
}
