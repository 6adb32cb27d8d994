//! `anchorhold run list`: the runs of an organization.

use std::io::Write;

use anchorhold_client::Client;

use super::tasks;
use crate::CommandError;
use crate::remote::ListOptions;
use crate::time::date;

/// Lists the runs that an organization asked for or takes part in
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    list: ListOptions,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        self.list.run(out, Client::runs, |out, run, names| {
            let requester = names.organization(&run.requester);
            let open = match run.closed {
                true => "closed".into(),
                false => format!("open to {}", date(run.expires)),
            };
            writeln!(out, "{}  of {requester}, {}, {open}", run.id, tasks(&run))
        })
    }
}
