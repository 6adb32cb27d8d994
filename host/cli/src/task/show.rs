//! `anchorhold task show`: where a task is.

use std::io::Write;

use anchorhold_model::TaskId;
use serde_json::json;

use super::print;
use crate::remote::RemoteOptions;
use crate::{CommandError, runtime};

/// Says what the server knows of a task
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The task's id
    id: TaskId,
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let (task, names) = runtime()?.block_on(async {
            let remote = self.remote.open().await?;
            Ok::<_, CommandError>((remote.client.task(&self.id).await?, remote.names))
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(task))?);
        }
        Ok(print(out, &task, &names)?)
    }
}
