//! Waits for somebody to interrupt the command.

use std::future::Future;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::{CommandError, Kind, say};

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

/// Ends the process when somebody interrupts it, from now on: while it writes what it was asked
/// for, which may be long, to whoever reads slowly.
pub(crate) fn end_when_interrupted(runtime: &Runtime) {
    runtime.spawn(async {
        if let Ok(interrupted) = interrupted() {
            interrupted.await;
            say(&interruption().to_string());
            Kind::Interrupted.exit();
        }
    });
}

/// Says that somebody interrupted the command.
pub(crate) fn interruption() -> CommandError {
    CommandError::new(Kind::Interrupted, "interrupted")
}
