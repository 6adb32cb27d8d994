//! The messages that came for one execution and were not yet received, and which of them the next
//! receive returns: the part of a courier that does not depend on how messages travel.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anchorhold_model::{Limit, Message, PeerEnding, Seat};
use tokio::sync::Notify;

use crate::messaging::{CourierError, Received};

/// The inbox of one execution. Clones share it: one side puts messages in, the other receives.
#[derive(Debug, Clone)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    contents: Mutex<Contents>,
    changed: Notify,
}

/// What a receive waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// From whom, or from anybody.
    pub sender: Option<Seat>,
    /// Of which topic, or of any.
    pub topic: Option<String>,
    /// Whether it gives up after a time.
    pub timeout: bool,
}

#[derive(Debug)]
struct Contents {
    messages: VecDeque<Message>,
    awaited: Option<Awaited>,
    endings: BTreeMap<Seat, Option<PeerEnding>>,
    bytes_left: u64,
    overflowed: bool,
    closed: bool,
}

impl Inbox {
    /// Makes an empty inbox for messages of the given peers, of at most `bytes` bytes at once.
    pub fn new(peers: impl IntoIterator<Item = Seat>, bytes: u64) -> Self {
        let contents = Contents {
            messages: VecDeque::new(),
            awaited: None,
            endings: peers.into_iter().map(|peer| (peer, None)).collect(),
            bytes_left: bytes,
            overflowed: false,
            closed: false,
        };
        Self(Arc::new(Shared { contents: Mutex::new(contents), changed: Notify::new() }))
    }

    /// Puts a message in. A message that does not fit is dropped and ends the execution at its
    /// next receive, since its sender's order would have a gap.
    pub fn put(&self, message: Message) {
        let mut contents = self.contents();
        if contents.closed {
            return;
        }
        match contents.bytes_left.checked_sub(size(&message)) {
            Some(left) if !contents.overflowed => {
                contents.bytes_left = left;
                contents.messages.push_back(message);
            }
            _ => contents.overflowed = true,
        }
        drop(contents);
        self.0.changed.notify_one();
    }

    /// Forgets the messages, and those that come: nobody receives any more.
    pub fn close(&self) {
        let mut contents = self.contents();
        contents.closed = true;
        contents.messages = VecDeque::new();
    }

    /// Notes that a peer has ended: nothing comes from it any more. The first ending counts.
    pub fn end(&self, peer: Seat, ending: PeerEnding) {
        if let Some(known) = self.contents().endings.get_mut(&peer) {
            known.get_or_insert(ending);
        }
        self.0.changed.notify_one();
    }

    /// Waits for the first message that matches, as the contract's `receive-message` says. One
    /// receive at a time. Dropping the future loses no message.
    ///
    /// # Errors
    ///
    /// Where more came than fits.
    pub async fn receive(
        &self,
        sender: Option<Seat>,
        topic: Option<&str>,
        timeout: Option<Duration>,
    ) -> Result<Received, CourierError> {
        let arrival = async {
            loop {
                if let Some(outcome) = self.contents().find(sender, topic) {
                    return outcome;
                }
                let topic = topic.map(str::to_owned);
                let awaited = Awaited { sender, topic, timeout: timeout.is_some() };
                self.contents().awaited = Some(awaited);
                self.0.changed.notified().await;
            }
        };
        let outcome = match timeout {
            None => arrival.await,
            Some(timeout) => {
                tokio::time::timeout(timeout, arrival).await.unwrap_or(Ok(Received::TimedOut))
            }
        };
        self.contents().awaited = None;
        outcome
    }

    /// Returns what a receive waits for that nothing which came so far answers.
    pub fn awaited(&self) -> Option<Awaited> {
        let contents = self.contents();
        let awaited = contents.awaited.clone()?;
        contents.answer(awaited.sender, awaited.topic.as_deref()).is_none().then_some(awaited)
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What answers a receive.
enum Answer {
    /// The message at this position.
    Message(usize),
    /// That a peer has ended.
    Ended(PeerEnding),
}

impl Contents {
    /// Takes out what a receive returns now, if it need not wait.
    fn find(
        &mut self,
        sender: Option<Seat>,
        topic: Option<&str>,
    ) -> Option<Result<Received, CourierError>> {
        if self.overflowed {
            return Some(Err(CourierError::Limit(Limit::InboxBytes)));
        }
        match self.answer(sender, topic)? {
            Answer::Ended(ending) => Some(Ok(Received::PeerEnded(ending))),
            Answer::Message(position) => {
                let message = self.messages.remove(position)?;
                self.bytes_left = self.bytes_left.saturating_add(size(&message));
                Some(Ok(Received::Message(message)))
            }
        }
    }

    /// Looks for what a receive returns now, if it need not wait.
    fn answer(&self, sender: Option<Seat>, topic: Option<&str>) -> Option<Answer> {
        let matches = |message: &Message| {
            sender.is_none_or(|sender| message.sender == sender)
                && topic.is_none_or(|topic| message.topic == topic)
        };
        let position = self.messages.iter().position(matches);
        position.map(Answer::Message).or_else(|| self.ending(sender).map(Answer::Ended))
    }

    /// Returns how the sender ended, or without one all peers: the first that did not finish.
    fn ending(&self, sender: Option<Seat>) -> Option<PeerEnding> {
        if let Some(sender) = sender {
            return self.endings.get(&sender).copied().flatten();
        }
        let endings: Option<Vec<_>> = self.endings.values().copied().collect();
        let failed = |ending: &PeerEnding| *ending != PeerEnding::Finished;
        Some(endings?.into_iter().find(failed).unwrap_or(PeerEnding::Finished))
    }
}

/// What a message takes beside its topic and body: its place in the queue and two allocations.
const OVERHEAD: usize = 256;

fn size(message: &Message) -> u64 {
    let text = message.topic.len().saturating_add(message.body.len());
    u64::try_from(text.saturating_add(OVERHEAD)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
