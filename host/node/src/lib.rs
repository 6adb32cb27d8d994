//! An organization's node: it takes tasks from the server, trusts nothing that the server says, runs
//! what the operator's policy allows in a cell, and records everything that leaves.
//!
//! A task's way: [`dispatch`](self) takes the offer, `offer` verifies who signed it, `policy` says
//! whether it may be, `execution` runs it, `outgoing` and `incoming` seal and open what passes,
//! `outbox` and `link` carry it.

mod check;
mod checks;
mod components;
mod config;
mod courier;
pub mod dataset;
mod dispatch;
mod execution;
mod incoming;
mod journal;
mod ledger;
mod lines;
mod link;
mod node;
mod offer;
mod outbox;
mod outgoing;
mod parcel;
mod policy;
mod privacy;
mod progress;
mod refusal;
mod runs;
mod shared;
pub mod storage;
mod storage_key;
mod told;

use std::sync::Arc;

pub use check::{Checked, Finding};
pub use config::{Config, ConfigError, DatasetConfig, DatasetKind, Rule};
pub use incoming::Alarm;
pub use journal::spent;
pub use ledger::{Departure, DepartureKind, Ledger};
pub use lines::LinesError;
pub use node::{Node, NodeError, ledger_file};
pub use policy::{Allowed, Policy, PolicyError};
pub use privacy::{Pointers, Spend};
pub use refusal::Refusal;

/// Says what time it is, in seconds after 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;
