//! `anchorhold task list`: the tasks of an organization.

use std::io::Write;

use anchorhold_client::Client;
use anchorhold_model::{RunId, printable};

use crate::CommandError;
use crate::remote::ListOptions;
use crate::time::date;

/// Lists the tasks that an organization asked for or takes part in, the newest first, at most 200
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only those of a run
    #[arg(long, value_name = "ID")]
    run: Option<RunId>,
    #[command(flatten)]
    list: ListOptions,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let ask = async |client: &Client| client.tasks(self.run.as_ref()).await;
        self.list.run(out, ask, |out, task, names| {
            let (algorithm, created) = (printable(&task.algorithm_name), date(task.created));
            let (state, requester) = (task.state.name(), names.organization(&task.requester));
            writeln!(out, "{}  {state:9}  {created}  {algorithm} for {requester}", task.id)
        })
    }
}
