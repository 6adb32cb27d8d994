//! Components and what they are called.

use anchorhold_identity::Fingerprint;
use anchorhold_model::Digest;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, fingerprint, id, integer, number};

/// The size of a component's pieces: one is in memory while it is fetched.
pub(crate) const PIECE_BYTES: usize = 512 << 10;
/// The most algorithms that are listed.
const LISTED: i64 = 1_000;

/// An algorithm without its component.
#[derive(Debug, Clone)]
pub(crate) struct AlgorithmRow {
    pub(crate) digest: Digest,
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) organization: Option<Fingerprint>,
    pub(crate) added: u64,
}

impl Store {
    /// Adds an algorithm; one that is there already stays as it is.
    pub(crate) async fn add_algorithm(
        &self,
        row: &AlgorithmRow,
        component: &[u8],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let added =
            sqlx::query("INSERT INTO algorithm VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(&row.digest.as_bytes()[..])
                .bind(&row.name)
                .bind(row.organization.map(|organization| organization.as_bytes().to_vec()))
                .bind(integer(row.added))
                .bind(integer(row.bytes))
                .execute(&mut *transaction)
                .await?;
        if added.rows_affected() > 0 {
            for (number, piece) in (0_i64..).zip(component.chunks(PIECE_BYTES)) {
                sqlx::query("INSERT INTO component_piece VALUES (?, ?, ?)")
                    .bind(&row.digest.as_bytes()[..])
                    .bind(number)
                    .bind(piece)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Returns what is known of an algorithm.
    pub(crate) async fn algorithm(
        &self,
        digest: &Digest,
    ) -> Result<Option<AlgorithmRow>, StoreError> {
        let row = sqlx::query(
            "SELECT digest, name, bytes, organization, added FROM algorithm \
             WHERE digest = ?",
        )
        .bind(&digest.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(algorithm).transpose()
    }

    /// Returns a piece of an algorithm's component, of [`PIECE_BYTES`] but the last.
    pub(crate) async fn component_piece(
        &self,
        digest: &Digest,
        piece: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT bytes FROM component_piece WHERE digest = ? AND number = ?")
            .bind(&digest.as_bytes()[..])
            .bind(integer(piece))
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Lists the algorithms, the newest first.
    pub(crate) async fn algorithms(&self) -> Result<Vec<AlgorithmRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT digest, name, bytes, organization, added FROM algorithm \
             ORDER BY rowid DESC LIMIT ?",
        )
        .bind(LISTED)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(algorithm).collect()
    }
}

fn algorithm(row: &SqliteRow) -> Result<AlgorithmRow, StoreError> {
    let organization: Option<&[u8]> = row.try_get(3)?;
    Ok(AlgorithmRow {
        digest: Digest::from_bytes(id(row, 0)?),
        name: row.try_get(1)?,
        bytes: number(row, 2)?,
        organization: organization.map(fingerprint).transpose()?,
        added: number(row, 4)?,
    })
}
