//! `expand_message_xmd` of RFC 9380, section 5.3.1, with SHA-512: bytes that are uniform, of any message.

use sha2::{Digest as _, Sha512};

/// The bytes of a block of SHA-512.
const BLOCK: usize = 128;
/// The bytes of its output.
const OUTPUT: usize = 64;
/// The same, as a length is written.
const OUTPUT_LENGTH: u8 = 64;

/// Expands messages within one domain.
#[derive(Clone)]
pub struct Expander {
    /// SHA-512 of the block of zeros with which each message begins.
    start: Sha512,
    /// The tag, and its length.
    domain: Vec<u8>,
}

impl Expander {
    /// Takes a domain-separation tag; one of more than 255 bytes is hashed, as section 5.3.3 says.
    pub fn new(tag: &[u8]) -> Self {
        let start = Sha512::new().chain_update([0; BLOCK]);
        let domain = match u8::try_from(tag.len()) {
            Ok(length) => [tag, &[length]].concat(),
            Err(_) => {
                let hash = Sha512::new().chain_update(b"H2C-OVERSIZE-DST-").chain_update(tag);
                [&hash.finalize()[..], &[OUTPUT_LENGTH]].concat()
            }
        };
        Self { start, domain }
    }

    /// Expands the message that these parts make up to N bytes.
    ///
    /// # Panics
    /// If these are more than 255 outputs of the hash.
    pub fn expand<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        assert!(N <= 255 * OUTPUT, "at most 255 outputs of the hash");
        let length = u16::try_from(N).expect("it is at most 255 * 64");
        let mut hash = self.start.clone();
        parts.iter().for_each(|part| hash.update(part));
        hash.update(length.to_be_bytes());
        hash.update([0]);
        let first = hash.chain_update(&self.domain).finalize();
        let mut expanded = [0; N];
        let mut last = [0; OUTPUT];
        for (number, piece) in (1_u8..).zip(expanded.chunks_mut(OUTPUT)) {
            let mixed: [u8; OUTPUT] = std::array::from_fn(|at| first[at] ^ last[at]);
            let hash = Sha512::new().chain_update(mixed).chain_update([number]);
            last = hash.chain_update(&self.domain).finalize().into();
            piece.copy_from_slice(&last[..piece.len()]);
        }
        expanded
    }
}

#[cfg(test)]
mod tests;
