//! The folders in which an organization keeps its keys: one for the root key, which belongs on a
//! medium in a safe, and one for the node.
//!
//! ```text
//! north-root/root.pem                    the root key
//! north/1/{signing,encryption}.pem       the organization's key of statement 1
//! north/1/statement.pem                  the statement, which is public
//! ```

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::KeypairBytes;
use pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, SecretDocument};
use rsa::RsaPrivateKey;

use crate::fingerprint::Fingerprint;
use crate::key::OrganizationKey;
use crate::key_file::{
    KeyFileError, Passphrase, read, read_private, sync_name, write_new, write_private,
};
use crate::root::RootKey;
use crate::statement::{Statement, StatementError};

const ROOT: &str = "root.pem";
const SIGNING: &str = "signing.pem";
const ENCRYPTION: &str = "encryption.pem";
const STATEMENT: &str = "statement.pem";
/// The largest statement's file.
const STATEMENT_BYTES: u64 = 64 << 10;

/// What is wrong with a folder of keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The folder cannot be made or read.
    #[error("the folder {path} cannot be made or read")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is something already.
    #[error("{path} is there already; nothing was changed")]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// There is no organization.
    #[error("{path} holds no organization's keys")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A statement is not taken.
    #[error("{path} is not taken")]
    Statement {
        /// The statement's file.
        path: PathBuf,
        /// Why.
        source: StatementError,
    },
    /// A folder holds another statement than its name says.
    #[error("{path} holds statement {actual} of {organization}, where another is expected")]
    Misplaced {
        /// The folder.
        path: PathBuf,
        /// The number of the statement in it.
        actual: u64,
        /// Whose it is.
        organization: Fingerprint,
    },
    /// The private keys are others than those of the statement.
    #[error("the keys in {path} are not those of its statement")]
    OtherKeys {
        /// The folder.
        path: PathBuf,
    },
    /// The root key is another organization's.
    #[error("the root key is not that of the organization in {path}")]
    OtherRoot {
        /// The folder.
        path: PathBuf,
    },
}

/// The folder of a root key.
#[derive(Debug, Clone)]
pub struct RootFolder(PathBuf);

impl RootFolder {
    /// Names a folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Writes a root key into the folder, which must not be there yet.
    ///
    /// # Errors
    ///
    /// Where it is there, or cannot be made.
    pub fn create(&self, key: &RootKey, passphrase: &Passphrase) -> Result<(), FolderError> {
        create(&self.0)?;
        let der = signing_der(&key.0);
        Ok(write_private(&self.0.join(ROOT), &der, passphrase)?)
    }

    /// Reads the root key.
    ///
    /// # Errors
    ///
    /// Where it is not there, or the passphrase is another.
    pub fn open(&self, passphrase: &Passphrase) -> Result<RootKey, FolderError> {
        let path = self.0.join(ROOT);
        let der = read_private(&path, passphrase)?;
        let key = SigningKey::from_pkcs8_der(der.as_bytes());
        Ok(RootKey(key.map_err(|_| KeyFileError::NotAKey { path })?))
    }
}

/// The folder of an organization's keys and statements.
#[derive(Debug, Clone)]
pub struct OrganizationFolder(PathBuf);

impl OrganizationFolder {
    /// Names a folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes the folder, which must not be there yet, and writes the first key into it.
    ///
    /// # Errors
    ///
    /// Where it is there, or cannot be made.
    pub fn create(
        &self,
        (statement, key): (&Statement, &OrganizationKey),
        passphrase: &Passphrase,
    ) -> Result<(), FolderError> {
        create(&self.0)?;
        self.add((statement, key), passphrase)
    }

    /// Writes the key of a further statement, all of it or nothing.
    ///
    /// # Errors
    ///
    /// Where there is one with its number, it is of another organization, or nothing can be
    /// written.
    pub fn add(
        &self,
        (statement, key): (&Statement, &OrganizationKey),
        passphrase: &Passphrase,
    ) -> Result<(), FolderError> {
        let io = |source| FolderError::Io { path: self.0.clone(), source };
        let known = self.numbers()?.pop().map(|number| self.statement(number)).transpose()?;
        if known.is_some_and(|known| known.organization() != statement.organization()) {
            return Err(FolderError::OtherRoot { path: self.0.clone() });
        }
        let path = self.0.join(statement.value().number.to_string());
        if path.exists() {
            return Err(FolderError::Exists { path });
        }
        let folder = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.0).map_err(io)?;
        let signing = signing_der(&key.signing);
        let encryption = key.encryption.to_pkcs8_der().expect("every key can be encoded");
        write_private(&folder.path().join(SIGNING), &signing, passphrase)?;
        write_private(&folder.path().join(ENCRYPTION), &encryption, passphrase)?;
        write_new(&folder.path().join(STATEMENT), statement.to_pem().as_bytes())?;
        fs::rename(folder.path(), &path).map_err(io)?;
        let _ = folder.keep(); // It has another name now.
        fs::File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(io)
    }

    /// Returns the statement with the highest number. It needs no passphrase.
    ///
    /// # Errors
    ///
    /// Where there is none, it was changed, or not all statements are of one organization.
    pub fn current(&self) -> Result<Statement, FolderError> {
        let statements = self.numbers()?.into_iter().map(|number| self.statement(number));
        let mut statements = statements.collect::<Result<Vec<_>, _>>()?;
        let current =
            statements.pop().ok_or_else(|| FolderError::Empty { path: self.0.clone() })?;
        let organization = current.organization();
        match statements.iter().find(|other| other.organization() != organization) {
            Some(other) => Err(self.misplaced(other.value().number, other)),
            None => Ok(current),
        }
    }

    fn misplaced(&self, number: u64, found: &Statement) -> FolderError {
        FolderError::Misplaced {
            path: self.0.join(number.to_string()),
            actual: found.value().number,
            organization: found.organization(),
        }
    }

    /// Returns the statements' numbers, in order.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read.
    pub fn numbers(&self) -> Result<Vec<u64>, FolderError> {
        let io = |source| FolderError::Io { path: self.0.clone(), source };
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            let number = name.to_str().and_then(|name| name.parse::<u64>().ok());
            numbers.extend(number.filter(|number| name == *number.to_string()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Returns the statement with a number.
    ///
    /// # Errors
    ///
    /// Where it is not there, or was changed.
    pub fn statement(&self, number: u64) -> Result<Statement, FolderError> {
        let statement = read_statement(&self.0.join(number.to_string()).join(STATEMENT))?;
        if statement.value().number != number {
            return Err(self.misplaced(number, &statement));
        }
        Ok(statement)
    }

    /// Returns the private keys of a statement.
    ///
    /// # Errors
    ///
    /// Where they are not there or not the statement's, or the passphrase is another.
    pub fn key(
        &self,
        statement: &Statement,
        passphrase: &Passphrase,
    ) -> Result<OrganizationKey, FolderError> {
        let folder = self.0.join(statement.value().number.to_string());
        let read = |name| {
            let path = folder.join(name);
            read_private(&path, passphrase).map(|der| (path, der))
        };
        let (path, der) = read(SIGNING)?;
        let signing = SigningKey::from_pkcs8_der(der.as_bytes());
        let signing = signing.map_err(|_| KeyFileError::NotAKey { path })?;
        let (path, der) = read(ENCRYPTION)?;
        let encryption = RsaPrivateKey::from_pkcs8_der(der.as_bytes()).ok();
        let encryption = encryption.filter(|key| key.validate().is_ok());
        let encryption = encryption.ok_or(KeyFileError::NotAKey { path })?;
        let key = OrganizationKey { signing, encryption };
        if key.public() != *statement.signing() || key.encryption() != *statement.encryption() {
            return Err(FolderError::OtherKeys { path: folder });
        }
        Ok(key)
    }
}

/// Reads a statement from a file; whose it should be is still to be compared.
fn read_statement(path: &Path) -> Result<Statement, FolderError> {
    let statement = Statement::from_pem(&read(path, STATEMENT_BYTES)?);
    statement.map_err(|source| FolderError::Statement { path: path.to_owned(), source })
}

/// Encodes a key as PKCS#8 in its first version: OpenSSL does not read the second, which has the
/// public key too.
fn signing_der(key: &SigningKey) -> SecretDocument {
    let bytes = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    bytes.to_pkcs8_der().expect("every key can be encoded")
}

/// Makes a folder, for the owner alone, that is not there yet.
fn create(path: &Path) -> Result<(), FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        fs::create_dir_all(above).map_err(io)?;
    }
    fs::DirBuilder::new().mode(0o700).create(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FolderError::Exists { path: path.to_owned() },
        _ => io(source),
    })?;
    sync_name(path).map_err(io)
}

#[cfg(test)]
mod tests;
