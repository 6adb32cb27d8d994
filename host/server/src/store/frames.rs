//! Sealed pieces of parcels: arguments that come, frames that wait, results that are fetched.

use anchorhold_model::layout::REQUESTER;
use anchorhold_model::link::{Frame, ParcelKind, Stream};
use anchorhold_model::{Seat, TaskId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::commit::insert_frame;
use super::{Store, StoreError, integer, number};

/// What became of a party's sealed arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// They are there, or were before; others are missing.
    Stored,
    /// They are there, and were the last: the task is offered.
    Offered,
    /// The task has no such seat.
    NoSeat,
    /// Others are there.
    Other,
    /// The task is not being prepared.
    NotPreparing,
}

/// Where the parts of a result are in its stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResultParts {
    /// The numbers of the grant's frames, and its bytes.
    pub(crate) grant: (Vec<u64>, usize),
    /// The numbers of the envelope's frames, and its bytes.
    pub(crate) envelope: (Vec<u64>, usize),
}

impl Store {
    /// Keeps a party's sealed arguments, as frames in the order of their numbers, while its task
    /// is being prepared. The last ones offer the task.
    pub(crate) async fn put_arguments(
        &self,
        (task, seat): (&TaskId, Seat),
        hash: &[u8; 32],
        frames: &[Frame],
        now: u64,
    ) -> Result<Arguments, StoreError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "SELECT arguments, offered IS NULL AND ended IS NULL FROM execution \
             JOIN task ON task.id = execution.task WHERE task = ? AND seat = ?",
        )
        .bind(&task.as_bytes()[..])
        .bind(i64::from(seat.0))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(Arguments::NoSeat) };
        match row.try_get::<Option<&[u8]>, _>(0)? {
            Some(there) if there == hash => return Ok(Arguments::Stored),
            Some(_) => return Ok(Arguments::Other),
            None if !row.try_get::<bool, _>(1)? => return Ok(Arguments::NotPreparing),
            None => {}
        }
        sqlx::query("UPDATE execution SET arguments = ? WHERE task = ? AND seat = ?")
            .bind(&hash[..])
            .bind(&task.as_bytes()[..])
            .bind(i64::from(seat.0))
            .execute(&mut *transaction)
            .await?;
        let next = frames.last().map_or(0, |frame| frame.number.saturating_add(1));
        sqlx::query("INSERT INTO stream VALUES (?, ?, ?, ?, 0)")
            .bind(&task.as_bytes()[..])
            .bind(i64::from(REQUESTER.0))
            .bind(i64::from(seat.0))
            .bind(integer(next))
            .execute(&mut *transaction)
            .await?;
        for frame in frames {
            insert_frame(&mut transaction, frame).await?;
        }
        let offered = offer_where_complete(&mut transaction, task, now).await?;
        transaction.commit().await?;
        Ok(if offered { Arguments::Offered } else { Arguments::Stored })
    }

    /// Returns the first frame of a stream from one number and below another.
    pub(crate) async fn frame(
        &self,
        stream: &Stream,
        (from, below): (u64, u64),
    ) -> Result<Option<Frame>, StoreError> {
        let row = sqlx::query(
            "SELECT number, kind, sequence, piece, pieces, bytes FROM frame WHERE task = ? \
             AND sender = ? AND receiver = ? AND number >= ? AND number < ? \
             ORDER BY number LIMIT 1",
        )
        .bind(&stream.task.as_bytes()[..])
        .bind(i64::from(stream.sender.0))
        .bind(i64::from(stream.receiver.0))
        .bind(integer(from))
        .bind(integer(below))
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let piece = |column| {
            let piece = u32::try_from(number(&row, column)?);
            piece.map_err(|_| StoreError::Damaged("a piece"))
        };
        Ok(Some(Frame {
            stream: *stream,
            number: number(&row, 0)?,
            kind: kind(number(&row, 1)?)?,
            sequence: number(&row, 2)?,
            index: piece(3)?,
            count: piece(4)?,
            bytes: row.try_get(5)?,
        }))
    }

    /// Finds the parts of a party's result, where all of it is there: a grant, and the envelope.
    pub(crate) async fn result(
        &self,
        task: &TaskId,
        sender: Seat,
    ) -> Result<Option<ResultParts>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, kind, piece, pieces, length(bytes) FROM frame \
             WHERE task = ? AND sender = ? AND receiver = ? ORDER BY number",
        )
        .bind(&task.as_bytes()[..])
        .bind(i64::from(sender.0))
        .bind(i64::from(REQUESTER.0))
        .fetch_all(&self.read)
        .await?;
        let mut parts = ResultParts::default();
        let (mut granted, mut complete) = (false, false);
        for row in &rows {
            // What a node may send otherwise is no result.
            let (part, done) = match kind(number(row, 1)?)? {
                ParcelKind::Grant if !granted => (&mut parts.grant, &mut granted),
                ParcelKind::Result if granted && !complete => (&mut parts.envelope, &mut complete),
                _ => return Ok(None),
            };
            let (piece, pieces) = (number(row, 2)?, number(row, 3)?);
            if u64::try_from(part.0.len()) != Ok(piece) {
                return Ok(None);
            }
            part.0.push(number(row, 0)?);
            let bytes = usize::try_from(number(row, 4)?).unwrap_or(usize::MAX);
            part.1 = part.1.saturating_add(bytes);
            *done = piece.saturating_add(1) == pieces;
        }
        Ok(complete.then_some(parts))
    }
}

/// Offers a task where no arguments are missing.
async fn offer_where_complete(
    connection: &mut SqliteConnection,
    task: &TaskId,
    now: u64,
) -> Result<bool, StoreError> {
    let offered = sqlx::query(
        "UPDATE task SET offered = ?1 WHERE id = ?2 AND offered IS NULL AND NOT EXISTS \
         (SELECT 1 FROM execution WHERE task = ?2 AND arguments IS NULL)",
    )
    .bind(integer(now))
    .bind(&task.as_bytes()[..])
    .execute(connection)
    .await?;
    Ok(offered.rows_affected() > 0)
}

fn kind(byte: u64) -> Result<ParcelKind, StoreError> {
    let kind = u8::try_from(byte).ok().and_then(ParcelKind::from_byte);
    kind.ok_or(StoreError::Damaged("a kind of parcel"))
}
