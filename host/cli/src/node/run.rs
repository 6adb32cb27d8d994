//! `anchorhold node run`.

use std::io::{self, Write};

use anchorhold_node::Node;

use super::Folder;
use crate::passphrase::{Whose, passphrase};
use crate::signals::interrupted;
use crate::{CommandError, runtime};

/// Runs a node until it is interrupted
///
/// It makes one connection, to the server; nothing connects to it.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    #[command(flatten)]
    folder: Folder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        let passphrase = passphrase(Whose::Organization, config.passphrase_file.as_deref())?;
        runtime()?.block_on(async {
            let stop = interrupted()?;
            let node = Node::open(&config, &passphrase)?;
            drop(passphrase);
            self.say(out, "running")?;
            out.flush()?;
            node.run(stop).await?;
            Ok(self.say(out, "stopped")?)
        })
    }

    fn say(&self, out: &mut dyn Write, state: &str) -> io::Result<()> {
        if self.json {
            writeln!(out, "{}", serde_json::json!({ "state": state }))
        } else {
            writeln!(out, "{state}")
        }
    }
}
