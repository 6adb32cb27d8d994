//! Keys: the host's storage key, the key of each run, and what is derived from them.
//!
//! All derivation is HMAC-SHA256 of a constant, one for each use; all sealing is
//! XChaCha20-Poly1305 under random nonces, which at 24 bytes never meet.

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const FOLDER: &[u8] = b"anchorhold/1 storage folder";
const WRAPPING: &[u8] = b"anchorhold/1 storage run key";
const NAMES: &[u8] = b"anchorhold/1 storage names";
const VALUES: &[u8] = b"anchorhold/1 storage values";
const COMMITS: &[u8] = b"anchorhold/1 storage commits";

/// How many bytes a nonce has.
pub(crate) const NONCE_BYTES: usize = 24;
/// How many bytes longer than the plaintext a sealed text is: nonce and tag.
pub(crate) const SEAL_BYTES: usize = NONCE_BYTES + 16;

/// A key of 32 bytes, zeroized when it is dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// The host's secret that wraps the key of each run. It is zeroized when it is dropped.
pub struct StorageKey(Key);

impl StorageKey {
    /// Takes 32 secret bytes; a copy that the caller keeps is the caller's to zeroize.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Computes what a folder keeps so that it is never opened under another key.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        *derive(&self.0, FOLDER)
    }

    /// Derives the key that run keys are sealed under.
    pub(crate) fn wrapping(&self) -> Key {
        derive(&self.0, WRAPPING)
    }
}

impl fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StorageKey(..)")
    }
}

/// What is derived from the key of one run.
pub(crate) struct RunKeys {
    names: Key,
    /// Seals the chunks of values.
    pub(crate) values: Key,
    /// Seals the commit record and authenticates the entries that it stands for.
    pub(crate) commits: Key,
}

impl RunKeys {
    pub(crate) fn derive(run_key: &Key) -> Self {
        Self {
            names: derive(run_key, NAMES),
            values: derive(run_key, VALUES),
            commits: derive(run_key, COMMITS),
        }
    }

    /// Hides a name: what sled sees of it.
    pub(crate) fn hide(&self, name: &str) -> [u8; 32] {
        authenticate(&self.names, &[name.as_bytes()])
    }
}

/// Draws a key.
pub(crate) fn draw() -> Result<Key, getrandom::Error> {
    let mut key = Key::default();
    getrandom::fill(key.as_mut_slice())?;
    Ok(key)
}

/// Computes HMAC-SHA256 over the parts, which must be of fixed lengths but for one.
pub(crate) fn authenticate(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_slice())
        .expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Seals `plain`, bound to `context`: nonce, ciphertext, tag.
pub(crate) fn seal(key: &Key, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, getrandom::Error> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    let payload = Payload { msg: plain, aad: context };
    let ciphertext = cipher(key)
        .encrypt(&XNonce::from(nonce), payload)
        .expect("texts are far below the cipher's 256 GiB");
    Ok([&nonce[..], &ciphertext].concat())
}

/// Opens what [`seal`] sealed in the same context, or returns none.
pub(crate) fn open(key: &Key, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: ciphertext, aad: context };
    cipher(key).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

fn derive(key: &Key, purpose: &[u8]) -> Key {
    Zeroizing::new(authenticate(key, &[purpose]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_in_its_context_only() {
        let (key, other) = (draw().unwrap(), draw().unwrap());
        let sealed = seal(&key, b"here", b"text").unwrap();
        assert_eq!(sealed.len(), 4 + SEAL_BYTES);
        assert_eq!(open(&key, b"here", &sealed).unwrap().as_slice(), b"text");
        assert!(open(&key, b"there", &sealed).is_none());
        assert!(open(&other, b"here", &sealed).is_none());
        assert!(open(&key, b"here", &sealed[..20]).is_none());
        for byte in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[byte] ^= 1;
            assert!(open(&key, b"here", &changed).is_none(), "byte {byte}");
        }
    }

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let key = StorageKey::from_bytes([7; 32]);
        let run = RunKeys::derive(&Zeroizing::new([7; 32]));
        let keys = [key.fingerprint(), *key.wrapping(), *run.names, *run.values, *run.commits];
        for (at, one) in keys.iter().enumerate() {
            assert!(keys[..at].iter().all(|other| other != one));
            assert_ne!(one, &[7; 32]);
        }
    }

    #[test]
    fn a_storage_key_is_not_shown() {
        assert_eq!(format!("{:?}", StorageKey::from_bytes([7; 32])), "StorageKey(..)");
    }
}
