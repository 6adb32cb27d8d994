//! How a node proves to a server whose it is.

use super::{Decoder, Encoder, Kind, Layout, Malformed};
use crate::limits;

/// What a node signs to sign in. Nothing in it is for the server alone to choose: its nonce is
/// signed beside the node's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The server's origin as the node's configuration says, such as `https://example.org`.
    pub origin: String,
    /// The server's nonce.
    pub server_nonce: [u8; 32],
    /// The node's nonce.
    pub node_nonce: [u8; 32],
    /// The fingerprint of the organization.
    pub organization: [u8; 32],
}

impl Layout for SignIn {
    const KIND: Kind = Kind::SignIn;

    fn write(&self, encoder: &mut Encoder) {
        encoder.text(&self.origin).raw(&self.server_nonce).raw(&self.node_nonce);
        encoder.raw(&self.organization);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            origin: decoder.text(limits::ORIGIN_BYTES)?,
            server_nonce: decoder.raw()?,
            node_nonce: decoder.raw()?,
            organization: decoder.raw()?,
        })
    }
}
