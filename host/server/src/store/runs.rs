//! Runs, and whose nodes are still to be told that one is closed.

use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::layout::{REQUESTER, RunManifest};
use anchorhold_model::{CollaborationId, RunId};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::{Store, StoreError, fingerprint, id, number, stored};

/// The most runs that are listed.
const LISTED: i64 = 200;

/// A run.
#[derive(Debug, Clone)]
pub(crate) struct RunRow {
    pub(crate) id: RunId,
    pub(crate) collaboration: CollaborationId,
    pub(crate) requester: Fingerprint,
    pub(crate) manifest: RunManifest,
    pub(crate) tasks: u64,
    pub(crate) closed: bool,
}

/// What became of closing a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClosedRun {
    /// It is closed; these are the parties of its tasks whose nodes have not answered.
    Yes(Vec<Fingerprint>),
    /// It has another number of tasks.
    OtherNumber(u64),
    /// Some of its tasks have not ended.
    OpenTasks(u64),
}

impl Store {
    /// Adds a run whose manifest was verified under a statement; one that is there stays as it is.
    pub(crate) async fn add_run(
        &self,
        run: &RunId,
        manifest: &RunManifest,
        signed: &[u8],
        statement: &Statement,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        name_statement(&mut transaction, statement).await?;
        sqlx::query("INSERT INTO run VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING")
            .bind(&run.as_bytes()[..])
            .bind(&manifest.collaboration[..])
            .bind(&manifest.requester[..])
            .bind(signed)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Returns a run.
    pub(crate) async fn run(&self, run: &RunId) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query(
            "SELECT id, collaboration, requester, manifest, closing IS NOT NULL, \
             (SELECT count(*) FROM task WHERE task.run = run.id) FROM run WHERE id = ?",
        )
        .bind(&run.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Lists the runs of which an organization is the requester or a party, the newest first.
    pub(crate) async fn runs(&self, organization: &Fingerprint) -> Result<Vec<RunRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, collaboration, requester, manifest, closing IS NOT NULL, \
             (SELECT count(*) FROM task WHERE task.run = run.id) FROM run \
             WHERE requester = ?1 OR id IN (SELECT run FROM task JOIN execution \
             ON execution.task = task.id WHERE execution.organization = ?1) \
             ORDER BY rowid DESC LIMIT ?2",
        )
        .bind(&organization.as_bytes()[..])
        .bind(LISTED)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Says whether an organization is a party of a task of a run.
    pub(crate) async fn is_party(
        &self,
        run: &RunId,
        organization: &Fingerprint,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM task JOIN execution ON execution.task = task.id \
             WHERE task.run = ? AND execution.organization = ? LIMIT 1",
        )
        .bind(&run.as_bytes()[..])
        .bind(&organization.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        Ok(row.is_some())
    }

    /// Closes a run all of whose tasks have ended, and deletes their results. One that is closed
    /// has this statement from now on: the key of the one before may be gone.
    pub(crate) async fn close_run(
        &self,
        run: &RunId,
        signed: &[u8],
        expected: u64,
    ) -> Result<ClosedRun, StoreError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "SELECT count(*), count(*) FILTER (WHERE ended IS NULL) FROM task WHERE run = ?",
        )
        .bind(&run.as_bytes()[..])
        .fetch_one(&mut *transaction)
        .await?;
        let (tasks, open) = (number(&row, 0)?, number(&row, 1)?);
        if tasks != expected {
            return Ok(ClosedRun::OtherNumber(tasks));
        }
        if open > 0 {
            return Ok(ClosedRun::OpenTasks(open));
        }
        let first = sqlx::query("UPDATE run SET closing = ? WHERE id = ? AND closing IS NULL")
            .bind(signed)
            .bind(&run.as_bytes()[..])
            .execute(&mut *transaction)
            .await?;
        if first.rows_affected() == 0 {
            sqlx::query("UPDATE run SET closing = ? WHERE id = ?")
                .bind(signed)
                .bind(&run.as_bytes()[..])
                .execute(&mut *transaction)
                .await?;
        } else {
            sqlx::query(
                "INSERT INTO unanswered_closing SELECT DISTINCT task.run, execution.organization \
                 FROM task JOIN execution ON execution.task = task.id WHERE task.run = ?",
            )
            .bind(&run.as_bytes()[..])
            .execute(&mut *transaction)
            .await?;
            for delete in [
                "DELETE FROM frame WHERE receiver = ? \
                 AND task IN (SELECT id FROM task WHERE run = ?)",
                "DELETE FROM stream WHERE receiver = ? \
                 AND task IN (SELECT id FROM task WHERE run = ?)",
            ] {
                sqlx::query(delete)
                    .bind(i64::from(REQUESTER.0))
                    .bind(&run.as_bytes()[..])
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        let rows = sqlx::query("SELECT organization FROM unanswered_closing WHERE run = ?")
            .bind(&run.as_bytes()[..])
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let parties = rows.iter().map(|row| fingerprint(row.try_get(0)?));
        Ok(ClosedRun::Yes(parties.collect::<Result<_, _>>()?))
    }

    /// Returns the signed statement that a run is closed.
    pub(crate) async fn closing(&self, run: &RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT closing FROM run WHERE id = ?")
            .bind(&run.as_bytes()[..])
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|row| row.try_get::<Option<_>, _>(0)).transpose()?.flatten())
    }

    /// Lists the closed runs whose closing a party has not answered.
    pub(crate) async fn unanswered_closings(
        &self,
    ) -> Result<Vec<(RunId, CollaborationId, Fingerprint)>, StoreError> {
        let rows = sqlx::query(
            "SELECT run.id, run.collaboration, unanswered_closing.organization \
             FROM unanswered_closing JOIN run ON run.id = unanswered_closing.run",
        )
        .fetch_all(&self.read)
        .await?;
        let read = |row: &SqliteRow| {
            let collaboration = CollaborationId::from_bytes(id(row, 1)?);
            Ok((
                RunId::from_bytes(id(row, 0)?),
                collaboration,
                Fingerprint::from_bytes(id(row, 2)?),
            ))
        };
        rows.iter().map(read).collect()
    }
}

/// Keeps a statement that a manifest names.
pub(super) async fn name_statement(
    connection: &mut SqliteConnection,
    statement: &Statement,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO named_statement VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(&statement.hash()[..])
        .bind(statement.encode())
        .execute(connection)
        .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: RunId::from_bytes(id(row, 0)?),
        collaboration: CollaborationId::from_bytes(id(row, 1)?),
        requester: Fingerprint::from_bytes(id(row, 2)?),
        manifest: stored(row.try_get(3)?, "a run's manifest")?,
        closed: row.try_get(4)?,
        tasks: number(row, 5)?,
    })
}
