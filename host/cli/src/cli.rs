//! The command line: a noun, a verb, and what the verb needs.

use std::io::Write;

use clap::{Parser, Subcommand};

use crate::{CommandError, algorithm, collaboration, demo, node, org, run, server, task};

/// Computes together on data that stays where it is
///
/// Organizations run the same algorithm, each on its own data and its own machine. The algorithm
/// is a WebAssembly component that sees nothing but the data granted to it and the messages of the
/// other parties.
///
/// Exit codes: 0 done, 2 wrong command line, 3 wrong file or argument, 4 component, call or task
/// refused, 5 algorithm failed, 70 fault of this program, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "anchorhold", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// Builds, inspects and runs algorithms
    #[command(subcommand)]
    Algorithm(algorithm::Verb),
    /// Makes, shows and joins collaborations of organizations
    #[command(subcommand)]
    Collaboration(collaboration::Verb),
    Demo(demo::Demo),
    /// Sets up, checks and runs an organization's node
    #[command(subcommand)]
    Node(node::Verb),
    /// Makes and shows an organization's identity
    #[command(subcommand)]
    Org(org::Verb),
    /// Lists and closes runs, the scopes of storage
    #[command(subcommand)]
    Run(run::Verb),
    /// Sets up and runs the central server
    #[command(subcommand)]
    Server(server::Verb),
    /// Asks organizations to compute together, and opens the results
    #[command(subcommand)]
    Task(task::Verb),
}

impl Cli {
    /// Says whether it goes on until it is told to stop.
    pub fn is_service(&self) -> bool {
        matches!(self.noun, Noun::Node(node::Verb::Run(_)) | Noun::Server(server::Verb::Run(_)))
    }

    /// Does what the command line asks for, and writes what was asked for to `out`.
    ///
    /// # Errors
    ///
    /// Why it was not done.
    pub fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self.noun {
            Noun::Algorithm(verb) => verb.run(out),
            Noun::Collaboration(verb) => verb.run(out),
            Noun::Demo(demo) => demo.run(out),
            Noun::Node(verb) => verb.run(out),
            Noun::Org(verb) => verb.run(out),
            Noun::Run(verb) => verb.run(out),
            Noun::Server(verb) => verb.run(out),
            Noun::Task(verb) => verb.run(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
