//! `anchorhold task list`: the tasks of an organization.

use std::io::Write;

use anchorhold_model::{RunId, printable};
use serde_json::json;

use crate::remote::RemoteOptions;
use crate::time::date;
use crate::{CommandError, runtime};

/// Lists the tasks that an organization asked for or takes part in, the newest first, at most 200
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only those of a run
    #[arg(long, value_name = "ID")]
    run: Option<RunId>,
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let (tasks, names) = runtime()?.block_on(async {
            let remote = self.remote.open().await?;
            Ok::<_, CommandError>((remote.client.tasks(self.run.as_ref()).await?, remote.names))
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(tasks))?);
        }
        for task in tasks {
            let (algorithm, created) = (printable(&task.algorithm_name), date(task.created));
            let requester = names.organization(&task.requester);
            writeln!(
                out,
                "{}  {:9}  {created}  {algorithm} for {requester}",
                task.id,
                task.state.name()
            )?;
        }
        Ok(())
    }
}
