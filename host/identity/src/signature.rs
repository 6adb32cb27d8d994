//! Signatures: Ed25519 over `"anchorhold/1 <kind>" || 0x00 || body`, where the body is bytes as
//! they were sent, never encoded again.

use std::fmt;

use anchorhold_model::layout::{Decoder, Encoder, Kind, Layout, Malformed};
use anchorhold_model::limits;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

const DOMAIN: &str = "anchorhold/1 ";

/// A public key of signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why something signed is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The bytes are not of their layout.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The key is none.
    #[error("the public key is not one of Ed25519")]
    Key,
    /// Somebody else signed, or something else.
    #[error("the signature of the {0} is not valid")]
    Invalid(&'static str),
}

impl PublicKey {
    /// Reads the 32 bytes of a key.
    ///
    /// # Errors
    ///
    /// Where they are no point of the curve, or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignatureError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| SignatureError::Key)?;
        if key.is_weak() { Err(SignatureError::Key) } else { Ok(Self(key)) }
    }

    /// Returns the 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn verify(
        &self,
        kind: Kind,
        body: &[u8],
        signature: &[u8; 64],
    ) -> Result<(), SignatureError> {
        let signature = Signature::from_bytes(signature);
        let verified = self.0.verify_strict(&signed_bytes(kind, body), &signature);
        verified.map_err(|_| SignatureError::Invalid(kind.name()))
    }
}

/// A value with the bytes that were signed and the signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<L> {
    value: L,
    body: Vec<u8>,
    signature: [u8; 64],
}

impl<L: Layout> Signed<L> {
    pub(crate) fn sign(value: L, key: &SigningKey) -> Self {
        let body = value.encode();
        let signature = key.sign(&signed_bytes(L::KIND, &body)).to_bytes();
        Self { value, body, signature }
    }

    /// Reads what [`Signed::encode`] returned, and checks the signature before anything else.
    ///
    /// # Errors
    ///
    /// Where the bytes are malformed or the signature is not this key's over them.
    pub fn verify(bytes: &[u8], key: &PublicKey) -> Result<Self, SignatureError> {
        let mut decoder = Decoder::new(L::KIND.name(), bytes);
        let body = decoder.bytes(limits::SIGNED_BYTES)?;
        let signature = decoder.raw()?;
        decoder.finish()?;
        key.verify(L::KIND, body, &signature)?;
        Ok(Self { value: L::decode(body)?, body: body.to_vec(), signature })
    }

    /// Reads what the bytes claim to be, without checking who signed them: only to find out whose
    /// key [`Signed::verify`] must be given.
    ///
    /// # Errors
    ///
    /// Where the bytes are malformed.
    pub fn claimed(bytes: &[u8]) -> Result<L, SignatureError> {
        let mut decoder = Decoder::new(L::KIND.name(), bytes);
        let value = L::decode(decoder.bytes(limits::SIGNED_BYTES)?)?;
        let _: [u8; 64] = decoder.raw()?;
        decoder.finish()?;
        Ok(value)
    }

    /// Returns the body with its length before it, and the signature.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.bytes(&self.body).raw(&self.signature);
        encoder.finish()
    }

    /// Returns the value.
    pub fn value(&self) -> &L {
        &self.value
    }

    /// Returns the hash that identifies it: SHA-256 over what was signed.
    pub fn hash(&self) -> [u8; 32] {
        signed_hash(L::KIND, &self.body)
    }
}

impl<L: fmt::Debug> fmt::Debug for Signed<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signed").field(&self.value).finish()
    }
}

/// Returns SHA-256 over what a signature of this kind over this body signs.
pub fn signed_hash(kind: Kind, body: &[u8]) -> [u8; 32] {
    Sha256::digest(signed_bytes(kind, body)).into()
}

pub(crate) fn signed_bytes(kind: Kind, body: &[u8]) -> Vec<u8> {
    [DOMAIN.as_bytes(), kind.name().as_bytes(), &[0], body].concat()
}

#[cfg(test)]
mod tests {
    use anchorhold_model::RunId;
    use anchorhold_model::layout::{Receipt, RunEnd};

    use super::*;

    fn key(byte: u8) -> (SigningKey, PublicKey) {
        let key = SigningKey::from_bytes(&[byte; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes()).unwrap();
        (key, public)
    }

    fn end() -> RunEnd {
        RunEnd { run: RunId::from_bytes([1; 32]), tasks: 2 }
    }

    #[test]
    fn what_was_signed_is_read_and_every_changed_bit_refused() {
        let (key, public) = key(1);
        let signed = Signed::sign(end(), &key);
        let bytes = signed.encode();
        let read = Signed::<RunEnd>::verify(&bytes, &public).unwrap();
        assert_eq!((read.value(), read.hash()), (&end(), signed.hash()));
        for bit in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            Signed::<RunEnd>::verify(&other, &public).expect_err("it was changed");
        }
    }

    #[test]
    fn neither_another_key_nor_another_kind_will_do() {
        let (key, public) = key(1);
        let bytes = Signed::sign(end(), &key).encode();
        let invalid = Err(SignatureError::Invalid("run-end"));
        assert_eq!(Signed::<RunEnd>::verify(&bytes, &self::key(2).1), invalid);
        let invalid = Err(SignatureError::Invalid("receipt"));
        assert_eq!(Signed::<Receipt>::verify(&bytes, &public), invalid);
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(&identity), Err(SignatureError::Key));
        assert_eq!(PublicKey::from_bytes(&[2; 32]), Err(SignatureError::Key));
    }
}
