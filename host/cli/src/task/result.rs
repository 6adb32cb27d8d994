//! `anchorhold task result`: opens the results of a task that are there.

use std::io::Write;

use anchorhold_model::TaskId;

use super::wait::print;
use super::{outcomes, report};
use crate::member::MemberOptions;
use crate::results::ResultFiles;
use crate::signals::{end_when_interrupted, interrupted, interruption};
use crate::{CommandError, runtime};

/// Opens the results of a task, without waiting for those that are not there yet
///
/// Only the organization that asked for the task can, and until its run is closed.
#[derive(Debug, clap::Args)]
pub(crate) struct Results {
    /// The task's id
    id: TaskId,
    /// Only that of this party
    #[arg(long, value_name = "NAME")]
    party: Option<String>,
    #[command(flatten)]
    member: MemberOptions,
    #[command(flatten)]
    files: ResultFiles,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Results {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        self.files.prepare()?;
        let member = self.member.open(self.member.file()?)?;
        let runtime = runtime()?;
        let fetch = async {
            let client = member.sign_in().await?;
            let task = client.task(&self.id).await?;
            let opened = outcomes::open(&member, &client, &task, self.party.as_deref()).await?;
            Ok((task.run, opened))
        };
        let (run, outcomes) = runtime.block_on(async {
            tokio::select! {
                fetched = fetch => fetched,
                () = interrupted()? => Err(interruption()),
            }
        })?;
        end_when_interrupted(&runtime);
        print(out, (self.id, run), &outcomes, (&self.files, self.json))?;
        report::failure(&outcomes).map_or(Ok(()), Err)
    }
}
