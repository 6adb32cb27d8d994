//! Tasks and their executions, as the calls show them.

use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::layout::{REQUESTER, TaskManifest};
use anchorhold_model::link::ParcelKind;
use anchorhold_model::{CollaborationId, ExecutionState, RunId, Seat, TaskId};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::runs::name_statement;
use super::{Store, StoreError, id, integer, number, seat, stored};

/// The most tasks that are listed.
const LISTED: i64 = 200;

/// What became of a new task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddedTask {
    /// It was added, or is there already.
    Yes,
    /// Its run is closed.
    Closed,
    /// It is not the next of its run, which has this ordinal.
    Ordinal(u64),
}

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct TaskRow {
    pub(crate) id: TaskId,
    pub(crate) collaboration: CollaborationId,
    pub(crate) requester: Fingerprint,
    pub(crate) manifest: TaskManifest,
    pub(crate) algorithm_name: String,
    pub(crate) killed: bool,
    /// Whether all arguments are there.
    pub(crate) offered: bool,
    pub(crate) ended: bool,
    pub(crate) executions: Vec<ExecutionRow>,
}

/// An execution.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionRow {
    pub(crate) seat: Seat,
    pub(crate) organization: Fingerprint,
    pub(crate) role: String,
    pub(crate) state: ExecutionState,
    pub(crate) kind: String,
    /// Whether its result is there.
    pub(crate) result: bool,
}

impl Store {
    /// Adds a task whose manifest was verified, with the requester's statement and those of the
    /// parties.
    pub(crate) async fn add_task(
        &self,
        task: &TaskId,
        manifest: &TaskManifest,
        signed: &[u8],
        statements: &[Statement],
    ) -> Result<AddedTask, StoreError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM task WHERE run = ?1), \
             EXISTS (SELECT 1 FROM task WHERE id = ?2), \
             EXISTS (SELECT 1 FROM run WHERE id = ?1 AND closing IS NOT NULL)",
        )
        .bind(&manifest.run.as_bytes()[..])
        .bind(&task.as_bytes()[..])
        .fetch_one(&mut *transaction)
        .await?;
        let next = number(&row, 0)?;
        if row.try_get(1)? {
            return Ok(AddedTask::Yes);
        }
        if row.try_get(2)? {
            return Ok(AddedTask::Closed);
        }
        if next != u64::from(manifest.ordinal) {
            return Ok(AddedTask::Ordinal(next));
        }
        for statement in statements {
            name_statement(&mut transaction, statement).await?;
        }
        sqlx::query(
            "INSERT INTO task (id, run, ordinal, digest, manifest, deadline) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&task.as_bytes()[..])
        .bind(&manifest.run.as_bytes()[..])
        .bind(i64::from(manifest.ordinal))
        .bind(&manifest.digest.as_bytes()[..])
        .bind(signed)
        .bind(integer(manifest.deadline))
        .execute(&mut *transaction)
        .await?;
        for (seat, party) in (0_i64..).zip(&manifest.parties) {
            sqlx::query(
                "INSERT INTO execution (task, seat, organization, role, statement) \
                 VALUES (?, ?, ?, ?, ?)",
            )
            .bind(&task.as_bytes()[..])
            .bind(seat)
            .bind(&party.organization[..])
            .bind(&party.role)
            .bind(&party.statement[..])
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(AddedTask::Yes)
    }

    /// Returns a task.
    pub(crate) async fn task(&self, task: &TaskId) -> Result<Option<TaskRow>, StoreError> {
        let row = sqlx::query(
            "SELECT task.id, run.collaboration, run.requester, task.manifest, algorithm.name, \
             task.killed, task.offered IS NOT NULL, task.ended IS NOT NULL \
             FROM task JOIN run ON run.id = task.run JOIN algorithm USING (digest) \
             WHERE task.id = ?",
        )
        .bind(&task.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        match row {
            Some(row) => Ok(Some(self.with_executions(&row).await?)),
            None => Ok(None),
        }
    }

    /// Lists the tasks of a run, or of all runs, of which an organization is the requester or a
    /// party, the newest first.
    pub(crate) async fn tasks(
        &self,
        run: Option<&RunId>,
        organization: &Fingerprint,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT task.id, run.collaboration, run.requester, task.manifest, algorithm.name, \
             task.killed, task.offered IS NOT NULL, task.ended IS NOT NULL \
             FROM task JOIN run ON run.id = task.run JOIN algorithm USING (digest) \
             WHERE (?1 IS NULL OR task.run = ?1) AND (run.requester = ?2 OR task.id IN \
             (SELECT task FROM execution WHERE organization = ?2)) \
             ORDER BY task.rowid DESC LIMIT ?3",
        )
        .bind(run.map(|run| run.as_bytes().to_vec()))
        .bind(&organization.as_bytes()[..])
        .bind(LISTED)
        .fetch_all(&self.read)
        .await?;
        let mut tasks = Vec::new();
        for row in &rows {
            tasks.push(self.with_executions(row).await?);
        }
        Ok(tasks)
    }

    async fn with_executions(&self, row: &SqliteRow) -> Result<TaskRow, StoreError> {
        let task = TaskId::from_bytes(id(row, 0)?);
        // The last frame of a stream of results is the last piece of the result.
        let rows = sqlx::query(
            "SELECT seat, organization, role, state, kind, \
             coalesce((SELECT frame.kind = ?2 AND piece + 1 = pieces FROM frame \
             WHERE frame.task = ?1 AND sender = seat AND receiver = ?3 \
             ORDER BY number DESC LIMIT 1), 0) FROM execution WHERE task = ?1 ORDER BY seat",
        )
        .bind(&task.as_bytes()[..])
        .bind(i64::from(ParcelKind::Result.byte()))
        .bind(i64::from(REQUESTER.0))
        .fetch_all(&self.read)
        .await?;
        Ok(TaskRow {
            id: task,
            collaboration: CollaborationId::from_bytes(id(row, 1)?),
            requester: Fingerprint::from_bytes(id(row, 2)?),
            manifest: stored(row.try_get(3)?, "a task's manifest")?,
            algorithm_name: row.try_get(4)?,
            killed: row.try_get(5)?,
            offered: row.try_get(6)?,
            ended: row.try_get(7)?,
            executions: rows.iter().map(execution).collect::<Result<_, _>>()?,
        })
    }

    /// Marks a task as killed; one that was not offered ends at once.
    pub(crate) async fn kill(&self, task: &TaskId, now: u64) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE task SET killed = 1 WHERE id = ? AND ended IS NULL")
            .bind(&task.as_bytes()[..])
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "UPDATE execution SET state = ? WHERE task IN \
             (SELECT id FROM task WHERE id = ? AND offered IS NULL AND ended IS NULL)",
        )
        .bind(ExecutionState::Failed.name())
        .bind(&task.as_bytes()[..])
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE task SET ended = ? WHERE id = ? AND offered IS NULL AND ended IS NULL")
            .bind(integer(now))
            .bind(&task.as_bytes()[..])
            .execute(&mut *transaction)
            .await?;
        for delete in [
            "DELETE FROM frame WHERE task IN (SELECT id FROM task WHERE id = ? AND offered IS NULL)",
            "DELETE FROM stream WHERE task IN (SELECT id FROM task WHERE id = ? AND offered IS NULL)",
        ] {
            sqlx::query(delete).bind(&task.as_bytes()[..]).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Ends the tasks that were never offered and whose deadline is before `late`.
    pub(crate) async fn end_unprepared(&self, late: u64, now: u64) -> Result<(), StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM task WHERE ended IS NULL AND deadline < ? AND offered IS NULL LIMIT 1",
        )
        .bind(integer(late))
        .fetch_optional(&self.read)
        .await?;
        if found.is_none() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE execution SET state = ? WHERE task IN \
             (SELECT id FROM task WHERE ended IS NULL AND deadline < ? AND offered IS NULL)",
        )
        .bind(ExecutionState::Lost.name())
        .bind(integer(late))
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE task SET ended = ? WHERE ended IS NULL AND deadline < ? AND offered IS NULL",
        )
        .bind(integer(now))
        .bind(integer(late))
        .execute(&mut *transaction)
        .await?;
        delete_unoffered(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// Deletes the arguments of tasks that ended before all were there.
async fn delete_unoffered(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for delete in [
        "DELETE FROM frame WHERE task IN \
         (SELECT id FROM task WHERE offered IS NULL AND ended IS NOT NULL)",
        "DELETE FROM stream WHERE task IN \
         (SELECT id FROM task WHERE offered IS NULL AND ended IS NOT NULL)",
    ] {
        sqlx::query(delete).execute(&mut *connection).await?;
    }
    Ok(())
}

fn execution(row: &SqliteRow) -> Result<ExecutionRow, StoreError> {
    Ok(ExecutionRow {
        seat: seat(row, 0)?,
        organization: Fingerprint::from_bytes(id(row, 1)?),
        role: row.try_get(2)?,
        state: state(row.try_get(3)?)?,
        kind: row.try_get(4)?,
        result: row.try_get(5)?,
    })
}

pub(super) fn state(name: &str) -> Result<ExecutionState, StoreError> {
    name.parse().map_err(|()| StoreError::Damaged("a state"))
}
