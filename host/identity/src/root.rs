//! The root key, which names the organization and signs its key statements. A node never needs it.

use std::fmt;

use anchorhold_model::layout::KeyStatement;
use ed25519_dalek::SigningKey;

use crate::fingerprint::Fingerprint;
use crate::key::{OrganizationKey, signing_key};
use crate::statement::Statement;

/// An organization's root key. It signs statements, and cannot be read.
pub struct RootKey(pub(crate) SigningKey);

impl RootKey {
    /// Makes a root key: a new organization.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub fn generate() -> Self {
        Self(signing_key())
    }

    /// Returns the organization's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.0.verifying_key().as_bytes())
    }

    /// Signs a statement of the organization's key, valid between two times in seconds after 1970.
    pub fn state(
        &self,
        name: &str,
        number: u64,
        key: &OrganizationKey,
        (not_before, not_after): (u64, u64),
    ) -> Statement {
        let statement = KeyStatement {
            name: name.to_owned(),
            root: *self.0.verifying_key().as_bytes(),
            number,
            encryption: key.encryption().to_der(),
            signing: *key.public().as_bytes(),
            not_before,
            not_after,
        };
        Statement::sign(statement, &self.0, key)
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKey({})", self.fingerprint())
    }
}
