//! How a command reaches a server.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anchorhold_client::{Client, ClientError, Origin, Token};
use clap::Args;

use crate::error::chain;
use crate::{CommandError, Kind};

/// Where the token is looked for when no file is named.
const VARIABLE: &str = "ANCHORHOLD_TOKEN";

/// The server, and who asks.
#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// Where the server is, such as https://anchorhold.example.org
    #[arg(long, value_name = "ORIGIN", env = "ANCHORHOLD_SERVER")]
    server: Origin,
    /// File with a token that the server's administrator made [default: $ANCHORHOLD_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl ServerOptions {
    /// Sets up calls to the server.
    pub(crate) fn client(&self) -> Result<Client, CommandError> {
        let token = match &self.token_file {
            Some(file) => read(file)?,
            None => env::var(VARIABLE).map_err(|_| {
                CommandError::new(Kind::Usage, "there is no token").with_hint(format!(
                    "give --token-file FILE, or set {VARIABLE}; `anchorhold server token` makes one"
                ))
            })?,
        };
        let token = Token::new(&token).ok_or_else(|| CommandError::input("the token is none"))?;
        Ok(Client::new(self.server.clone(), Some(token))?)
    }
}

fn read(file: &Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(1_024).read_to_string(&mut text));
    read.map_err(|error| CommandError::input(format!("{}: {error}", file.display())))?;
    Ok(text)
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        let kind = match &error {
            ClientError::Refused { .. } => Kind::Refused,
            _ => Kind::Input,
        };
        Self::new(kind, chain(&error))
    }
}
