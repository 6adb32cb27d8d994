//! Waits for somebody to interrupt the command.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};

use crate::CommandError;

/// Listens from now on for SIGINT and SIGTERM, and returns what waits for the first.
///
/// # Errors
///
/// Where signals cannot be listened for.
pub(crate) fn interrupted() -> Result<impl Future<Output = ()> + Send, CommandError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::fault)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::fault)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
