//! `anchorhold run list`: the runs of an organization.

use std::io::Write;

use serde_json::json;

use super::tasks;
use crate::remote::RemoteOptions;
use crate::time::date;
use crate::{CommandError, runtime};

/// Lists the runs that an organization asked for or takes part in
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let (runs, names) = runtime()?.block_on(async {
            let remote = self.remote.open().await?;
            Ok::<_, CommandError>((remote.client.runs().await?, remote.names))
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(runs))?);
        }
        for run in runs {
            let requester = names.organization(&run.requester);
            let open = match run.closed {
                true => "closed".into(),
                false => format!("open to {}", date(run.expires)),
            };
            writeln!(out, "{}  of {requester}, {}, {open}", run.id, tasks(&run))?;
        }
        Ok(())
    }
}
