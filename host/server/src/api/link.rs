//! A node's link: one WebSocket, a message of [`anchorhold_model::link`] in each binary message.
//!
//! One task reads, writes and ends it. The reader waits for room and for the node's own writer, the
//! writer for the node's socket; neither waits for another link.

use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::link::{ToNode, ToServer};
use anchorhold_model::{CollaborationId, limits};
use axum::body::Bytes;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::collaborations::{self, check_joined};
use super::{Caller, Connection, Shared, State};
use crate::access::Action;
use crate::error::ApiError;
use crate::mailbox::{Answer, Linked, Place, Pulled, Wrong};

/// How often the node is asked whether it is there, and how long it may say nothing.
const PING_TIME: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);
/// How long the node may take to say what it has.
const RESUME_TIME: Duration = Duration::from_secs(10);
/// How long one message may take to be sent: an offer of 4 MiB over a slow line.
const SEND_TIME: Duration = Duration::from_secs(60);
/// How long the end of a link may take: less than the server has when it stops.
const END_TIME: Duration = Duration::from_secs(2);
/// How many answers wait for the writer; then the reader waits.
const ANSWERS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Of {
    collaboration: CollaborationId,
}

pub(super) async fn link(
    shared: State,
    caller: Caller,
    of: Result<Query<Of>, QueryRejection>,
    connection: Connection,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let Query(Of { collaboration }) = of?;
    let row = collaborations::find(&shared, &collaboration).await?;
    let organization = caller.acts(Action::Link(&row.value))?;
    check_joined(&row, &organization)?;
    let upgrade = upgrade
        .map_err(|rejection| ApiError::bad("no-websocket", rejection.body_text()))?
        // Answers to pings wait there for a node that does not read.
        .max_write_buffer_size(2 * limits::LINK_MESSAGE_BYTES)
        .max_message_size(limits::LINK_MESSAGE_BYTES)
        .max_frame_size(limits::LINK_MESSAGE_BYTES);
    let shared = shared.0.clone();
    let place = Place { collaboration, organization };
    Ok(upgrade.on_upgrade(move |socket| serve(socket, shared, place, connection)))
}

/// Why a link ends.
#[derive(Debug)]
enum End {
    /// The node is gone, or does not read.
    Gone,
    /// It sent what it may not.
    Wrong(&'static str),
    /// Another link took over.
    Fenced,
    /// The server stops.
    Stopping,
    /// The server failed.
    Fault,
}

impl From<Wrong> for End {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Message(why) => Self::Wrong(why),
            Wrong::Fenced => Self::Fenced,
        }
    }
}

/// Serves a link to its end. The connection keeps its place among the server's connections.
async fn serve(socket: WebSocket, shared: Arc<Shared>, place: Place, _connection: Connection) {
    let (mut sink, mut stream) = socket.split();
    let mut stop = shared.stop.clone();
    let (linked, fenced) = shared.mailbox.link(place);
    let (answers, answered) = mpsc::channel(ANSWERS);
    let end = tokio::select! {
        end = read(&linked, &mut stream, answers) => end,
        end = write(&linked, &mut sink, answered) => end,
        _ = fenced => End::Fenced,
        // That the server is gone is the same.
        _ = stop.wait_for(|stop| *stop) => End::Stopping,
    };
    drop(linked);
    tracing::debug!(?end, collaboration = %place.collaboration, "a link ended");
    let (code, reason) = match end {
        End::Gone => return,
        End::Wrong(why) => (1008, why),
        End::Fenced => (4001, "another node of this organization took over"),
        End::Stopping => (1001, "the server stops"),
        End::Fault => (1011, "the server failed"),
    };
    let close = async {
        let frame = CloseFrame { code, reason: reason.into() };
        if sink.send(Message::Close(Some(frame))).await.is_ok() {
            // Ending while the node still sends could make it lose the reason.
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _ = timeout(END_TIME, close).await;
}

async fn read(
    linked: &Linked,
    stream: &mut SplitStream<WebSocket>,
    answers: mpsc::Sender<ToNode>,
) -> End {
    match read_all(linked, stream, answers).await {
        Ok(never) => match never {},
        Err(end) => end,
    }
}

async fn read_all(
    linked: &Linked,
    stream: &mut SplitStream<WebSocket>,
    answers: mpsc::Sender<ToNode>,
) -> Result<std::convert::Infallible, End> {
    let first = timeout(RESUME_TIME, next(stream)).await;
    match first.map_err(|_| End::Wrong("the link was not begun in time"))?? {
        ToServer::Resume(streams) => linked.resume(&streams)?,
        _ => return Err(End::Wrong("the first message is not the one that begins a link")),
    }
    loop {
        let answer = match next(stream).await? {
            ToServer::Resume(streams) => {
                linked.resume(&streams)?;
                Answer::None
            }
            ToServer::Frame(frame) => {
                let room = linked.room(&frame).await;
                linked.frame(frame, room)?
            }
            ToServer::Received(stream, next) => {
                linked.received(&stream, next)?;
                Answer::None
            }
            ToServer::State(task, state, kind) => linked.state(task, state, kind)?,
            ToServer::Progress(task, report) => {
                linked.progress(&task, report)?;
                Answer::None
            }
            ToServer::RunClosed(run) => {
                linked.run_closed(run)?;
                Answer::None
            }
        };
        let messages = match answer {
            Answer::None => vec![],
            Answer::Stored(stream, next) => vec![ToNode::Stored(stream, next)],
            Answer::StoredAndKill(stream, next) => {
                vec![ToNode::Stored(stream, next), ToNode::Kill(stream.task)]
            }
            Answer::Kill(task) => vec![ToNode::Kill(task)],
        };
        for message in messages {
            answers.send(message).await.map_err(|_| End::Gone)?;
        }
    }
}

/// Reads the next message; what keeps a WebSocket alive is heard and left out.
async fn next(stream: &mut SplitStream<WebSocket>) -> Result<ToServer, End> {
    loop {
        let message = timeout(SILENCE, stream.next()).await.map_err(|_| End::Gone)?;
        match message.ok_or(End::Gone)? {
            Ok(Message::Binary(bytes)) => {
                return ToServer::decode(&bytes)
                    .map_err(|_| End::Wrong("the message is not one of a node"));
            }
            Ok(Message::Text(_)) => return Err(End::Wrong("a message is binary")),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(_)) => return Err(End::Gone),
            Err(_) => return Err(End::Wrong("the message is too large, or no WebSocket's")),
        }
    }
}

async fn write(
    linked: &Linked,
    sink: &mut SplitSink<WebSocket, Message>,
    mut answered: mpsc::Receiver<ToNode>,
) -> End {
    let mut pinged = Instant::now();
    loop {
        while let Ok(answer) = answered.try_recv() {
            if !send(sink, binary(&answer)).await {
                return End::Gone;
            }
        }
        if pinged.elapsed() >= PING_TIME {
            pinged = Instant::now();
            if !send(sink, Message::Ping(Bytes::new())).await {
                return End::Gone;
            }
        }
        let message = match linked.pull() {
            Pulled::Message(message) => Some(message),
            Pulled::Frame(frame) => Some(ToNode::Frame(Arc::unwrap_or_clone(frame))),
            Pulled::Fetch(what) => match linked.fetch(what).await {
                Ok(message) => message,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "what a node is to be sent was not found");
                    return End::Fault;
                }
            },
            Pulled::Fenced => return End::Fenced,
            Pulled::Nothing => tokio::select! {
                () = linked.wait() => None,
                answer = answered.recv() => answer,
                () = sleep_until(pinged + PING_TIME) => None,
            },
        };
        if let Some(message) = message
            && !send(sink, binary(&message)).await
        {
            return End::Gone;
        }
    }
}

fn binary(message: &ToNode) -> Message {
    Message::Binary(message.encode().into())
}

/// Sends a message; says whether the node takes it.
async fn send(sink: &mut SplitSink<WebSocket, Message>, message: Message) -> bool {
    matches!(timeout(SEND_TIME, sink.send(message)).await, Ok(Ok(())))
}
