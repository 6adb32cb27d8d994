//! `anchorhold node run`.

use std::io::Write;

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
}

impl Run {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        let passphrase = passphrase(Whose::Organization, config.passphrase_file.as_deref())?;
        runtime()?.block_on(async {
            let stop = interrupted()?;
            let node = Node::open(&config, &passphrase)?;
            drop(passphrase);
            writeln!(out, "running")?;
            out.flush()?;
            node.run(stop).await?;
            Ok(writeln!(out, "stopped")?)
        })
    }
}
