//! What the mailbox needs of tasks: all of them when the server starts, and one when it is offered.

use anchorhold_identity::Fingerprint;
use anchorhold_model::layout::{REQUESTER, TaskManifest};
use anchorhold_model::link::{Offer, Stream};
use anchorhold_model::{CollaborationId, ExecutionState, TaskId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::commit::{FRAME_OVERHEAD, Position};
use super::tasks::state;
use super::{Store, StoreError, id, integer, number, seat, stored};

/// An offered task.
#[derive(Debug)]
pub(crate) struct LiveRow {
    pub(crate) id: TaskId,
    pub(crate) collaboration: CollaborationId,
    pub(crate) manifest: TaskManifest,
    pub(crate) killed: bool,
    pub(crate) offered: u64,
    pub(crate) ended: Option<u64>,
    /// In the order of the seats.
    pub(crate) executions: Vec<(Fingerprint, ExecutionState)>,
    /// The streams, and the bytes that each has in the database.
    pub(crate) streams: Vec<(Position, u64)>,
}

impl Store {
    /// Returns the offered tasks that have not ended, or not before a time.
    pub(crate) async fn live_tasks(&self, ended_after: u64) -> Result<Vec<LiveRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT task.id, collaboration, task.manifest, killed, offered, ended \
             FROM task JOIN run ON run.id = task.run \
             WHERE offered IS NOT NULL AND (ended IS NULL OR ended > ?)",
        )
        .bind(integer(ended_after))
        .fetch_all(&self.read)
        .await?;
        let mut tasks = Vec::new();
        for row in &rows {
            tasks.push(self.live(row).await?);
        }
        Ok(tasks)
    }

    /// Returns an offered task.
    pub(crate) async fn live_task(&self, task: &TaskId) -> Result<Option<LiveRow>, StoreError> {
        let row = sqlx::query(
            "SELECT task.id, collaboration, task.manifest, killed, offered, ended \
             FROM task JOIN run ON run.id = task.run WHERE offered IS NOT NULL AND task.id = ?",
        )
        .bind(&task.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        match row {
            Some(row) => Ok(Some(self.live(&row).await?)),
            None => Ok(None),
        }
    }

    async fn live(&self, row: &SqliteRow) -> Result<LiveRow, StoreError> {
        let task = TaskId::from_bytes(id(row, 0)?);
        let executions =
            sqlx::query("SELECT organization, state FROM execution WHERE task = ? ORDER BY seat")
                .bind(&task.as_bytes()[..])
                .fetch_all(&self.read)
                .await?;
        let streams = sqlx::query(
            "SELECT sender, receiver, next, taken, (SELECT coalesce(sum(length(bytes) + ?2), 0) \
             FROM frame WHERE frame.task = stream.task AND frame.sender = stream.sender \
             AND frame.receiver = stream.receiver) FROM stream WHERE task = ?1",
        )
        .bind(&task.as_bytes()[..])
        .bind(integer(FRAME_OVERHEAD))
        .fetch_all(&self.read)
        .await?;
        let execution =
            |row: &SqliteRow| Ok((Fingerprint::from_bytes(id(row, 0)?), state(row.try_get(1)?)?));
        let position = |row: &SqliteRow| {
            let stream = Stream { task, sender: seat(row, 0)?, receiver: seat(row, 1)? };
            let (next, taken) = (number(row, 2)?, number(row, 3)?);
            Ok((Position { stream, next, taken }, number(row, 4)?))
        };
        let ended: Option<i64> = row.try_get(5)?;
        Ok(LiveRow {
            id: task,
            collaboration: CollaborationId::from_bytes(id(row, 1)?),
            manifest: stored(row.try_get(2)?, "a task's manifest")?,
            killed: row.try_get(3)?,
            offered: number(row, 4)?,
            ended: ended.map(|_| number(row, 5)).transpose()?,
            executions: executions.iter().map(execution).collect::<Result<_, StoreError>>()?,
            streams: streams.iter().map(position).collect::<Result<_, StoreError>>()?,
        })
    }

    /// Returns a task as a node is offered it.
    pub(crate) async fn offer(&self, task: &TaskId) -> Result<Option<Offer>, StoreError> {
        let row = sqlx::query(
            "SELECT run.manifest, task.manifest FROM task JOIN run ON run.id = task.run \
             WHERE task.id = ?",
        )
        .bind(&task.as_bytes()[..])
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (run_manifest, task_manifest): (Vec<u8>, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let run: anchorhold_model::layout::RunManifest = stored(&run_manifest, "a run's manifest")?;
        let manifest: TaskManifest = stored(&task_manifest, "a task's manifest")?;
        // The requester may be a party as well.
        let mut hashes: Vec<_> = manifest.parties.iter().map(|party| party.statement).collect();
        hashes.extend([run.statement, manifest.requester]);
        hashes.sort_unstable();
        hashes.dedup();
        let mut statements = Vec::new();
        for hash in hashes {
            let row = sqlx::query("SELECT encoded FROM named_statement WHERE hash = ?")
                .bind(&hash[..])
                .fetch_one(&self.read)
                .await?;
            statements.push(row.try_get(0)?);
        }
        Ok(Some(Offer { task: *task, run_manifest, task_manifest, statements }))
    }

    /// Deletes what passed between the parties of tasks that ended up to a time.
    pub(crate) async fn forget_ended(&self, until: u64) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for delete in [
            "DELETE FROM frame WHERE receiver <> ? AND task IN \
             (SELECT id FROM task WHERE ended <= ?)",
            "DELETE FROM stream WHERE receiver <> ? AND task IN \
             (SELECT id FROM task WHERE ended <= ?)",
        ] {
            sqlx::query(delete)
                .bind(i64::from(REQUESTER.0))
                .bind(integer(until))
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}
