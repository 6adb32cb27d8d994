//! A channel: the envelopes of one sender to one receiver in one task.

use std::fmt;
use std::io::{Read, Seek, Write};

use anchorhold_identity::{OrganizationKey, Statement};
use anchorhold_model::layout::{Content, Header};
use anchorhold_model::{Seat, TaskId};

use crate::envelope::{self, Opened, SealError, Sealed};
use crate::schedule::{self, Key};
use crate::{NotOpened, grant};

/// A party at its seat, with the key statement that the task's manifest names.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The seat.
    pub seat: Seat,
    /// The statement.
    pub statement: &'a Statement,
}

/// What a grant is for: one direction between two parties of a task.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The task.
    pub task: TaskId,
    /// Who sends.
    pub sender: Place<'a>,
    /// Who receives.
    pub receiver: Place<'a>,
}

/// Seals the envelopes of one direction, or opens them.
pub struct Channel {
    task: TaskId,
    sender: Seat,
    receiver: Seat,
    grant: [u8; 32],
    key: Key,
}

impl Channel {
    /// Makes a channel as its sender, and returns with it the grant for the receiver.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub fn grant(pair: &Pair<'_>, key: &OrganizationKey) -> (Self, Vec<u8>) {
        let (granted, bytes) = grant::make(pair, key);
        (Self::new(pair, &granted), bytes)
    }

    /// Makes a channel as its receiver, from the sender's grant.
    ///
    /// # Errors
    ///
    /// Where the grant is for something else, was changed, or is not for this key.
    pub fn accept(pair: &Pair<'_>, grant: &[u8], key: &OrganizationKey) -> Result<Self, NotOpened> {
        Ok(Self::new(pair, &grant::open(pair, grant, key)?))
    }

    fn new(pair: &Pair<'_>, granted: &grant::Granted) -> Self {
        let key = schedule::channel(&granted.transcript, &granted.secret);
        let (sender, receiver) = (pair.sender.seat, pair.receiver.seat);
        Self { task: pair.task, sender, receiver, grant: granted.hash, key }
    }

    /// Seals a message that is read from `body`, twice, to its end; memory for two chunks of
    /// 64 KiB is used, however long it is.
    ///
    /// # Errors
    ///
    /// Where the topic is too long, or the body cannot be read or the envelope not written. What
    /// was written then is no envelope.
    pub fn seal(
        &self,
        (content, sequence): (Content, u64),
        topic: &str,
        body: impl Read + Seek,
        out: impl Write,
    ) -> Result<Sealed, SealError> {
        let header = self.header(content, sequence);
        envelope::seal(&self.key, header, topic, body, out)
    }

    /// Opens an envelope and writes its body to `out`, in memory for two chunks of 64 KiB.
    ///
    /// # Errors
    ///
    /// Where it is not the envelope with this content and number in this channel, or was changed.
    /// What was written to `out` then must not be used.
    pub fn open(
        &self,
        (content, sequence): (Content, u64),
        envelope: impl Read,
        out: impl Write,
    ) -> Result<Opened, NotOpened> {
        envelope::open(&self.key, &self.header(content, sequence), envelope, out)
    }

    /// Returns the header that an envelope of this channel has, but for its length.
    fn header(&self, content: Content, sequence: u64) -> Header {
        Header {
            content,
            task: self.task,
            sender: self.sender,
            receiver: self.receiver,
            grant: self.grant,
            sequence,
            padded_length: 0,
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({}, {} -> {})", self.task, self.sender, self.receiver)
    }
}
