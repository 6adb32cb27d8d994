//! Tokens of people, of which only a hash is kept.

use std::fmt;
use std::str::FromStr;

use anchorhold_identity::Fingerprint;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::{Store, StoreError, fingerprint, hex, integer, number, unhex};
use crate::access::Identity;

/// A token: 32 random bytes, written as 64 hexadecimal digits. Whoever has it is who it stands for.
pub struct Secret(pub(crate) [u8; 32]);

impl Secret {
    /// Draws a token.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub fn draw() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system has random numbers");
        Self(bytes)
    }

    /// Returns the text to give to whom it is for, the only time that it is shown.
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        let hash = Sha256::new().chain_update(b"anchorhold/1 token\0").chain_update(self.0);
        hash.finalize().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl FromStr for Secret {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        unhex(text).map(Self).ok_or(())
    }
}

impl Store {
    /// Makes a token for somebody of an organization, or for an administrator.
    ///
    /// # Errors
    ///
    /// Where the database fails, such as when there is no such organization.
    pub async fn add_token(
        &self,
        name: &str,
        organization: Option<&Fingerprint>,
        expires: u64,
    ) -> Result<Secret, StoreError> {
        let token = Secret::draw();
        sqlx::query("INSERT INTO token (hash, name, organization, expires) VALUES (?, ?, ?, ?)")
            .bind(&token.hash()[..])
            .bind(name)
            .bind(organization.map(|organization| organization.as_bytes().to_vec()))
            .bind(integer(expires))
            .execute(&self.write)
            .await?;
        Ok(token)
    }

    /// Returns who a token stands for, and until when.
    pub(crate) async fn find_token(
        &self,
        token: &Secret,
    ) -> Result<Option<(Identity, u64)>, StoreError> {
        let row = sqlx::query("SELECT name, organization, expires FROM token WHERE hash = ?")
            .bind(&token.hash()[..])
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let identity = match row.try_get::<Option<Vec<u8>>, _>(1)? {
            None => Identity::Admin { name: row.try_get(0)? },
            Some(bytes) => {
                Identity::Person { name: row.try_get(0)?, organization: fingerprint(&bytes)? }
            }
        };
        Ok(Some((identity, number(&row, 2)?)))
    }
}
