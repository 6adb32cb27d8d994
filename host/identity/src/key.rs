//! The organization's key: what its node signs with, and opens grants with.

use std::fmt;

use anchorhold_model::layout::Layout;
use ed25519_dalek::SigningKey;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use rsa::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::signature::{PublicKey, Signed};

/// The bits of an RSA key unless others are asked for.
pub const RSA_BITS: u32 = 4096;
/// The bits that an RSA key may have: fewer are too weak for the years that data must stay secret,
/// and more take seconds.
pub(crate) const RSA_BITS_ALLOWED: std::ops::RangeInclusive<u32> = 3072..=8192;

/// The private keys of one key statement. They sign and open, and cannot be read.
pub struct OrganizationKey {
    pub(crate) signing: SigningKey,
    pub(crate) encryption: RsaPrivateKey,
}

impl OrganizationKey {
    /// Makes a key; an RSA key of 4,096 bits takes a second or several.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers, or the number of bits is none that
    /// [`EncryptionKey`] takes.
    pub fn generate(rsa_bits: u32) -> Self {
        assert!(RSA_BITS_ALLOWED.contains(&rsa_bits), "{rsa_bits} bits are checked before");
        let bits = usize::try_from(rsa_bits).expect("it is small");
        let encryption = RsaPrivateKey::new(&mut random(), bits).expect("the size is allowed");
        Self { signing: signing_key(), encryption }
    }

    /// Signs a value.
    pub fn sign<L: Layout>(&self, value: L) -> Signed<L> {
        Signed::sign(value, &self.signing)
    }

    /// Returns the public key of its signatures.
    pub fn public(&self) -> PublicKey {
        PublicKey::from_bytes(self.signing.verifying_key().as_bytes()).expect("it is a key")
    }

    /// Returns the public key to which secrets are encrypted.
    pub fn encryption(&self) -> EncryptionKey {
        EncryptionKey(self.encryption.to_public_key())
    }

    /// Opens a secret that was encrypted to this key, or returns none without a reason.
    pub fn open(&self, wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let padding = Oaep::<Sha256>::new();
        let opened = self.encryption.decrypt_blinded(&mut random(), padding, wrapped).ok()?;
        let opened = Zeroizing::new(opened);
        opened.as_slice().try_into().ok().map(Zeroizing::new)
    }
}

impl fmt::Debug for OrganizationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrganizationKey(..)")
    }
}

/// An RSA public key: 3,072 to 8,192 bits, exponent 65,537.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionKey(RsaPublicKey);

impl EncryptionKey {
    /// Reads a SubjectPublicKeyInfo in DER; none where it is another one or not encoded in the one
    /// canonical way.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let key = RsaPublicKey::from_public_key_der(der).ok()?;
        let allowed = RSA_BITS_ALLOWED.contains(&key.n().bits_vartime());
        let exponent = key.e().to_be_bytes();
        let exponent = exponent.iter().fold(0_u64, |e, byte| (e << 8) | u64::from(*byte));
        let key = Self(key);
        (allowed && exponent == 65_537 && key.to_der() == der).then_some(key)
    }

    /// Returns the key as SubjectPublicKeyInfo in DER.
    pub fn to_der(&self) -> Vec<u8> {
        self.0.to_public_key_der().expect("every key can be encoded").into_vec()
    }

    /// Returns the bits of the modulus.
    pub fn bits(&self) -> u32 {
        self.0.n().bits_vartime()
    }

    /// Encrypts a secret to the key: RSA-OAEP with SHA-256 and an empty label.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub fn wrap(&self, secret: &[u8; 32]) -> Vec<u8> {
        let wrapped = self.0.encrypt(&mut random(), Oaep::<Sha256>::new(), secret);
        wrapped.expect("the secret is much shorter than the modulus")
    }
}

pub(crate) fn signing_key() -> SigningKey {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).expect("the operating system has random numbers");
    SigningKey::from_bytes(&secret)
}

fn random() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}
