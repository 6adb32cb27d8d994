//! `anchorhold org rotate`: another key for an organization.

use std::io::Write;
use std::path::PathBuf;

use anchorhold_identity::{OrganizationFolder, RootFolder};

use super::{KeyOptions, json, print};
use crate::CommandError;
use crate::passphrase::{Whose, new_passphrase, passphrase};

/// Makes another key for an organization and states it with the root key
///
/// The number of the statement is one higher, and the highest number counts. Earlier keys stay in
/// the folder: what was sealed to them can still be opened. The new key gets the passphrase of the
/// current one, which is checked.
#[derive(Debug, clap::Args)]
pub(crate) struct Rotate {
    /// Folder of the organization's key
    folder: PathBuf,
    /// Folder of the root key
    #[arg(long, value_name = "FOLDER")]
    root: PathBuf,
    /// Give the new key another passphrase, and do not open the current key, which may be lost
    #[arg(long)]
    new_passphrase: bool,
    #[command(flatten)]
    key: KeyOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Rotate {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let folder = OrganizationFolder::new(&self.folder);
        let current = folder.current()?;
        let for_root = passphrase(Whose::Root, self.key.root_passphrase_file.as_deref())?;
        let root = RootFolder::new(&self.root).open(&for_root)?;
        if root.fingerprint() != current.organization() {
            let text = format!(
                "the root key in {} is not that of the organization in {}",
                self.root.display(),
                self.folder.display()
            );
            return Err(CommandError::input(text));
        }
        let file = self.key.passphrase_file.as_deref();
        let for_key = if self.new_passphrase {
            new_passphrase(Whose::Organization, file)?
        } else {
            let passphrase = passphrase(Whose::Organization, file)?;
            folder.key(&current, &passphrase)?;
            passphrase
        };
        let number = current.value().number.checked_add(1);
        let number = number.ok_or_else(|| CommandError::input("there is no higher number"))?;
        let (statement, key) = self.key.state(&root, &current.value().name, number);
        folder.add((&statement, &key), &for_key)?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json(&self.folder, &statement))?);
        }
        Ok(print(out, &self.folder, &statement)?)
    }
}
