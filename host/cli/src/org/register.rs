//! `anchorhold org register`: makes an organization, or another of its keys, known to a server.

use std::io::Write;
use std::path::PathBuf;

use anchorhold_identity::OrganizationFolder;

use crate::remote::ServerOptions;
use crate::{CommandError, runtime};

/// Gives the current key statement to a server
///
/// An administrator's token makes a new organization known; a token of the organization adds its
/// further keys. The server only stores statements: who uses one checks it against the fingerprint.
#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// Folder of the organization's key
    folder: PathBuf,
    #[command(flatten)]
    server: ServerOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Register {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let statement = OrganizationFolder::new(&self.folder).current()?;
        let client = self.server.client()?;
        let listed = runtime()?.block_on(async {
            match client.who().await?.organization {
                None => client.add_organization(&statement).await,
                Some(_) => client.add_statement(&statement).await,
            }
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", serde_json::json!(listed))?);
        }
        let (name, number) = (&listed.name, listed.number);
        Ok(writeln!(out, "{name} is known with key {number} as {}", listed.fingerprint)?)
    }
}
