//! How parties notice that they were given different arguments.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// A hash of what all parties of a task must agree on.
///
/// Sent along with a protocol's messages; a party that computed another one was given other
/// arguments. The arguments themselves can be guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Hashes a value: SHA-256 of a constant and its JSON text.
    ///
    /// A value with a hash map in it has no certain order and does not belong here.
    ///
    /// # Errors
    /// [`Error::Said`] if the value has no JSON text.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let json = serde_json::to_vec(value).map_err(Error::new)?;
        let hash =
            Sha256::new().chain_update(b"anchorhold/1 agreed\0").chain_update(json).finalize();
        Ok(Self(hash.into()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equal_values_have_equal_fingerprints() {
        let of = |value: &[i32]| Fingerprint::of(value).unwrap();
        assert_eq!(of(&[1, 2]), of(&[1, 2]));
        assert_ne!(of(&[1, 2]), of(&[12]));
        assert_ne!(of(&[1, 2]), of(&[2, 1]));
    }
}
