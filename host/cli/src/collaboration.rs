//! `anchorhold collaboration`: what organizations agree on.

mod join;
mod new;
mod show;
mod verify;

use std::io::{self, Write};

use anchorhold_client::CollaborationFile;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::CommandError;
use crate::org::in_groups;

/// What to do with a collaboration.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    New(new::New),
    Show(show::Show),
    Verify(verify::Verify),
    Join(join::Join),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::New(verb) => verb.run(out),
            Self::Show(verb) => verb.run(out),
            Self::Verify(verb) => verb.run(out),
            Self::Join(verb) => verb.run(out),
        }
    }
}

/// Says what the members agree on.
fn print(out: &mut dyn Write, file: &CollaborationFile) -> io::Result<()> {
    let collaboration = file.collaboration();
    writeln!(out, "collaboration  {}", collaboration.name())?;
    writeln!(out, "id             {}", collaboration.id())?;
    writeln!(out, "server         {}", file.server())?;
    writeln!(out, "organizations")?;
    for (name, fingerprint) in file.members() {
        writeln!(out, "  {name}")?;
        for line in in_groups(&fingerprint) {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out, "algorithms")?;
    for algorithm in file.algorithms() {
        writeln!(out, "  {}\n    {}", algorithm.name, algorithm.digest)?;
    }
    if file.algorithms().is_empty() {
        writeln!(out, "  all that each node's own policy allows")?;
    }
    Ok(())
}

/// Says the same for machines.
fn json(file: &CollaborationFile) -> Value {
    let member = |(name, fingerprint)| json!({ "name": name, "fingerprint": fingerprint });
    json!({
        "name": file.collaboration().name(),
        "id": file.collaboration().id(),
        "server": file.server().to_string(),
        "organizations": file.members().map(member).collect::<Vec<_>>(),
        "algorithms": file.algorithms(),
    })
}
