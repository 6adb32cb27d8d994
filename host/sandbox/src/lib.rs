//! Runs one untrusted component within limits, with three windows and nothing else.
//!
//! An [`Engine`] compiles a component once and keeps it as an [`Algorithm`]; each [`Execution`] of
//! it is an instance of its own, with its own memory, clock, random numbers and log. A component
//! sees the outside through [`messaging`] and [`storage`], which the host implements by the traits
//! [`Courier`] and [`Storage`], and through as much of WASI as a Rust component needs to start:
//! no file, no socket, no environment, no real time.
//!
//! This crate holds no key and reaches no network: its Cargo.toml shows it.

mod algorithm;
mod bindings;
mod cache;
mod clock;
mod compile;
mod describe;
mod engine;
mod execution;
mod inbox;
mod limiter;
mod log;
pub mod messaging;
mod meter;
mod random;
mod state;
mod stop;
pub mod storage;
mod wasi;

pub use algorithm::{Algorithm, PrepareError};
pub use cache::{Cache, CacheError, CacheKey};
pub use engine::{Allocation, Engine, EngineConfig, EngineError};
pub use execution::{Execution, Report, Usage};
pub use inbox::{Awaited, Inbox};
pub use log::{Log, LogEntry};
pub use messaging::{Courier, CourierError, Received};
pub use meter::timed;
pub use storage::{Storage, StorageError};
