//! Messages between the parties of one task: the import `messaging` of `wit/messaging.wit`.
//!
//! A message has a receiver, a topic and a body: raw bytes, or a value in postcard's encoding. Of
//! one sender messages arrive in the order in which it sent them, none missing and none twice. An
//! algorithm whose steps must not depend on arrival names the sender whenever it receives.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::{decode, encode};
use crate::error::{Error, Result};
use crate::windows::ReceiveError;
use crate::{Seat, Task};

/// How another party's execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It returned a result.
    Finished,
    /// It returned an error, trapped, ran into a limit or was killed.
    Failed,
    /// Its node refused to take part.
    Refused,
    /// Its node did not come or went away, and is not waited for any longer.
    Lost,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Refused => "refused to take part",
            Self::Lost => "is lost",
        })
    }
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<T = Vec<u8>> {
    /// The party that sent it.
    pub sender: Seat,
    /// The topic that the sender gave.
    pub topic: String,
    /// What the sender gave.
    pub body: T,
}

impl Task {
    /// Sends a value to another party. Never waits for it.
    ///
    /// # Errors
    /// [`Error::NoSuchParty`], and then nothing was sent; [`Error::Encode`].
    pub fn send<T: Serialize + ?Sized>(&self, to: Seat, topic: &str, value: &T) -> Result<()> {
        self.send_bytes(to, topic, &encode(topic, value)?)
    }

    /// Sends bytes to another party. Never waits for it.
    ///
    /// # Errors
    /// [`Error::NoSuchParty`], and then nothing was sent.
    pub fn send_bytes(&self, to: Seat, topic: &str, body: &[u8]) -> Result<()> {
        self.windows
            .send_message(to.number(), topic, body)
            .map_err(|_| Error::NoSuchParty { seat: to })
    }

    /// Sends one value to every other party, in the order of their seats.
    ///
    /// # Errors
    /// [`Error::Encode`], and then nothing was sent.
    pub fn broadcast<T: Serialize + ?Sized>(&self, topic: &str, value: &T) -> Result<()> {
        let body = encode(topic, value)?;
        self.others().try_for_each(|seat| self.send_bytes(seat, topic, &body))
    }

    /// Waits for the next value of a topic from one party.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], [`Error::Malformed`], [`Error::NoSuchParty`].
    pub fn receive<T: DeserializeOwned>(&self, from: Seat, topic: &str) -> Result<T> {
        Ok(self.inbox().from(from).topic(topic).value()?.body)
    }

    /// Waits for one value of a topic from every other party, and returns them in the order of
    /// their seats.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], [`Error::Malformed`].
    pub fn gather<T: DeserializeOwned>(&self, topic: &str) -> Result<Vec<(Seat, T)>> {
        self.others().map(|seat| Ok((seat, self.receive(seat, topic)?))).collect()
    }

    /// Begins to receive: from any party, of any topic, without a timeout, until told otherwise.
    pub fn inbox(&self) -> Inbox<'_> {
        Inbox { task: self, sender: None, topic: None, timeout: None }
    }
}

/// Which message to wait for. See [`Task::inbox`].
#[derive(Debug, Clone, Copy)]
pub struct Inbox<'a> {
    task: &'a Task,
    sender: Option<Seat>,
    topic: Option<&'a str>,
    timeout: Option<Duration>,
}

impl<'a> Inbox<'a> {
    /// Waits for messages of this party only.
    pub fn from(mut self, sender: Seat) -> Self {
        self.sender = Some(sender);
        self
    }

    /// Waits for messages of this topic only.
    pub fn topic(mut self, topic: &'a str) -> Self {
        self.topic = Some(topic);
        self
    }

    /// Waits no longer than this, rounded up to milliseconds; zero looks without waiting.
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Waits for a message and removes it from the inbox.
    ///
    /// # Errors
    /// [`Error::TimedOut`], [`Error::PeerEnded`], [`Error::NoSuchParty`]; the inbox is then as it
    /// was.
    pub fn message(self) -> Result<Message> {
        let timeout_ms = self.timeout.map(|timeout| {
            u64::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
        });
        let message = self
            .task
            .windows
            .receive_message(self.sender.map(Seat::number), self.topic, timeout_ms)
            .map_err(|error| self.explain(error))?;
        Ok(Message { sender: Seat::new(message.sender), topic: message.topic, body: message.body })
    }

    /// Waits for a message, removes it from the inbox and decodes it.
    ///
    /// # Errors
    /// Those of [`Inbox::message`]; [`Error::Malformed`] if the body is not of this type or longer,
    /// and the message is then gone.
    pub fn value<T: DeserializeOwned>(self) -> Result<Message<T>> {
        let Message { sender, topic, body } = self.message()?;
        match decode(&body) {
            Ok(body) => Ok(Message { sender, topic, body }),
            Err(source) => Err(Error::Malformed { sender, topic, source }),
        }
    }

    fn explain(self, error: ReceiveError) -> Error {
        let (seat, topic) = (self.sender, self.topic.map(str::to_owned));
        match error {
            ReceiveError::NoSuchParty => {
                Error::NoSuchParty { seat: seat.unwrap_or(self.task.seat()) }
            }
            ReceiveError::TimedOut => {
                Error::TimedOut { seat, topic, timeout: self.timeout.unwrap_or_default() }
            }
            ReceiveError::PeerEnded(ending) => Error::PeerEnded { seat, topic, ending },
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
