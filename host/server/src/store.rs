//! What the server keeps: SQLite in one file, each change on the disk before it is answered.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anchorhold_identity::{Fingerprint, Statement};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, SqlitePool};

use crate::access::Identity;

/// The store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database has another form than this server's.
    #[error("the database cannot be brought to this server's form")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row is not as it was written.
    #[error("the database holds {0} that is none")]
    Damaged(&'static str),
}

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

/// The server's database. Clones share it.
#[derive(Debug, Clone)]
pub struct Store(SqlitePool);

impl Store {
    /// Opens the database, and makes it where it is not there.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened or made, or is another database.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!().run(&pool).await?;
        Ok(Self(pool))
    }

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
            .bind(i64::try_from(expires).unwrap_or(i64::MAX))
            .execute(&self.0)
            .await?;
        Ok(token)
    }

    /// Says whether an organization is known.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn knows(&self, organization: &Fingerprint) -> Result<bool, StoreError> {
        Ok(self.statement(organization).await?.is_some())
    }

    /// Returns who a token stands for, and until when.
    pub(crate) async fn find_token(
        &self,
        token: &Secret,
    ) -> Result<Option<(Identity, u64)>, StoreError> {
        let row = sqlx::query("SELECT name, organization, expires FROM token WHERE hash = ?")
            .bind(&token.hash()[..])
            .fetch_optional(&self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (name, expires): (String, i64) = (row.try_get(0)?, row.try_get(2)?);
        let identity = match row.try_get::<Option<Vec<u8>>, _>(1)? {
            None => Identity::Admin { name },
            Some(bytes) => Identity::Person { name, organization: fingerprint(&bytes)? },
        };
        Ok(Some((identity, u64::try_from(expires).unwrap_or(0))))
    }

    /// Adds an organization with a statement; one that is there already stays as it is.
    pub(crate) async fn add_organization(
        &self,
        statement: &Statement,
        now: u64,
    ) -> Result<Added, StoreError> {
        sqlx::query("INSERT INTO organization VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&statement.organization().as_bytes()[..])
            .bind(i64::try_from(now).unwrap_or(i64::MAX))
            .execute(&self.0)
            .await?;
        self.add_statement(statement).await
    }

    /// Adds a statement. Two with one number are never both kept.
    pub(crate) async fn add_statement(&self, statement: &Statement) -> Result<Added, StoreError> {
        let organization = statement.organization();
        let number = i64::try_from(statement.value().number).unwrap_or(i64::MAX);
        let pem = statement.to_pem();
        let mut transaction = self.0.begin().await?;
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
        .fetch_optional(&self.0)
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
        .fetch_all(&self.0)
        .await?;
        rows.iter().map(|row| statement(&row.try_get::<String, _>(0)?)).collect()
    }
}

fn statement(pem: &str) -> Result<Statement, StoreError> {
    Statement::from_pem(pem).map_err(|_| StoreError::Damaged("a key statement"))
}

fn fingerprint(bytes: &[u8]) -> Result<Fingerprint, StoreError> {
    let bytes = bytes.try_into().map_err(|_| StoreError::Damaged("a fingerprint"))?;
    Ok(Fingerprint::from_bytes(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    // An id has the same form.
    text.parse::<anchorhold_model::Digest>().ok().map(|id| *id.as_bytes())
}
