//! How an execution ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Limit;

/// How an execution ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Ending {
    /// The algorithm returned a result, and what it stored was committed.
    Finished(Vec<u8>),
    /// The algorithm returned an error.
    Error(String),
    /// The component did what no component may do.
    Trap(Trap),
    /// The execution ran into a limit.
    LimitReached(Limit),
    /// The host was told to end it.
    Killed,
    /// The host failed; the algorithm is not to blame.
    Fault(Fault),
}

/// What made a component trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trap {
    /// It reached an `unreachable` instruction: a panic or an abort.
    Unreachable,
    /// It accessed memory out of bounds.
    MemoryOutOfBounds,
    /// It accessed a table out of bounds, or called a function that is not there.
    BadTableAccess,
    /// It divided by zero, overflowed a division or converted a number out of range.
    Arithmetic,
    /// It ended itself by `wasi:cli/exit`.
    Exit,
    /// It called a window of the host while it described itself.
    CallInDescribe,
    /// It broke a rule of the component model: a text that is not UTF-8, a list outside its memory.
    Contract,
}

/// What the host failed at. It carries no detail: that is in the host's own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The messages' way out or in failed.
    Messaging,
    /// The storage failed.
    Storage,
    /// A dataset cannot be read, or is not what it was when the host opened it.
    Dataset,
    /// The runtime failed, or had no room.
    Runtime,
}

/// How another party's execution ended, as far as an algorithm is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerEnding {
    /// It returned a result.
    Finished,
    /// It ended in any other way.
    Failed,
    /// Its node refused to take part.
    Refused,
    /// Its node did not come or went away.
    Lost,
}

impl Ending {
    /// Names the kind of ending, for machines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Finished(_) => "finished",
            Self::Error(_) => "error",
            Self::Trap(_) => "trap",
            Self::LimitReached(_) => "limit-reached",
            Self::Killed => "killed",
            Self::Fault(_) => "fault",
        }
    }

    /// Returns what the other parties are told of it.
    pub fn for_peers(&self) -> PeerEnding {
        match self {
            Self::Finished(_) => PeerEnding::Finished,
            Self::Error(_)
            | Self::Trap(_)
            | Self::LimitReached(_)
            | Self::Killed
            | Self::Fault(_) => PeerEnding::Failed,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished(result) => write!(f, "finished with {} bytes", result.len()),
            Self::Error(text) => write!(f, "returned an error: {text}"),
            Self::Trap(trap) => write!(f, "trapped: {trap}"),
            Self::LimitReached(limit) => write!(f, "reached a limit: {limit}"),
            Self::Killed => f.write_str("was killed"),
            Self::Fault(fault) => write!(f, "ended by a fault of the host: {fault}"),
        }
    }
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "panic or abort",
            Self::MemoryOutOfBounds => "memory access out of bounds",
            Self::BadTableAccess => "bad table access",
            Self::Arithmetic => "bad arithmetic",
            Self::Exit => "it ended itself by exit",
            Self::CallInDescribe => "it called a window while describing itself",
            Self::Contract => "it broke a rule of the component model",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Messaging => "its messages cannot be passed on",
            Self::Storage => "its storage cannot be read or written",
            Self::Dataset => "a dataset cannot be read, or was changed since the host opened it",
            Self::Runtime => "it cannot be run",
        })
    }
}

impl fmt::Display for PeerEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Lost => "lost",
        })
    }
}
