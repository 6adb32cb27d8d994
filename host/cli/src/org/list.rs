//! `anchorhold org list`: which organizations a server knows.

use std::io::Write;

use anchorhold_model::printable;
use serde_json::json;

use crate::remote::ServerOptions;
use crate::{CommandError, runtime};

/// Lists the organizations that a server knows
///
/// The names are what they call themselves: only the fingerprint says who somebody is.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    server: ServerOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let client = self.server.client()?;
        let listed = runtime()?.block_on(client.organizations())?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(listed))?);
        }
        for organization in listed {
            let name = printable(&organization.name);
            writeln!(out, "{}  {name}, key {}", organization.fingerprint, organization.number)?;
        }
        Ok(())
    }
}
