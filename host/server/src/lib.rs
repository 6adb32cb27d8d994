//! The central server: a registry and a relay, trusted for availability and never for
//! confidentiality or authenticity. It stores what organizations say of their keys; whoever uses a
//! statement checks it against a pinned fingerprint.
//!
//! Every call but `/healthz` and signing in is authenticated; who may do what is the table in
//! `access.rs`. A request that is wrong gets a 4xx with a kind for machines and a sentence for
//! people, and nothing internal leaves.

mod access;
mod api;
mod config;
mod error;
mod listen;
mod mailbox;
mod rate;
mod sessions;
mod store;
mod tls;

pub use access::Identity;
pub use config::{Config, ConfigError, TlsConfig};
pub use listen::{Server, ServerError};
pub use store::{Secret, Store, StoreError, StoredParcel};

use std::sync::Arc;
use std::time::SystemTime;

/// Says what time it is, in seconds after 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Returns the clock of the operating system.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.unwrap_or_default().as_secs()
    })
}
