//! `anchorhold node`: an organization's node.

mod check;
mod data;
mod init;
mod ledger;
mod run;

use std::io::Write;
use std::path::{Path, PathBuf};

use anchorhold_model::chain;
use anchorhold_node::{Config, ConfigError, NodeError};
use clap::Subcommand;

use crate::{CommandError, Kind};

/// The configuration's name in a node's folder.
const CONFIG: &str = "node.toml";

/// What to do with a node.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Init(init::Init),
    Check(check::Check),
    Run(run::Run),
    Ledger(ledger::Ledger),
    /// Shows what algorithms would see of the datasets
    #[command(subcommand)]
    Data(data::Verb),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::Init(verb) => verb.run(out),
            Self::Check(verb) => verb.run(out),
            Self::Run(verb) => verb.run(out),
            Self::Ledger(verb) => verb.run(out),
            Self::Data(verb) => verb.run(out),
        }
    }
}

/// The node's folder.
#[derive(Debug, clap::Args)]
struct Folder {
    /// Folder that `node init` made
    folder: PathBuf,
}

impl Folder {
    /// Reads the configuration in it.
    fn config(&self) -> Result<Config, CommandError> {
        config(&self.folder)
    }
}

fn config(folder: &Path) -> Result<Config, CommandError> {
    Config::read(&folder.join(CONFIG)).map_err(|error| {
        let hint = match &error {
            ConfigError::Read { .. } => Some("`anchorhold node init FOLDER` makes one"),
            _ => None,
        };
        let error = CommandError::input(chain(&error));
        hint.map_or(error.clone(), |hint| error.with_hint(hint))
    })
}

impl From<NodeError> for CommandError {
    fn from(error: NodeError) -> Self {
        let kind = match &error {
            NodeError::Link(_) => Kind::Refused,
            NodeError::Engine(_) => Kind::Fault,
            _ => Kind::Input,
        };
        Self::new(kind, chain(&error))
    }
}
