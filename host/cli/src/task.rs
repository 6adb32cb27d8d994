//! `anchorhold task`: joint computations, asked for and looked at.

mod algorithm;
mod follow;
mod kill;
mod list;
mod outcomes;
mod parties;
mod progress;
mod report;
mod reports;
mod result;
mod show;
mod submit;
mod wait;

use std::io::{self, Write};

use anchorhold_client::{ExecutionStatus, TaskStatus};
use anchorhold_model::printable;
use clap::Subcommand;

use crate::CommandError;
use crate::remote::Names;
use crate::time::date;

/// What to do with a task.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Submit(submit::Submit),
    List(list::List),
    Show(show::Show),
    Wait(wait::Wait),
    Result(result::Results),
    Kill(kill::Kill),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::Submit(verb) => verb.run(out),
            Self::List(verb) => verb.run(out),
            Self::Show(verb) => verb.run(out),
            Self::Wait(verb) => verb.run(out),
            Self::Result(verb) => verb.run(out),
            Self::Kill(verb) => verb.run(out),
        }
    }
}

/// Says what the server knows of a task.
fn print(out: &mut dyn Write, task: &TaskStatus, names: &Names) -> io::Result<()> {
    let killed = if task.killed { ", killed" } else { "" };
    writeln!(out, "task           {}", task.id)?;
    writeln!(out, "run            {}, task {} of it", task.run, task.ordinal)?;
    writeln!(out, "collaboration  {}", names.collaboration(&task.collaboration))?;
    writeln!(out, "requester      {}", names.organization(&task.requester))?;
    writeln!(out, "algorithm      {}", printable(&task.algorithm_name))?;
    writeln!(out, "digest         {}", task.algorithm)?;
    writeln!(out, "created        {}", date(task.created))?;
    writeln!(out, "deadline       {}", date(task.deadline))?;
    writeln!(out, "state          {}{killed}", task.state)?;
    writeln!(out, "executions, as the server says")?;
    for execution in &task.executions {
        let ExecutionStatus { seat, organization, role, state, .. } = execution;
        let (name, role) = (names.organization(organization), printable(role));
        writeln!(out, "  {seat} {name} ({role})  {state}{}", kind(execution))?;
    }
    Ok(())
}

/// Returns what the server was told in clear of why an execution ended so.
fn kind(execution: &ExecutionStatus) -> String {
    match execution.kind.as_str() {
        "" => String::new(),
        kind => format!(" ({})", printable(kind)),
    }
}
