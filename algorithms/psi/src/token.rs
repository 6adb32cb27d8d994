//! Tokens: what is sent of a set, and compared.

use sha2::{Digest as _, Sha256};

/// The bytes of a token: two different elements have the same one with a chance of 2^-128.
pub const TOKEN: usize = 16;

/// What stands for an element once the pod's key is applied to it.
pub type Token = [u8; TOKEN];

/// Derives the token of an element to which the pod's key was applied.
pub fn token(keyed: &[u8]) -> Token {
    let hash = Sha256::new().chain_update(b"anchorhold/1 psi-token\0").chain_update(keyed);
    truncated(&hash.finalize())
}

/// Takes the first bytes of a hash.
///
/// # Panics
/// If there are fewer than a token has.
pub fn truncated(hash: &[u8]) -> Token {
    *hash.first_chunk().expect("a hash is longer than a token")
}
