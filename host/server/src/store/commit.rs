//! What the mailbox commits in groups.

use std::sync::Arc;

use anchorhold_identity::Fingerprint;
use anchorhold_model::layout::REQUESTER;
use anchorhold_model::link::{Frame, Stream};
use anchorhold_model::{ExecutionState, RunId, Seat, TaskId};
use sqlx::sqlite::SqliteConnection;

use super::{Store, StoreError, integer, number};

/// What a frame counts beside its bytes, so that many small ones count.
pub(crate) const FRAME_OVERHEAD: u64 = 256;

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) stream: Stream,
    /// The number of the frame that comes next.
    pub(crate) next: u64,
    /// The number of the first frame that the receiver has not taken.
    pub(crate) taken: u64,
}

/// How many bytes a stream has no more in the database.
pub(crate) type Freed = (Stream, u64);

/// What is committed at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) positions: Vec<Position>,
    pub(crate) frames: Vec<Arc<Frame>>,
    pub(crate) changes: Vec<Change>,
}

/// A change beside the streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// An execution is in another state; a kind that is not empty is kept with it.
    Execution { task: TaskId, seat: Seat, state: ExecutionState, kind: String },
    /// All executions of a task have ended.
    Ended { task: TaskId, at: u64 },
    /// A task was killed by the server, for a reason that its open executions carry.
    Killed { task: TaskId, kind: &'static str },
    /// What passed between the parties of an ended task is deleted.
    Forgotten { task: TaskId },
    /// A party's node has closed a run.
    RunClosed { run: RunId, organization: Fingerprint },
}

impl Store {
    /// Commits a batch, and says how much the database holds less.
    pub(crate) async fn commit(&self, batch: &Batch) -> Result<Vec<Freed>, StoreError> {
        let mut transaction = self.begin().await?;
        let mut freed = Vec::new();
        for Position { stream, next, taken } in &batch.positions {
            sqlx::query(
                "INSERT INTO stream VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT DO UPDATE SET next = ?4, taken = ?5",
            )
            .bind(&stream.task.as_bytes()[..])
            .bind(i64::from(stream.sender.0))
            .bind(i64::from(stream.receiver.0))
            .bind(integer(*next))
            .bind(integer(*taken))
            .execute(&mut *transaction)
            .await?;
            let bytes = delete_taken(&mut transaction, stream, *taken).await?;
            if bytes > 0 {
                freed.push((*stream, bytes));
            }
        }
        for frame in &batch.frames {
            insert_frame(&mut transaction, frame).await?;
        }
        for change in &batch.changes {
            apply(&mut transaction, change).await?;
        }
        transaction.commit().await?;
        Ok(freed)
    }
}

async fn delete_taken(
    connection: &mut SqliteConnection,
    stream: &Stream,
    taken: u64,
) -> Result<u64, StoreError> {
    let rows = sqlx::query(
        "DELETE FROM frame WHERE task = ? AND sender = ? AND receiver = ? AND number < ? \
         RETURNING length(bytes) + ?",
    )
    .bind(&stream.task.as_bytes()[..])
    .bind(i64::from(stream.sender.0))
    .bind(i64::from(stream.receiver.0))
    .bind(integer(taken))
    .bind(integer(FRAME_OVERHEAD))
    .fetch_all(connection)
    .await?;
    rows.iter().try_fold(0_u64, |sum, row| Ok(sum.saturating_add(number(row, 0)?)))
}

pub(super) async fn insert_frame(
    connection: &mut SqliteConnection,
    frame: &Frame,
) -> Result<(), StoreError> {
    let Frame { stream, number, kind, sequence, index, count, bytes } = frame;
    sqlx::query("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(&stream.task.as_bytes()[..])
        .bind(i64::from(stream.sender.0))
        .bind(i64::from(stream.receiver.0))
        .bind(integer(*number))
        .bind(i64::from(kind.byte()))
        .bind(integer(*sequence))
        .bind(i64::from(*index))
        .bind(i64::from(*count))
        .bind(&bytes[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn apply(connection: &mut SqliteConnection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Execution { task, seat, state, kind } => {
            sqlx::query(
                "UPDATE execution SET state = ?1, kind = CASE ?2 WHEN '' THEN kind ELSE ?2 END \
                 WHERE task = ?3 AND seat = ?4",
            )
            .bind(state.name())
            .bind(kind)
            .bind(&task.as_bytes()[..])
            .bind(i64::from(seat.0))
            .execute(connection)
            .await?;
        }
        Change::Ended { task, at } => {
            sqlx::query("UPDATE task SET ended = ? WHERE id = ?")
                .bind(integer(*at))
                .bind(&task.as_bytes()[..])
                .execute(connection)
                .await?;
        }
        Change::Killed { task, kind } => {
            sqlx::query("UPDATE task SET killed = 1 WHERE id = ?")
                .bind(&task.as_bytes()[..])
                .execute(&mut *connection)
                .await?;
            sqlx::query("UPDATE execution SET kind = ? WHERE task = ? AND state IN (?, ?)")
                .bind(kind)
                .bind(&task.as_bytes()[..])
                .bind(ExecutionState::Offered.name())
                .bind(ExecutionState::Running.name())
                .execute(connection)
                .await?;
        }
        Change::Forgotten { task } => {
            for delete in [
                "DELETE FROM frame WHERE task = ? AND receiver <> ?",
                "DELETE FROM stream WHERE task = ? AND receiver <> ?",
            ] {
                sqlx::query(delete)
                    .bind(&task.as_bytes()[..])
                    .bind(i64::from(REQUESTER.0))
                    .execute(&mut *connection)
                    .await?;
            }
        }
        Change::RunClosed { run, organization } => {
            sqlx::query("DELETE FROM unanswered_closing WHERE run = ? AND organization = ?")
                .bind(&run.as_bytes()[..])
                .bind(&organization.as_bytes()[..])
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}
