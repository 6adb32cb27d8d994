//! The node's own record of everything that left it: each message, each report of progress and each
//! result, written before its first frame reaches the network.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anchorhold_model::{Digest, RunId, TaskId};
use serde::{Deserialize, Serialize};

use crate::lines::{self, Lines, LinesError};

/// What left the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// When, in seconds after 1970.
    pub time: u64,
    /// Of which run.
    pub run: RunId,
    /// Of which task.
    pub task: TaskId,
    /// The algorithm's name and version.
    pub algorithm: String,
    /// The algorithm's digest.
    pub digest: Digest,
    /// `message`, `result` or `progress`.
    pub kind: DepartureKind,
    /// Who can open it: a member's name.
    pub receiver: String,
    /// The topic of a message, the kind of ending of a result, the progress itself.
    pub topic: String,
    /// The size of the body in bytes.
    pub bytes: u64,
}

/// What kind of thing left the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepartureKind {
    /// A message to another party.
    Message,
    /// A result, or why there is none, to the requester.
    Result,
    /// How far the execution is, to the requester.
    Progress,
}

/// A node's ledger. It only grows.
#[derive(Debug)]
pub struct Ledger(Mutex<Lines>);

impl Ledger {
    /// Opens the ledger, or makes it.
    ///
    /// # Errors
    ///
    /// Where its file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, LinesError> {
        Lines::open(path).map(|lines| Self(Mutex::new(lines)))
    }

    /// Writes what is about to leave. It is in the file when this returns, whatever becomes of the
    /// process, and on the disk a little later.
    ///
    /// # Errors
    ///
    /// Where it cannot be written: then it must not leave.
    pub fn write(&self, departure: &Departure) -> Result<(), LinesError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(departure)
    }

    /// Reads a ledger, also one that is being written.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or a line of it was changed.
    pub fn read(path: &Path, entry: impl FnMut(Departure)) -> Result<(), LinesError> {
        lines::read(path, entry)
    }
}
