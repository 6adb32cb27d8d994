//! `anchorhold algorithm list`: which components a server has.

use std::io::Write;

use anchorhold_model::printable;
use serde_json::json;

use crate::remote::RemoteOptions;
use crate::{CommandError, runtime};

/// Lists the algorithms that a server has
///
/// The names are what those said who brought them: only the digest says what an algorithm is.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let algorithms = runtime()?.block_on(async {
            let client = self.remote.open().await?.client;
            client.algorithms().await.map_err(CommandError::from)
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(algorithms))?);
        }
        for algorithm in algorithms {
            let name = printable(&algorithm.name);
            writeln!(out, "{}  {name}, {} bytes", algorithm.digest, algorithm.bytes)?;
        }
        Ok(())
    }
}
