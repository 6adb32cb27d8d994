//! `anchorhold org show`: who an organization is.

use std::io::Write;
use std::path::PathBuf;

use anchorhold_identity::OrganizationFolder;

use super::{json, print};
use crate::CommandError;

/// Says the fingerprint of an organization and until when its key is valid
///
/// It needs no passphrase. The fingerprint is what others compare, best on the telephone; the
/// statement is a file to give to anybody.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// Folder of the organization's key
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let statement = OrganizationFolder::new(&self.folder).current()?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json(&self.folder, &statement))?);
        }
        Ok(print(out, &self.folder, &statement)?)
    }
}
