//! `anchorhold server`: the central server.

mod init;
mod run;
mod token;

use std::io::Write;
use std::path::Path;

use anchorhold_model::chain;
use anchorhold_server::{Config, ConfigError, ServerError, StoreError};
use clap::Subcommand;

use crate::CommandError;

/// The configuration's name in a server's folder.
const CONFIG: &str = "server.toml";

/// What to do with a server.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Init(init::Init),
    Run(run::Run),
    Token(token::Token),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::Init(verb) => verb.run(out),
            Self::Run(verb) => verb.run(out),
            Self::Token(verb) => verb.run(out),
        }
    }
}

/// Reads the configuration in a server's folder.
fn config(folder: &Path) -> Result<Config, CommandError> {
    Config::read(&folder.join(CONFIG)).map_err(|error| {
        let hint = match &error {
            ConfigError::Read { .. } => Some("`anchorhold server init FOLDER` makes one"),
            _ => None,
        };
        let error = CommandError::input(chain(&error));
        hint.map_or(error.clone(), |hint| error.with_hint(hint))
    })
}

impl From<ServerError> for CommandError {
    fn from(error: ServerError) -> Self {
        Self::input(chain(&error))
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::input(chain(&error))
    }
}
