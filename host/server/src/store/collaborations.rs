//! Collaborations and who of their members has joined.

use std::collections::HashSet;

use anchorhold_identity::Fingerprint;
use anchorhold_model::{Collaboration, CollaborationId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, fingerprint, integer};

/// The most collaborations that are listed.
const LISTED: i64 = 200;

/// A collaboration and who joined it.
#[derive(Debug, Clone)]
pub(crate) struct CollaborationRow {
    pub(crate) value: Collaboration,
    pub(crate) joined: HashSet<Fingerprint>,
}

impl Store {
    /// Joins an organization to a collaboration, which is added where it is not there. Returns a
    /// member that is not registered, where there is one.
    pub(crate) async fn join(
        &self,
        collaboration: &Collaboration,
        organization: &Fingerprint,
        now: u64,
    ) -> Result<Option<Fingerprint>, StoreError> {
        let id = collaboration.id();
        let mut transaction = self.begin().await?;
        for member in collaboration.members() {
            let known = sqlx::query("SELECT 1 FROM organization WHERE fingerprint = ?")
                .bind(&member.organization[..])
                .fetch_optional(&mut *transaction)
                .await?;
            if known.is_none() {
                return Ok(Some(Fingerprint::from_bytes(member.organization)));
            }
        }
        sqlx::query("INSERT INTO collaboration VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&id.as_bytes()[..])
            .bind(collaboration.encode())
            .execute(&mut *transaction)
            .await?;
        for member in collaboration.members() {
            sqlx::query("INSERT INTO member VALUES (?, ?, NULL) ON CONFLICT DO NOTHING")
                .bind(&id.as_bytes()[..])
                .bind(&member.organization[..])
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(
            "UPDATE member SET joined = coalesce(joined, ?) \
             WHERE collaboration = ? AND organization = ?",
        )
        .bind(integer(now))
        .bind(&id.as_bytes()[..])
        .bind(&organization.as_bytes()[..])
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(None)
    }

    /// Returns a collaboration.
    pub(crate) async fn collaboration(
        &self,
        id: &CollaborationId,
    ) -> Result<Option<CollaborationRow>, StoreError> {
        let row = sqlx::query("SELECT encoded FROM collaboration WHERE id = ?")
            .bind(&id.as_bytes()[..])
            .fetch_optional(&self.read)
            .await?;
        match row {
            Some(row) => Ok(Some(self.with_joined(&row).await?)),
            None => Ok(None),
        }
    }

    /// Lists the collaborations of which an organization is a member, or all of them, the newest
    /// first.
    pub(crate) async fn collaborations(
        &self,
        organization: Option<&Fingerprint>,
    ) -> Result<Vec<CollaborationRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT encoded FROM collaboration WHERE ?1 IS NULL OR id IN \
             (SELECT collaboration FROM member WHERE organization = ?1) \
             ORDER BY rowid DESC LIMIT ?2",
        )
        .bind(organization.map(|organization| organization.as_bytes().to_vec()))
        .bind(LISTED)
        .fetch_all(&self.read)
        .await?;
        let mut collaborations = Vec::new();
        for row in &rows {
            collaborations.push(self.with_joined(row).await?);
        }
        Ok(collaborations)
    }

    async fn with_joined(&self, row: &SqliteRow) -> Result<CollaborationRow, StoreError> {
        let value = Collaboration::decode(row.try_get(0)?)
            .map_err(|_| StoreError::Damaged("a collaboration"))?;
        let rows = sqlx::query(
            "SELECT organization FROM member WHERE collaboration = ? AND joined IS NOT NULL",
        )
        .bind(&value.id().as_bytes()[..])
        .fetch_all(&self.read)
        .await?;
        let joined = rows.iter().map(|row| fingerprint(row.try_get(0)?)).collect::<Result<_, _>>();
        Ok(CollaborationRow { value, joined: joined? })
    }
}
