//! `anchorhold org new`: a root key and the organization's first key.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf, absolute};

use anchorhold_identity::{OrganizationFolder, RootFolder, RootKey, check_name};
use anchorhold_model::chain;

use super::{KeyOptions, json, print};
use crate::passphrase::{Whose, new_passphrase};
use crate::{CommandError, say};

/// Makes an organization's root key and its first key, in two folders
///
/// FOLDER holds the organization's key: it belongs to the node. The folder of the root key belongs
/// on a medium in a safe; it is needed only by `org rotate`. Each has a passphrase of its own, from a
/// file, from ANCHORHOLD_PASSPHRASE and ANCHORHOLD_ROOT_PASSPHRASE, or asked for. Whoever is to trust
/// the organization compares its fingerprint, best on the telephone.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// Folder to make for the organization's key
    folder: PathBuf,
    /// What the organization calls itself
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Folder to make for the root key [default: FOLDER-root]
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    #[command(flatten)]
    key: KeyOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl New {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        check_name(&self.name).map_err(|error| CommandError::input(chain(&error)))?;
        let root_path = self.root.unwrap_or_else(|| beside(&self.folder));
        if let (Ok(folder), Ok(root)) = (absolute(&self.folder), absolute(&root_path))
            && (folder.starts_with(&root) || root.starts_with(&folder))
        {
            return Err(CommandError::input("the two folders must be apart from each other"));
        }
        for path in [&self.folder, &root_path] {
            // Before anybody is asked for a passphrase.
            if path.exists() {
                let text = format!("{} is there already; nothing was changed", path.display());
                return Err(CommandError::input(text));
            }
        }
        let passphrase = new_passphrase(Whose::Organization, self.key.passphrase_file.as_deref())?;
        let for_root = new_passphrase(Whose::Root, self.key.root_passphrase_file.as_deref())?;
        let root = RootKey::generate();
        let (statement, key) = self.key.state(&root, &self.name, 1);
        RootFolder::new(&root_path).create(&root, &for_root)?;
        OrganizationFolder::new(&self.folder).create((&statement, &key), &passphrase)?;
        if self.json {
            writeln!(out, "{:#}", json(&self.folder, &statement))?;
        } else {
            print(out, &self.folder, &statement)?;
        }
        say(&format!(
            "warning: keep copies of both folders and passphrases: without {} nothing that is \
             sealed to the organization can be opened; without {} it can never have another key",
            self.folder.display(),
            root_path.display()
        ));
        Ok(())
    }
}

fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().map_or_else(|| OsString::from("org"), OsString::from);
    name.push("-root");
    folder.with_file_name(name)
}
