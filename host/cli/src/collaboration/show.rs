//! `anchorhold collaboration show`: what the members agree on.

use std::io::Write;
use std::path::PathBuf;

use anchorhold_client::CollaborationFile;

use super::{json, print};
use crate::CommandError;

/// Says what the members of a collaboration agree on
///
/// The id is of all of it but the server: who has the same id agrees on the same members and
/// algorithms.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// File of the collaboration
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let file = CollaborationFile::read(&self.file)?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json(&file))?);
        }
        Ok(print(out, &file)?)
    }
}
