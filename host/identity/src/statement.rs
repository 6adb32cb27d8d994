//! Key statements, and whether they chain to a pinned fingerprint.

use std::fmt;

use anchorhold_model::layout::{Decoder, Encoder, KeyStatement, Kind, Layout as _};
use anchorhold_model::{limits, printable};
use ed25519_dalek::{Signer as _, SigningKey};
use pkcs8::der::pem::{self, LineEnding};

use crate::fingerprint::Fingerprint;
use crate::key::{EncryptionKey, OrganizationKey};
use crate::signature::{PublicKey, SignatureError, signed_bytes, signed_hash};

/// A key statement that was checked: signed by the root key that it names and by its own signing
/// key.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    value: KeyStatement,
    body: Vec<u8>,
    signatures: [[u8; 64]; 2],
    signing: PublicKey,
    encryption: EncryptionKey,
}

const LABEL: &str = "ANCHORHOLD KEY STATEMENT";

/// Why a key statement is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// It is no key statement in PEM.
    #[error("it is no key statement in PEM")]
    Pem,
    /// It is malformed, or a signature is not valid.
    #[error("the key statement is not taken")]
    Signature(#[from] SignatureError),
    /// Its RSA key is none that is allowed.
    #[error("the key statement's RSA key must have 3072 to 8192 bits and the exponent 65537")]
    EncryptionKey,
    /// Its name is no name.
    #[error("the key statement's name must have 1 to 64 bytes on one line, not {0:?}")]
    Name(String),
    /// It is of another organization.
    #[error("the key statement is of {actual}, not of the pinned {expected}")]
    OtherOrganization {
        /// The pinned organization.
        expected: Fingerprint,
        /// Whose it is.
        actual: Fingerprint,
    },
    /// Its time has not come, or is over.
    #[error(
        "the key statement is valid from {not_before} to {not_after} (seconds after 1970), and it is {now}"
    )]
    Time {
        /// From when it is valid.
        not_before: u64,
        /// Until when it is valid.
        not_after: u64,
        /// What the time is.
        now: u64,
    },
}

impl Statement {
    pub(crate) fn sign(value: KeyStatement, root: &SigningKey, own: &OrganizationKey) -> Self {
        let body = value.encode();
        let signed = signed_bytes(Kind::Statement, &body);
        let signatures = [root, &own.signing].map(|key| key.sign(&signed).to_bytes());
        let (signing, encryption) = (own.public(), own.encryption());
        Self { value, body, signatures, signing, encryption }
    }

    /// Reads what [`Statement::encode`] returned and checks that it is this organization's.
    ///
    /// # Errors
    ///
    /// Where it is not, or was changed, or states keys that are not allowed.
    pub fn verify(bytes: &[u8], pin: &Fingerprint) -> Result<Self, StatementError> {
        let statement = Self::read(bytes)?;
        let actual = statement.organization();
        if actual != *pin {
            return Err(StatementError::OtherOrganization { expected: *pin, actual });
        }
        Ok(statement)
    }

    /// Reads what [`Statement::encode`] returned, whosever it is: the fingerprint is still to be
    /// compared.
    ///
    /// # Errors
    ///
    /// Where it was changed, or states keys that are not allowed.
    pub fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        let malformed = |error| StatementError::Signature(SignatureError::Malformed(error));
        let mut decoder = Decoder::new(Kind::Statement.name(), bytes);
        let body = decoder.bytes(limits::SIGNED_BYTES).map_err(malformed)?;
        let signatures = [decoder.raw().map_err(malformed)?, decoder.raw().map_err(malformed)?];
        decoder.finish().map_err(malformed)?;
        let value = KeyStatement::decode(body).map_err(malformed)?;
        let signing = PublicKey::from_bytes(&value.signing)?;
        for (key, signature) in
            [&PublicKey::from_bytes(&value.root)?, &signing].iter().zip(&signatures)
        {
            key.verify(Kind::Statement, body, signature)?;
        }
        check_name(&value.name)?;
        let encryption =
            EncryptionKey::from_der(&value.encryption).ok_or(StatementError::EncryptionKey)?;
        Ok(Self { value, body: body.to_vec(), signatures, signing, encryption })
    }

    /// Returns its bytes: the body with its length before it, the root's signature and its own.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.bytes(&self.body).raw(&self.signatures[0]).raw(&self.signatures[1]);
        encoder.finish()
    }

    /// Returns its bytes as PEM: lines of text that can be sent in a letter.
    pub fn to_pem(&self) -> String {
        let pem = pem::encode_string(LABEL, LineEnding::LF, &self.encode());
        pem.expect("a statement is short")
    }

    /// Reads what [`Statement::to_pem`] returned, as [`Statement::read`] does.
    ///
    /// # Errors
    ///
    /// Where it was changed, or states keys that are not allowed.
    pub fn from_pem(text: &str) -> Result<Self, StatementError> {
        match pem::decode_vec(text.as_bytes()) {
            Ok((LABEL, bytes)) => Self::read(&bytes),
            _ => Err(StatementError::Pem),
        }
    }

    /// Checks that it is valid at a time, in seconds after 1970.
    ///
    /// # Errors
    ///
    /// Where it is not yet, or no more.
    pub fn check_time(&self, now: u64) -> Result<(), StatementError> {
        let KeyStatement { not_before, not_after, .. } = self.value;
        if (not_before..=not_after).contains(&now) {
            return Ok(());
        }
        Err(StatementError::Time { not_before, not_after, now })
    }

    /// Returns whose it is.
    pub fn organization(&self) -> Fingerprint {
        Fingerprint::of(&self.value.root)
    }

    /// Returns what it says.
    pub fn value(&self) -> &KeyStatement {
        &self.value
    }

    /// Returns the public key of the organization's signatures.
    pub fn signing(&self) -> &PublicKey {
        &self.signing
    }

    /// Returns the public key to which grants are encrypted.
    pub fn encryption(&self) -> &EncryptionKey {
        &self.encryption
    }

    /// Returns the hash that identifies it: SHA-256 over what was signed.
    pub fn hash(&self) -> [u8; 32] {
        signed_hash(Kind::Statement, &self.body)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Statement({:?}, {}, {})",
            self.value.name,
            self.organization(),
            self.value.number
        )
    }
}

/// Checks what an organization calls itself: one line of 1 to 64 bytes, nothing in it that acts on
/// a terminal.
///
/// # Errors
///
/// Where it is otherwise.
pub fn check_name(name: &str) -> Result<(), StatementError> {
    let fits = (1..=limits::NAME_BYTES).contains(&name.len()) && name.trim() == name;
    if fits && printable(name) == name && !name.contains('\t') {
        return Ok(());
    }
    Err(StatementError::Name(name.chars().take(limits::NAME_BYTES).collect()))
}

#[cfg(test)]
pub(crate) mod tests;
