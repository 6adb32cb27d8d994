//! The rolling hash over the envelopes of one sender to one receiver: what closing statements and
//! receipts are about.

use sha2::{Digest as _, Sha256};

const DOMAIN: &[u8] = b"anchorhold/1 rolling\0";

/// The number of envelopes and a hash over all of them in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rolling {
    /// How many there were.
    pub count: u64,
    /// The hash; zeros where there was none.
    pub hash: [u8; 32],
}

impl Rolling {
    /// Counts one more envelope, given by its hash: SHA-256 over header, salt, commitment and body.
    ///
    /// # Panics
    ///
    /// After 2^64 envelopes.
    pub fn add(&mut self, envelope: &[u8; 32]) {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(self.hash);
        self.hash = hash.chain_update(envelope).finalize().into();
        self.count = self.count.checked_add(1).expect("nobody sends that many");
    }
}
