//! The key of the node's storage, in a file, encrypted to the organization's key.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anchorhold_identity::{
    FolderError, OrganizationFolder, OrganizationKey, Passphrase, Statement,
};
use anchorhold_storage::StorageKey;

/// The largest file: an RSA ciphertext of 8,192 bits.
const FILE_BYTES: usize = 1 << 10;

/// Why there is no storage key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageKeyError {
    /// The file cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No key of the organization opens it.
    #[error("{path} opens under no key of the organization in its folder")]
    NotOpened {
        /// The file.
        path: PathBuf,
    },
    /// An earlier key of the organization cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Reads the storage key, or makes it. Where an earlier key of the organization opens it, it is
/// encrypted anew to the current one.
pub(crate) fn open(
    path: &Path,
    organization: &OrganizationFolder,
    (statement, key): (&Statement, &OrganizationKey),
    passphrase: &Passphrase,
) -> Result<StorageKey, StorageKeyError> {
    let failed = |source| StorageKeyError::Io { path: path.to_owned(), source };
    let wrapped = match fs::read(path) {
        Ok(bytes) if bytes.len() <= FILE_BYTES => bytes,
        Ok(_) => return Err(StorageKeyError::NotOpened { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut secret = zeroize::Zeroizing::new([0; 32]);
            getrandom::fill(&mut *secret).map_err(|error| failed(io::Error::other(error)))?;
            write(path, &statement.encryption().wrap(&secret)).map_err(failed)?;
            return Ok(StorageKey::from_bytes(*secret));
        }
        Err(error) => return Err(failed(error)),
    };
    if let Some(secret) = key.open(&wrapped) {
        return Ok(StorageKey::from_bytes(*secret));
    }
    for number in organization.numbers()?.into_iter().rev() {
        let earlier = organization.statement(number)?;
        // Its passphrase may be another; then the operator must give that one once.
        let Ok(key) = organization.key(&earlier, passphrase) else { continue };
        if let Some(secret) = key.open(&wrapped) {
            write(path, &statement.encryption().wrap(&secret)).map_err(failed)?;
            return Ok(StorageKey::from_bytes(*secret));
        }
    }
    Err(StorageKeyError::NotOpened { path: path.to_owned() })
}

/// Writes the file whole or not at all, for the owner alone.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use anchorhold_identity::RootKey;

    use super::*;

    #[test]
    fn after_a_rotation_the_storage_key_is_the_same_and_opens_under_the_new_key() {
        let folder = tempfile::tempdir().unwrap();
        let organization = OrganizationFolder::new(folder.path().join("org"));
        let passphrase = Passphrase::new("a long passphrase").unwrap();
        let root = RootKey::generate();
        let make = |number| {
            let key = OrganizationKey::generate(3072);
            (root.state("north", number, &key, (0, u64::MAX)), key)
        };
        let (first, first_key) = make(1);
        organization.create((&first, &first_key), &passphrase).unwrap();
        let path = folder.path().join("storage.key");
        open(&path, &organization, (&first, &first_key), &passphrase).unwrap();
        let before = first_key.open(&fs::read(&path).unwrap()).unwrap();

        let (second, second_key) = make(2);
        organization.add((&second, &second_key), &passphrase).unwrap();
        open(&path, &organization, (&second, &second_key), &passphrase).unwrap();
        let wrapped = fs::read(&path).unwrap();
        assert!(first_key.open(&wrapped).is_none());
        assert_eq!(*second_key.open(&wrapped).unwrap(), *before);

        let (other, other_key) = make(3);
        fs::remove_dir_all(folder.path().join("org")).unwrap();
        organization.create((&other, &other_key), &passphrase).unwrap();
        let opened = open(&path, &organization, (&other, &other_key), &passphrase);
        assert!(matches!(opened, Err(StorageKeyError::NotOpened { .. })));
    }
}
