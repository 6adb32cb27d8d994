//! The command `anchorhold`: one file per verb, in a folder per noun, over functions that can be
//! called without a command line.
//!
//! A command writes what it was asked for to standard output, and everything else to standard
//! error. Its exit code says whose turn it is: see [`Kind`].

mod algorithm;
mod arguments;
pub mod build;
mod cli;
mod collaboration;
mod component;
mod demo;
mod error;
pub mod local;
mod member;
mod node;
mod org;
mod passphrase;
mod readable;
mod remote;
mod results;
mod run;
mod server;
mod signals;
mod task;
mod time;

pub use cli::Cli;
pub use error::{CommandError, Kind, say};

/// Starts the threads that asynchronous work shares.
fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(CommandError::fault)
}
