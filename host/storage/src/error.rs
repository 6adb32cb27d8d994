//! Why storage cannot be opened, read or written.

use std::io;
use std::path::{Path, PathBuf};

use anchorhold_model::{Limit, RunId};

/// Why a storage folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or this one, has the folder open.
    #[error("storage folder {0} is in use")]
    InUse(PathBuf),
    /// The folder was made under another [`StorageKey`](crate::StorageKey), or the file that tells
    /// so is damaged.
    #[error("storage folder {0} was made under another storage key")]
    OtherKey(PathBuf),
    /// The folder can be read or written no further.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a run or a value cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What is on disk is not what was written: changed bytes, swapped or missing rows, a lost
    /// tail. No value of what is damaged was returned, and nothing of it was removed.
    #[error("run {run} is damaged: {what}")]
    Damaged {
        /// The run.
        run: RunId,
        /// What was found.
        what: &'static str,
    },
    /// The run is open already, or being closed.
    #[error("run {0} is open already")]
    AlreadyOpen(RunId),
    /// An earlier write of the run failed, so that memory and disk may differ.
    #[error("run {0} failed and must be opened again")]
    Failed(RunId),
    /// sled failed.
    #[error("the rows cannot be read or written")]
    Rows(#[from] RowsError),
    /// A file beside sled's failed.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("no random bytes")]
    Random(#[from] getrandom::Error),
}

impl StoreError {
    /// Names what was tried with a file that failed.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { action, path: path.to_owned(), source }
    }
}

/// Why sled cannot be used. More runs than one may be affected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// sled returned an error. Corruption is told where a damaged part of its file is read; other
    /// parts may still be read.
    #[error("sled failed")]
    Sled(#[from] sled::Error),
    /// sled panicked, which is what it does on many kinds of damaged files. Nothing more is asked
    /// of it until the folder is opened again.
    #[error("sled panicked: {0}")]
    Panicked(String),
    /// The file was not synced.
    #[error("cannot sync sled's file")]
    Sync(#[source] io::Error),
    /// sled holds a row that this crate did not write.
    #[error("sled holds a row with a foreign key of {0} bytes")]
    Foreign(usize),
}

/// Why a value was not set. Nothing changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// A [`Quota`](crate::Quota) or the longest key would be passed.
    #[error("limit reached: {0}")]
    Limit(Limit),
    /// The value could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}
