//! Why a call was not done.

use std::io;
use std::path::PathBuf;

use crate::origin::Origin;

/// Why a call was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody answers.
    #[error("the server {origin} cannot be reached")]
    Unreachable {
        /// Where it should be.
        origin: Origin,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// It answers something else than an Anchorhold server does.
    #[error("{origin} does not answer as a server of Anchorhold does: {problem}")]
    NotAServer {
        /// Where it is.
        origin: Origin,
        /// What is wrong.
        problem: String,
    },
    /// It refuses.
    #[error("the server refuses: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The kind, for machines.
        kind: String,
        /// The sentence.
        message: String,
    },
    /// There are no certificates in the file with them.
    #[error("no certificates can be read from {path}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        problem: io::Error,
    },
    /// No connection can be set up.
    #[error("a connection cannot be set up")]
    Setup(#[source] reqwest::Error),
}

impl ClientError {
    /// Returns the kind of a refusal.
    pub fn kind(&self) -> Option<&str> {
        match self {
            Self::Refused { kind, .. } => Some(kind),
            _ => None,
        }
    }
}
