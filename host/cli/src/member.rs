//! A member of a collaboration at the command line: its file, its key, and its place at the server.

use std::path::{Path, PathBuf};

use anchorhold_client::requester::Requester;
use anchorhold_client::{Client, ClientError, CollaborationFile};
use anchorhold_identity::{OrganizationFolder, OrganizationKey, Passphrase, Statement};
use clap::Args;

use crate::passphrase::{Whose, passphrase};
use crate::remote::TrustOptions;
use crate::{CommandError, Kind};

/// The collaboration, and which of its members asks.
#[derive(Debug, Args)]
pub(crate) struct MemberOptions {
    /// File of the collaboration
    #[arg(long, value_name = "FILE", env = "ANCHORHOLD_COLLABORATION")]
    collaboration: PathBuf,
    #[command(flatten)]
    key: KeyOptions,
}

/// The key of the member that asks.
#[derive(Debug, Args)]
pub(crate) struct KeyOptions {
    /// Folder of the organization's key
    #[arg(long, value_name = "FOLDER", env = "ANCHORHOLD_ORG")]
    org: PathBuf,
    /// File with the passphrase of the organization's key, in one line
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
}

impl MemberOptions {
    /// Reads the collaboration's file.
    pub(crate) fn file(&self) -> Result<CollaborationFile, CommandError> {
        Ok(CollaborationFile::read(&self.collaboration)?)
    }

    /// Opens the key of the member that asks.
    pub(crate) fn open(&self, file: CollaborationFile) -> Result<Member, CommandError> {
        self.key.open(file)
    }
}

impl KeyOptions {
    /// Opens the key of the member of a collaboration that asks.
    pub(crate) fn open(&self, file: CollaborationFile) -> Result<Member, CommandError> {
        // Before anybody is asked for a passphrase.
        let statement = OrganizationFolder::new(&self.org).current()?;
        let organization = statement.organization();
        if file.member_name(&organization).is_none() {
            let text = format!(
                "the organization in {} is no member of {}: the file does not have its \
                 fingerprint {organization}",
                self.org.display(),
                file.collaboration().name(),
            );
            return Err(CommandError::input(text));
        }
        let client = self.trust.client(file.server(), None)?;
        let key = Key::open(&self.org, self.passphrase_file.as_deref())?;
        Ok(Member { file, key, client })
    }
}

/// A member whose key is open.
pub(crate) struct Member {
    pub(crate) file: CollaborationFile,
    pub(crate) key: Key,
    /// Not signed in.
    client: Client,
}

impl Member {
    /// Signs in.
    pub(crate) async fn sign_in(&self) -> Result<Client, CommandError> {
        self.key.sign_in(&self.client).await
    }

    /// Signs in once more: a session lasts an hour, or until the server is started again.
    pub(crate) async fn renew(&self) -> Result<Client, ClientError> {
        let Key { statement, key, .. } = &self.key;
        self.client.sign_in(&statement.organization(), key).await
    }

    /// Returns what the member is called.
    pub(crate) fn name(&self) -> &str {
        let name = self.file.member_name(&self.key.statement.organization());
        name.expect("it was found when the key was opened")
    }
}

/// An organization's current key.
pub(crate) struct Key {
    pub(crate) statement: Statement,
    key: OrganizationKey,
    folder: OrganizationFolder,
    passphrase: Passphrase,
}

impl Key {
    /// Opens the current key in a folder.
    pub(crate) fn open(
        folder: &Path,
        passphrase_file: Option<&Path>,
    ) -> Result<Self, CommandError> {
        let folder = OrganizationFolder::new(folder);
        let statement = folder.current()?;
        let passphrase = passphrase(Whose::Organization, passphrase_file)?;
        let key = folder.key(&statement, &passphrase)?;
        Ok(Self { statement, key, folder, passphrase })
    }

    pub(crate) async fn sign_in(&self, client: &Client) -> Result<Client, CommandError> {
        let signed_in = client.sign_in(&self.statement.organization(), &self.key).await;
        signed_in.map_err(|error| {
            let error = CommandError::from(error);
            match error.kind() {
                Kind::Refused => error.with_hint(
                    "`anchorhold org register` makes the organization and its current key known",
                ),
                _ => error,
            }
        })
    }

    pub(crate) fn requester(&self) -> Requester<'_> {
        Requester { statement: &self.statement, key: &self.key }
    }

    /// Returns the earlier keys that the passphrase opens, the latest first: what was sealed to them
    /// is still opened with them.
    pub(crate) fn earlier(&self) -> Vec<(Statement, OrganizationKey)> {
        let mut numbers = self.folder.numbers().unwrap_or_default();
        numbers.retain(|number| *number < self.statement.value().number);
        let open = |number: &u64| {
            let statement = self.folder.statement(*number).ok()?;
            let key = self.folder.key(&statement, &self.passphrase).ok()?;
            Some((statement, key))
        };
        numbers.iter().rev().filter_map(open).collect()
    }
}
