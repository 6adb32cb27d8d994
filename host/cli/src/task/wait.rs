//! `anchorhold task wait`: waits for a task, and opens its results.

use std::io::Write;

use anchorhold_model::{RunId, TaskId};

use super::follow::follow;
use super::outcomes::{self, PartyOutcome};
use super::progress::Progress;
use super::report;
use crate::member::{Member, MemberOptions};
use crate::remote::Names;
use crate::results::ResultFiles;
use crate::signals::{end_when_interrupted, interrupted, interruption};
use crate::{CommandError, runtime};

/// Waits until a task has ended, and opens the results
///
/// Only the organization that asked for it can. When this is interrupted the task goes on.
#[derive(Debug, clap::Args)]
pub(crate) struct Wait {
    /// The task's id
    id: TaskId,
    #[command(flatten)]
    member: MemberOptions,
    #[command(flatten)]
    files: ResultFiles,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Wait {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        self.files.prepare()?;
        let member = self.member.open(self.member.file()?)?;
        let runtime = runtime()?;
        let (run, outcomes) = runtime.block_on(async {
            tokio::select! {
                waited = wait(&member, &self.id) => waited,
                () = interrupted()? => Err(interruption().with_hint(goes_on(&self.id))),
            }
        })?;
        end_when_interrupted(&runtime);
        print(out, (self.id, run), &outcomes, (&self.files, self.json))?;
        report::failure(&outcomes).map_or(Ok(()), Err)
    }
}

async fn wait(member: &Member, id: &TaskId) -> Result<(RunId, Vec<PartyOutcome>), CommandError> {
    let mut client = member.sign_in().await?;
    let names = Names(Some(member.file.clone()));
    let task = follow(member, &mut client, id, Progress::new(names)).await?;
    Ok((task.run, outcomes::open(member, &client, &task, None).await?))
}

/// Says that a task is not ended by not waiting for it.
pub(super) fn goes_on(id: &TaskId) -> String {
    format!(
        "the task goes on: `anchorhold task wait {id}` waits for it, `anchorhold task kill {id}` \
         ends it"
    )
}

/// Prints the results, and writes them to files if asked for, as far as there are any: [`report::failure`]
/// says which party has none.
pub(super) fn print(
    out: &mut dyn Write,
    ids: (TaskId, RunId),
    outcomes: &[PartyOutcome],
    (files, json): (&ResultFiles, bool),
) -> Result<(), CommandError> {
    if json {
        report::json(out, ids, outcomes)?;
    } else {
        report::print(out, outcomes)?;
    }
    out.flush()?;
    files.write(outcomes.iter().map(|of| (of.seat, &*of.name, of.result())))
}
