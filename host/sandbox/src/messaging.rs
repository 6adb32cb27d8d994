//! The window for messages: what a guest sends and receives, checked and counted here, and carried
//! by the host's [`Courier`].

use std::error::Error;
use std::time::Duration;

use anchorhold_model::{Fault, Limit, Message, PeerEnding, Seat, limits};
use async_trait::async_trait;

use crate::bindings::anchorhold::algorithm::messaging as wit;
use crate::state::State;
use crate::stop::Stop;

/// Carries the messages of one execution. It sees only what the window let pass: the receiver is
/// another party of the task, and sizes and numbers are within the limits.
#[async_trait]
pub trait Courier: Send {
    /// Takes over a message. It may wait for a disk and must not wait for the receiver.
    ///
    /// # Errors
    ///
    /// Where the message cannot be taken over; the execution then ends.
    async fn send(
        &mut self,
        receiver: Seat,
        topic: String,
        body: Vec<u8>,
    ) -> Result<(), CourierError>;

    /// Waits for the first message that matches, as the contract's `receive-message` says. A
    /// timeout of zero looks without waiting. Dropping the future loses no message.
    ///
    /// # Errors
    ///
    /// Where messages cannot be received any more; the execution then ends.
    async fn receive(
        &mut self,
        sender: Option<Seat>,
        topic: Option<&str>,
        timeout: Option<Duration>,
    ) -> Result<Received, CourierError>;
}

/// What came of waiting for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A message.
    Message(Message),
    /// The timeout passed.
    TimedOut,
    /// No matching message can come any more.
    PeerEnded(PeerEnding),
}

/// Why a courier gives up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CourierError {
    /// The execution ran into a limit that the courier keeps.
    #[error("limit reached: {0}")]
    Limit(Limit),
    /// The courier failed.
    #[error("messages cannot be carried")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// What an execution has sent and received so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) messages_sent: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) messages_received: u64,
    pub(crate) bytes_received: u64,
}

impl State {
    /// Checks a message against the limits and counts it.
    fn count_message(&mut self, topic: &str, body: &[u8]) -> Result<(), Stop> {
        let bytes = size(topic, body);
        let (max_message, max_messages, max_bytes) =
            (self.limits.message_bytes, self.limits.messages, self.limits.sent_bytes);
        let traffic = &mut self.windows()?.traffic;
        if topic.len() > limits::TOPIC_BYTES {
            return Err(Stop::Limit(Limit::TopicBytes));
        }
        if u64::try_from(body.len()).map_or(true, |length| length > max_message) {
            return Err(Stop::Limit(Limit::MessageBytes));
        }
        if traffic.messages_sent >= max_messages {
            return Err(Stop::Limit(Limit::Messages));
        }
        if bytes > max_bytes.saturating_sub(traffic.bytes_sent) {
            return Err(Stop::Limit(Limit::SentBytes));
        }
        traffic.messages_sent += 1;
        traffic.bytes_sent += bytes;
        Ok(())
    }
}

impl wit::Host for State {
    async fn send_message(
        &mut self,
        receiver: u32,
        topic: String,
        body: Vec<u8>,
    ) -> wasmtime::Result<Result<(), wit::SendError>> {
        let receiver = Seat(receiver);
        if !self.windows()?.task.has_peer(receiver) {
            return Ok(Err(wit::SendError::NoSuchParty));
        }
        self.count_message(&topic, &body)?;
        self.windows()?.courier.send(receiver, topic, body).await.map_err(stop)?;
        Ok(Ok(()))
    }

    async fn receive_message(
        &mut self,
        sender: Option<u32>,
        topic: Option<String>,
        timeout_ms: Option<u64>,
    ) -> wasmtime::Result<Result<wit::Message, wit::ReceiveError>> {
        let (sender, timeout) = (sender.map(Seat), timeout_ms.map(Duration::from_millis));
        let windows = self.windows()?;
        if sender.is_some_and(|sender| !windows.task.has_peer(sender)) {
            return Ok(Err(wit::ReceiveError::NoSuchParty));
        }
        if topic.as_ref().is_some_and(|topic| topic.len() > limits::TOPIC_BYTES) {
            return Err(Stop::Limit(Limit::TopicBytes).into());
        }
        let received = windows.courier.receive(sender, topic.as_deref(), timeout).await;
        match received.map_err(stop)? {
            Received::Message(Message { sender, topic, body }) => {
                windows.traffic.messages_received += 1;
                windows.traffic.bytes_received += size(&topic, &body);
                Ok(Ok(wit::Message { sender: sender.0, topic, body }))
            }
            Received::TimedOut => {
                self.clock.advance(timeout.unwrap_or_default());
                Ok(Err(wit::ReceiveError::TimedOut))
            }
            Received::PeerEnded(ending) => Ok(Err(wit::ReceiveError::PeerEnded(ending.into()))),
        }
    }
}

impl From<PeerEnding> for wit::Ending {
    fn from(ending: PeerEnding) -> Self {
        match ending {
            PeerEnding::Finished => Self::Finished,
            PeerEnding::Failed => Self::Failed,
            PeerEnding::Refused => Self::Refused,
            PeerEnding::Lost => Self::Lost,
        }
    }
}

fn stop(error: CourierError) -> Stop {
    match error {
        CourierError::Limit(limit) => Stop::Limit(limit),
        CourierError::Failed(cause) => {
            tracing::error!(cause, "messages cannot be carried");
            Stop::Fault(Fault::Messaging)
        }
    }
}

fn size(topic: &str, body: &[u8]) -> u64 {
    u64::try_from(topic.len().saturating_add(body.len())).unwrap_or(u64::MAX)
}
