//! Typed calls to the central server. What the server answers is bounded and checked here; whether
//! a key statement is that of an organization is for whoever pinned its fingerprint.
//!
//! Connections go through the proxy that `HTTPS_PROXY` names. Without TLS only this machine is
//! reached.

mod client;
mod error;
mod origin;

pub use client::{Client, Listed, Token, Who};
pub use error::ClientError;
pub use origin::{InvalidOrigin, Origin};
