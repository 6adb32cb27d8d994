//! The link: the WebSocket connection between a node and the server, over which everything flows.
//!
//! It begins as a request like all others, so that proxy, TLS and certificates are the same, and is
//! then upgraded (RFC 6455). Each message is a binary one.

use std::time::Duration;

use anchorhold_model::layout::Malformed;
use anchorhold_model::link::{ToNode, ToServer};
use anchorhold_model::{CollaborationId, limits, printable};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::header::{
    CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{Method, StatusCode, Upgraded};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::client::{CONNECT_TIME, Client};
use crate::error::ClientError;

/// How long nothing may be heard: the server sends a ping every ten seconds.
const SILENCE: Duration = Duration::from_secs(30);
/// How long the goodbye may take.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// The code with which the server closes the link of a node whose place another one took.
const FENCED: u16 = 4001;
/// How much of a reason is told.
const REASON_CHARACTERS: usize = 200;

/// Why a link ended, or never began.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The server is away, or refuses.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Another node of the organization took over.
    #[error("another node of this organization took over")]
    Fenced,
    /// The server closed the link and said why, where there is a reason.
    #[error("the server closed the link: {0}")]
    Closed(String),
    /// The connection broke, or nothing was heard for half a minute.
    #[error("the link is gone")]
    Gone,
    /// The server said what no server says.
    #[error("the server's message is not taken: {0}")]
    Malformed(String),
}

impl From<Malformed> for LinkError {
    fn from(error: Malformed) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Makes links.
#[derive(Debug)]
pub struct Link;

/// The half of a link that says something to the server. What it says waits for the connection, and
/// never for the other half.
#[derive(Debug)]
pub struct LinkSender(SplitSink<Socket, Message>);

/// The half of a link that hears the server. While it listens it also answers pings.
#[derive(Debug)]
pub struct LinkReceiver {
    socket: SplitStream<Socket>,
    /// When something was heard last.
    heard: Instant,
}

type Socket = WebSocketStream<Upgraded>;

impl Link {
    /// Links the node that `client` is signed in as to the server, for one collaboration.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn connect(
        client: &Client,
        collaboration: &CollaborationId,
    ) -> Result<(LinkSender, LinkReceiver), LinkError> {
        let key = generate_key();
        let request = client
            .request(Method::GET, &format!("/v1/link?collaboration={collaboration}"))
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &key);
        let response = request.send().await.map_err(|source| client.unreachable(source))?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(client.refusal(response).await.into());
        }
        if !accepts(response.headers(), &key) {
            let problem = "it switches to something else than the WebSocket asked for";
            return Err(client.not_a_server(problem.into()).into());
        }
        let upgraded = timeout(CONNECT_TIME, response.upgrade()).await;
        let upgraded = upgraded.map_err(|_| LinkError::Gone)?;
        let upgraded = upgraded.map_err(|source| client.unreachable(source))?;
        let config = WebSocketConfig::default()
            // Answers to pings wait there for a server that does not read.
            .max_write_buffer_size(2 * limits::LINK_MESSAGE_BYTES)
            .max_message_size(Some(limits::LINK_MESSAGE_BYTES))
            .max_frame_size(Some(limits::LINK_MESSAGE_BYTES));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        let (sink, socket) = socket.split();
        Ok((LinkSender(sink), LinkReceiver { socket, heard: Instant::now() }))
    }
}

impl LinkSender {
    /// Says something, and waits until it is on its way. Where that is cancelled it may be said or
    /// not: then only a new link is sure.
    ///
    /// # Errors
    ///
    /// Where the link ended; why, the [`LinkReceiver`] knows better.
    pub async fn send(&mut self, message: &ToServer) -> Result<(), LinkError> {
        self.0.send(Message::binary(message.encode())).await.map_err(LinkError::from)
    }

    /// Says goodbye, so that the server does not take the node for lost but for stopped.
    pub async fn close(mut self) {
        // Whoever does not hear it notices that the connection ends.
        let _ = timeout(CLOSE_TIME, self.0.close()).await;
    }
}

impl LinkReceiver {
    /// Returns what the server says next. It may be cancelled: nothing is lost.
    ///
    /// # Errors
    ///
    /// Where the link ended. Then it has ended for good.
    pub async fn next(&mut self) -> Result<ToNode, LinkError> {
        loop {
            let message = timeout_at(self.heard + SILENCE, self.socket.next()).await;
            let message = message.map_err(|_| LinkError::Gone)?.ok_or(LinkError::Gone)??;
            self.heard = Instant::now();
            match message {
                Message::Binary(bytes) => return Ok(ToNode::decode(&bytes)?),
                // The answer to a ping goes out with the next turn.
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(frame) => return Err(closed(frame)),
                Message::Text(_) | Message::Frame(_) => {
                    return Err(LinkError::Malformed("it is a text".into()));
                }
            }
        }
    }
}

/// Says whether the server switches to the WebSocket that was asked for under a key.
fn accepts(headers: &HeaderMap, key: &str) -> bool {
    let says = |name, expected: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.eq_ignore_ascii_case(expected))
    };
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map(|value| value.as_bytes());
    says(UPGRADE, "websocket") && accept == Some(derive_accept_key(key.as_bytes()).as_bytes())
}

fn closed(frame: Option<CloseFrame>) -> LinkError {
    match frame {
        Some(frame) if u16::from(frame.code) == FENCED => LinkError::Fenced,
        Some(frame) if !frame.reason.is_empty() => LinkError::Closed(shown(frame.reason.as_str())),
        _ => LinkError::Closed("it gives no reason".into()),
    }
}

fn shown(text: &str) -> String {
    printable(&text.chars().take(REASON_CHARACTERS).collect::<String>())
}

impl From<tungstenite::Error> for LinkError {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::error::ProtocolError;
        match error {
            tungstenite::Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
            )
            | tungstenite::Error::ConnectionClosed
            | tungstenite::Error::AlreadyClosed
            | tungstenite::Error::Io(_) => Self::Gone,
            other => Self::Malformed(shown(&other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests;
