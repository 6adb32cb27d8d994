//! `anchorhold server run`.

use std::io::Write;
use std::path::PathBuf;

use anchorhold_server::Server;

use super::config;
use crate::signals::interrupted;
use crate::{CommandError, runtime};

/// Runs a server until it is interrupted
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Folder that `server init` made
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let config = config(&self.folder)?;
        runtime()?.block_on(async {
            // Before it listens: who sees it listening may end it.
            let stop = interrupted()?;
            let scheme = if config.tls.is_some() { "https" } else { "http" };
            let server = Server::start(config).await?;
            let listening = format!("{scheme}://{}", server.address());
            if self.json {
                writeln!(out, "{}", serde_json::json!({ "listening": listening }))?;
            } else {
                writeln!(out, "listening on {listening}")?;
            }
            out.flush()?;
            server.serve(stop).await;
            Ok(())
        })
    }
}
