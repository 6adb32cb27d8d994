//! `anchorhold task kill`: ends a task.

use std::io::Write;

use anchorhold_model::TaskId;
use serde_json::json;

use crate::remote::RemoteOptions;
use crate::{CommandError, runtime};

/// Ends the executions of a task that the own organization asked for
///
/// Each node ends its execution when it hears of it: `task wait` waits for that.
#[derive(Debug, clap::Args)]
pub(crate) struct Kill {
    /// The task's id
    id: TaskId,
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Kill {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let task = runtime()?.block_on(async {
            let client = self.remote.open().await?.client;
            client.kill(&self.id).await.map_err(CommandError::from)
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(task))?);
        }
        let killed = if task.killed { "is killed" } else { "had ended before" };
        Ok(writeln!(out, "task {} {killed}; it is {}", task.id, task.state)?)
    }
}
