//! What the server keeps: SQLite in one file, each change on the disk before it is answered.
//!
//! Nothing in it is in clear but ids, names, sizes, times and components, which are public.

mod algorithms;
mod collaborations;
mod commit;
mod frames;
mod live;
mod organizations;
mod runs;
mod stored;
mod tasks;
mod tokens;

pub(crate) use algorithms::{AlgorithmRow, PIECE_BYTES};
pub(crate) use collaborations::CollaborationRow;
pub(crate) use commit::{Batch, Change, FRAME_OVERHEAD, Freed, Position};
pub(crate) use frames::{Arguments, ResultParts};
pub(crate) use live::LiveRow;
pub(crate) use organizations::Added;
pub(crate) use runs::{ClosedRun, RunRow};
pub use stored::StoredParcel;
pub(crate) use tasks::{AddedTask, TaskRow};
pub use tokens::Secret;

use std::fs::File;
use std::path::Path;

use anchorhold_identity::{Fingerprint, Signed};
use anchorhold_model::Seat;
use anchorhold_model::layout::Layout;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use tokio::task::spawn_blocking;

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

/// The server's database. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    read: SqlitePool,
    /// The one connection that writes: SQLite has one writer at a time, and who waits for a
    /// connection waits in order.
    write: SqlitePool,
}

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
        // Two processes that make a new database at once would each find it empty.
        let _lock = lock(path).await;
        let pool = |most| SqlitePoolOptions::new().max_connections(most);
        let write = pool(1).connect_with(options.clone()).await?;
        sqlx::migrate!().run(&write).await?;
        Ok(Self { read: pool(4).connect_with(options).await?, write })
    }

    /// Begins a change that reads first. Another process may write to the database as well.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        if let Ok(transaction) = self.write.begin_with(BEGIN).await {
            return Ok(transaction);
        }
        // On a full disk SQLite ends a transaction by itself, which its connection is not told:
        // that one is of no use any more.
        self.write.acquire().await?.close().await?;
        Ok(self.write.begin_with(BEGIN).await?)
    }

    /// Closes the database: all of it is in its file then.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Waits until no other opens a database in the same folder. Where there is no lock to be had, opening
/// the database says what is wrong.
async fn lock(database: &Path) -> Option<File> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).to_owned();
    let locked = spawn_blocking(move || {
        let folder = File::open(folder)?;
        folder.lock().map(|()| folder)
    });
    locked.await.ok()?.ok()
}

/// Reads what was verified before it was stored.
fn stored<L: Layout>(bytes: &[u8], what: &'static str) -> Result<L, StoreError> {
    Signed::<L>::claimed(bytes).map_err(|_| StoreError::Damaged(what))
}

/// Reads 32 bytes of a row.
fn id(row: &SqliteRow, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|_| StoreError::Damaged("an id"))
}

/// Reads a seat of a row.
fn seat(row: &SqliteRow, column: usize) -> Result<Seat, StoreError> {
    let seat = u32::try_from(row.try_get::<i64, _>(column)?);
    seat.map(Seat).map_err(|_| StoreError::Damaged("a seat"))
}

/// Reads a number that is never below 0.
fn number(row: &SqliteRow, column: usize) -> Result<u64, StoreError> {
    let number = u64::try_from(row.try_get::<i64, _>(column)?);
    number.map_err(|_| StoreError::Damaged("a number"))
}

fn fingerprint(bytes: &[u8]) -> Result<Fingerprint, StoreError> {
    let bytes = bytes.try_into().map_err(|_| StoreError::Damaged("a fingerprint"))?;
    Ok(Fingerprint::from_bytes(bytes))
}

/// Writes a number; none that is let in is 2^63 or above, and no time is that late.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    // An id has the same form.
    text.parse::<anchorhold_model::Digest>().ok().map(|id| *id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_keeps_no_later_one_from_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("server.db")).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        // As SQLite does on a full disk; the connection still takes it for open.
        sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap_err();
        store.begin().await.unwrap().commit().await.unwrap();
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn those_who_make_a_new_database_at_once_all_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        let open = |_| {
            let path = path.clone();
            tokio::spawn(async move { Store::open(&path).await.map(drop) })
        };
        for opened in (0..8).map(open).collect::<Vec<_>>() {
            opened.await.unwrap().unwrap();
        }
    }
}
