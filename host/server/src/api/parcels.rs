//! Sealed arguments that the requester puts, and sealed reports of progress and results that it
//! fetches. The server sees their sizes.

use anchorhold_model::layout::{Decoder, Encoder, REQUESTER};
use anchorhold_model::link::{Frame, ParcelKind, Stream};
use anchorhold_model::{Digest, Seat, limits};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Caller, Octets, State, octets, parse, tasks, to_the_end};
use crate::access::Action;
use crate::error::ApiError;
use crate::store::{Arguments, ResultParts, StoreError};

/// The largest sealed arguments with their grant: twice the arguments, which leaves room for
/// padding.
pub(super) const ARGUMENTS_BYTES: usize = 2 * limits::ARGUMENT_BYTES;

pub(super) async fn put_arguments(
    shared: State,
    Path((task, seat)): Path<(String, String)>,
    caller: Caller,
    Octets(bytes): Octets,
) -> Result<StatusCode, ApiError> {
    let row = tasks::find(&shared, &parse(&task)?).await?;
    caller.may(Action::Request(row.requester))?;
    let seat = parse_seat(&seat)?;
    let hash = *Digest::of(&bytes).as_bytes();
    let frames = frames(Stream { task: row.id, sender: REQUESTER, receiver: seat }, &bytes)?;
    let shared = shared.0.clone();
    to_the_end(async move {
        let put =
            shared.store.put_arguments((&row.id, seat), &hash, &frames, (shared.clock)()).await?;
        match put {
            Arguments::Offered => shared.mailbox.offer(&row.id).await?,
            Arguments::Stored => {}
            Arguments::NoSeat => {
                return Err(ApiError::not_found(format!("the task has no seat {seat}")));
            }
            Arguments::Other => {
                let text = format!("seat {seat} has other arguments");
                return Err(ApiError::conflict("other-arguments", text));
            }
            Arguments::NotPreparing => {
                return Err(ApiError::conflict("not-preparing", "the task has ended"));
            }
        }
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn fetch_progress(
    shared: State,
    Path(task): Path<String>,
    caller: Caller,
) -> Result<Vec<u8>, ApiError> {
    let row = tasks::find(&shared, &parse(&task)?).await?;
    caller.may(Action::Request(row.requester))?;
    Ok(shared.mailbox.newest_reports(&row.id))
}

pub(super) async fn fetch_result(
    shared: State,
    Path((task, seat)): Path<(String, String)>,
    caller: Caller,
) -> Result<Response, ApiError> {
    let row = tasks::find(&shared, &parse(&task)?).await?;
    caller.may(Action::Request(row.requester))?;
    let sender = parse_seat(&seat)?;
    let none = || ApiError::missing("no-result", format!("seat {sender} has no result here"));
    let ResultParts { grant, envelope } =
        shared.store.result(&row.id, sender).await?.ok_or_else(none)?;
    let from = Stream { task: row.id, sender, receiver: REQUESTER };
    let part = |(numbers, bytes): (Vec<u64>, usize)| {
        let store = shared.store.clone();
        let pieces = stream::iter(numbers).then(move |number| {
            let store = store.clone();
            async move {
                let frame = store.frame(&from, (number, number.saturating_add(1))).await?;
                // The run may have been closed meanwhile, which deletes it.
                frame.map(|frame| frame.bytes).ok_or(StoreError::Damaged("a result"))
            }
        });
        let length = u32::try_from(bytes).map_err(|_| ApiError::fault())?;
        let mut head = Encoder::default();
        head.u32(length);
        let head = stream::once(async move { Ok(head.finish()) });
        Ok::<_, ApiError>((u64::from(length) + 4, head.chain(pieces)))
    };
    let ((grant_bytes, grant), (bytes, envelope)) = (part(grant)?, part(envelope)?);
    Ok(octets(grant_bytes + bytes, grant.chain(envelope).into_stream()))
}

fn parse_seat(text: &str) -> Result<Seat, ApiError> {
    text.parse().map(Seat).map_err(|_| ApiError::malformed("the path's seat is no number"))
}

/// Cuts a grant and an envelope into frames.
fn frames(stream: Stream, bytes: &[u8]) -> Result<Vec<Frame>, ApiError> {
    let mut decoder = Decoder::new("arguments", bytes);
    let grant = decoder.bytes(limits::FRAME_BYTES).map_err(ApiError::malformed)?;
    let envelope = decoder.bytes(ARGUMENTS_BYTES).map_err(ApiError::malformed)?;
    decoder.finish().map_err(ApiError::malformed)?;
    if grant.is_empty() || envelope.is_empty() {
        return Err(ApiError::malformed("the arguments have no grant or no envelope"));
    }
    let pieces = envelope.chunks(limits::FRAME_BYTES);
    let count = u32::try_from(pieces.len()).map_err(ApiError::malformed)?;
    let frame = |number: u64, kind, index, count, bytes: &[u8]| Frame {
        stream,
        number,
        kind,
        sequence: 0,
        index,
        count,
        bytes: bytes.to_vec(),
    };
    let pieces = (1..)
        .zip(0..)
        .zip(pieces)
        .map(|((number, index), piece)| frame(number, ParcelKind::Arguments, index, count, piece));
    Ok([frame(0, ParcelKind::Grant, 0, 1, grant)].into_iter().chain(pieces).collect())
}
