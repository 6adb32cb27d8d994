//! `anchorhold run close`: the end of a run and of what it stored.

use std::io::Write;

use anchorhold_client::{Client, RunStatus};
use anchorhold_model::RunId;
use serde_json::json;

use super::tasks;
use crate::member::{Member, MemberOptions};
use crate::{CommandError, runtime};

/// Closes a run: what it stored is destroyed at all parties
///
/// All of its tasks must have ended, and none can be added. Sealed results that the server still has
/// are deleted: fetch them before.
#[derive(Debug, clap::Args)]
pub(crate) struct Close {
    /// The run's id
    id: RunId,
    #[command(flatten)]
    member: MemberOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Close {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let member = self.member.open(self.member.file()?)?;
        let closed = runtime()?.block_on(async {
            let client = member.sign_in().await?;
            close(&member, &client, &self.id).await
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(closed))?);
        }
        Ok(writeln!(out, "run {} is closed, with {}", closed.id, tasks(&closed))?)
    }
}

/// Signs that a run is closed, with as many tasks as it has now.
pub(crate) async fn close(
    member: &Member,
    client: &Client,
    id: &RunId,
) -> Result<RunStatus, CommandError> {
    let status = client.run(id).await?;
    let end = member.key.requester().sign_run_end(*id, status.tasks);
    client.close_run(&end).await.map_err(|error| {
        let open = error.kind() == Some("open-tasks");
        let error = CommandError::from(error);
        match open {
            true => {
                error.with_hint("`anchorhold task wait ID` waits for them, `task kill` ends them")
            }
            false => error,
        }
    })
}
