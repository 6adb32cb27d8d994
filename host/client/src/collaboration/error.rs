//! What is wrong with a collaboration file, or with a name that is looked for in it.

use std::io;
use std::path::PathBuf;

use anchorhold_identity::InvalidFingerprint;
use anchorhold_model::{CollaborationError, InvalidId};

use crate::origin::InvalidOrigin;

/// A name that two algorithms of a collaboration have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} may be each of {}", .algorithms.join(", "))]
pub struct AmbiguousName {
    pub(super) name: String,
    pub(super) algorithms: Vec<String>,
}

/// Why a file is no collaboration's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollaborationFileError {
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is not as it must be.
    #[error("{path} is no file of a collaboration")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: InvalidCollaboration,
    },
}

/// What is wrong with the text of a collaboration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCollaboration {
    /// It is no TOML, or has other fields.
    #[error("{0}")]
    Toml(String),
    /// Its server is none.
    #[error("server")]
    Server(#[from] InvalidOrigin),
    /// A fingerprint is none.
    #[error("the fingerprint of {organization}")]
    Fingerprint {
        /// Whose it should be.
        organization: String,
        /// What is wrong with it.
        source: InvalidFingerprint,
    },
    /// A digest is none.
    #[error("the digest of {algorithm}")]
    Digest {
        /// Of which algorithm it should be.
        algorithm: String,
        /// What is wrong with it.
        source: InvalidId,
    },
    /// An algorithm's name is none.
    #[error("an algorithm is called name@version, not {0:?}")]
    AlgorithmName(String),
    /// An algorithm is there twice.
    #[error("an algorithm is there twice: {0}")]
    Repeated(String),
    /// The members cannot be those of a collaboration.
    #[error(transparent)]
    Collaboration(#[from] CollaborationError),
}
