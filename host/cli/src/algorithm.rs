//! `anchorhold algorithm`: what there is to do with an algorithm.

mod build;
mod inspect;
mod list;
mod push;
mod run;

use std::io::Write;

use clap::Subcommand;

use crate::CommandError;

/// What to do with an algorithm.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Build(build::Build),
    Inspect(inspect::Inspect),
    Run(run::Run),
    Push(push::Push),
    List(list::List),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::Build(verb) => verb.run(out),
            Self::Inspect(verb) => verb.run(out),
            Self::Run(verb) => verb.run(out),
            Self::Push(verb) => verb.run(out),
            Self::List(verb) => verb.run(out),
        }
    }
}
