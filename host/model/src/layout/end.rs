//! What is signed at the end: of an execution, of what it sent, and of a run.

use super::{Decoder, Encoder, Kind, Layout, Malformed};
use crate::{RunId, Seat, TaskId};

/// How an execution ended, as its peers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosingEnding {
    /// It returned a result.
    Finished,
    /// It ended otherwise.
    Failed,
    /// Its node refused the task.
    Refused,
}

/// The messages of one sender to one receiver in a task, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The task.
    pub task: TaskId,
    /// Who sent.
    pub sender: Seat,
    /// Who received.
    pub receiver: Seat,
    /// How many messages there were.
    pub messages: u64,
    /// The rolling hash over them.
    pub rolling: [u8; 32],
}

/// A closing statement: what a sender signs for a peer when its execution ends, so that the peer
/// knows that nothing is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What was sent.
    pub sent: Tally,
    /// How the execution ended.
    pub ending: ClosingEnding,
}

/// The receiver's signed answer to a closing statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What was received.
    pub received: Tally,
}

/// The requester closes a run: no task is added, and its storage is destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// The run.
    pub run: RunId,
    /// How many tasks it had.
    pub tasks: u32,
}

impl ClosingEnding {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Finished => 0,
            Self::Failed => 1,
            Self::Refused => 2,
        }
    }

    pub(super) fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(match decoder.u8()? {
            0 => Self::Finished,
            1 => Self::Failed,
            2 => Self::Refused,
            _ => return Err(decoder.malformed("there is no such ending")),
        })
    }
}

impl Tally {
    fn write(&self, encoder: &mut Encoder) {
        encoder.raw(self.task.as_bytes()).u32(self.sender.0).u32(self.receiver.0);
        encoder.u64(self.messages).raw(&self.rolling);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            task: TaskId::from_bytes(decoder.raw()?),
            sender: Seat(decoder.u32()?),
            receiver: Seat(decoder.u32()?),
            messages: decoder.u64()?,
            rolling: decoder.raw()?,
        })
    }
}

impl Layout for Closing {
    const KIND: Kind = Kind::Closing;

    fn write(&self, encoder: &mut Encoder) {
        self.sent.write(encoder);
        encoder.u8(self.ending.byte());
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self { sent: Tally::read(decoder)?, ending: ClosingEnding::read(decoder)? })
    }
}

impl Layout for Receipt {
    const KIND: Kind = Kind::Receipt;

    fn write(&self, encoder: &mut Encoder) {
        self.received.write(encoder);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self { received: Tally::read(decoder)? })
    }
}

impl Layout for RunEnd {
    const KIND: Kind = Kind::RunEnd;

    fn write(&self, encoder: &mut Encoder) {
        encoder.raw(self.run.as_bytes()).u32(self.tasks);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self { run: RunId::from_bytes(decoder.raw()?), tasks: decoder.u32()? })
    }
}
