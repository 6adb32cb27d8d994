//! Organizations and all statements of their keys; the one with the highest number counts.

use anchorhold_identity::{Fingerprint, Statement};
use sqlx::Row as _;

use super::{Store, StoreError, integer};

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It was added, or is there already.
    Yes,
    /// Another one has its number.
    OtherWithNumber,
    /// There is no such organization.
    NoOrganization,
}

impl Store {
    /// Says whether an organization is known.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn knows(&self, organization: &Fingerprint) -> Result<bool, StoreError> {
        Ok(self.statement(organization).await?.is_some())
    }

    /// Adds an organization with a statement; one that is there already stays as it is.
    pub(crate) async fn add_organization(
        &self,
        statement: &Statement,
        now: u64,
    ) -> Result<Added, StoreError> {
        sqlx::query("INSERT INTO organization VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&statement.organization().as_bytes()[..])
            .bind(integer(now))
            .execute(&self.write)
            .await?;
        self.add_statement(statement).await
    }

    /// Adds a statement. Two with one number are never both kept.
    pub(crate) async fn add_statement(&self, statement: &Statement) -> Result<Added, StoreError> {
        let organization = statement.organization();
        let number = i64::try_from(statement.value().number).unwrap_or(i64::MAX);
        let pem = statement.to_pem();
        let mut transaction = self.begin().await?;
        let known = sqlx::query("SELECT 1 FROM organization WHERE fingerprint = ?")
            .bind(&organization.as_bytes()[..])
            .fetch_optional(&mut *transaction)
            .await?;
        if known.is_none() {
            return Ok(Added::NoOrganization);
        }
        sqlx::query("INSERT INTO statement VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(&organization.as_bytes()[..])
            .bind(number)
            .bind(&pem)
            .execute(&mut *transaction)
            .await?;
        let kept = sqlx::query("SELECT pem FROM statement WHERE fingerprint = ? AND number = ?")
            .bind(&organization.as_bytes()[..])
            .bind(number)
            .fetch_one(&mut *transaction)
            .await?;
        let kept: String = kept.try_get(0)?;
        transaction.commit().await?;
        Ok(if kept == pem { Added::Yes } else { Added::OtherWithNumber })
    }

    /// Returns the statement with the highest number of an organization.
    pub(crate) async fn statement(
        &self,
        organization: &Fingerprint,
    ) -> Result<Option<Statement>, StoreError> {
        let row = sqlx::query(
            "SELECT pem FROM statement WHERE fingerprint = ? ORDER BY number DESC LIMIT 1",
        )
        .bind(&organization.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| statement(&row.try_get::<String, _>(0)?)).transpose()
    }

    /// Returns the statement with the highest number of each organization, in the order of their
    /// registration.
    pub(crate) async fn statements(&self) -> Result<Vec<Statement>, StoreError> {
        let rows = sqlx::query(
            "SELECT pem, max(number) FROM statement JOIN organization USING (fingerprint) \
             GROUP BY fingerprint ORDER BY organization.rowid",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| statement(&row.try_get::<String, _>(0)?)).collect()
    }
}

fn statement(pem: &str) -> Result<Statement, StoreError> {
    Statement::from_pem(pem).map_err(|_| StoreError::Damaged("a key statement"))
}
