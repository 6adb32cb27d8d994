//! What reaches the central server: typed calls, a node's link, and what a requester signs, seals
//! and opens. What the server answers is bounded and checked here; whether a key statement is that
//! of an organization is for whoever pinned its fingerprint, in a [`CollaborationFile`].
//!
//! Connections go through the proxy that `HTTPS_PROXY` names. Without TLS only this machine is
//! reached.

mod client;
mod collaboration;
mod error;
mod link;
mod origin;
pub mod requester;
mod token;

pub use client::{
    Client, CollaborationStatus, ExecutionStatus, Listed, MemberStatus, RunStatus, SealedParcel,
    StoredAlgorithm, TaskState, TaskStatus, Who,
};
pub use collaboration::{
    AmbiguousName, CollaborationFile, CollaborationFileError, InvalidCollaboration, NamedAlgorithm,
};
pub use error::ClientError;
pub use link::{Link, LinkError, LinkReceiver, LinkSender};
pub use origin::{InvalidOrigin, Origin};
pub use token::Token;
