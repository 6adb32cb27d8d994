//! Small files that are there after a crash, or gone for good.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::error::StoreError;
use crate::step::{Step, reached};

/// What ends the name of a file that is not yet what it shall be.
pub(crate) const UNFINISHED: &str = "unfinished";

/// Creates a folder that only its owner may enter, with those above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(StoreError::file("create", path))
}

/// Makes the name of a folder durable.
pub(crate) fn sync_name(path: &Path) -> Result<(), StoreError> {
    sync_folder(parent(path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(StoreError::file("sync", path))
}

/// Writes a file that only its owner may read: after a crash it is whole or not there.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let unfinished = path.with_extension(UNFINISHED);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(StoreError::file("write", path))?;
    sync_name(path)
}

/// Reads a file, or returns none where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::file("read", path)(error)),
    }
}

/// Removes a file if it is there; a crash may bring it back.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Overwrites a file with zeros and removes it, each for good. If it is not there, does nothing.
///
/// A drive that writes elsewhere than it is told may still hold the old bytes.
pub(crate) fn destroy(path: &Path) -> Result<(), StoreError> {
    let overwrite = |mut file: File| {
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        file.write_all(&vec![0; length])?;
        file.sync_all()
    };
    match OpenOptions::new().write(true).open(path).and_then(overwrite) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result.map_err(StoreError::file("overwrite", path))?,
    }
    reached(Step::KeyOverwritten);
    remove(path)?;
    sync_name(path)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}
