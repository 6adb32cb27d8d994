//! `anchorhold run`: runs, the scopes of storage.

mod close;
mod list;

use std::io::Write;

use anchorhold_client::RunStatus;
use clap::Subcommand;

use crate::CommandError;

pub(crate) use close::close;

/// What to do with a run.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    List(list::List),
    Close(close::Close),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::List(verb) => verb.run(out),
            Self::Close(verb) => verb.run(out),
        }
    }
}

/// Says how many tasks a run has.
fn tasks(run: &RunStatus) -> String {
    match run.tasks {
        1 => "1 task".into(),
        tasks => format!("{tasks} tasks"),
    }
}
