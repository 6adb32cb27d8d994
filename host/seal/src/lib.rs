//! The only place where messages between organizations are encrypted or opened.
//!
//! A [`Channel`] carries the envelopes of one sender to one receiver in one task. The sender makes
//! it by a grant, the only RSA operation, and the receiver by accepting the grant. Sealing is
//! deterministic: the same message gives the same bytes, and another message under the same number
//! another key.
//!
//! Protects against a server, or anybody else, that reads, changes, replays, reorders, truncates or
//! redirects what it relays. It does not hide who talks to whom, when, and the padded sizes; and
//! whoever gets the organization's private key later can open what was recorded before: there is
//! no forward secrecy in suite 1.

mod channel;
mod envelope;
mod grant;
mod rolling;
mod schedule;

pub use channel::{Channel, Pair, Place};
pub use envelope::{Opened, SealError, Sealed};
pub use rolling::Rolling;

/// Why something cannot be opened: not told, so that nobody learns from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be opened")]
pub struct NotOpened;
