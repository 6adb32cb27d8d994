//! The key of each run, sealed under the storage key, in a file of its own and never in sled:
//! what sled deletes stays on disk, and whoever destroys this file destroys the run.

use std::path::{Path, PathBuf};

use anchorhold_model::RunId;
use zeroize::Zeroizing;

use crate::durable;
use crate::error::StoreError;
use crate::key::{self, Key};

/// What the folder has of a run's key.
pub(crate) enum KeyFile {
    /// There is no file: no such run.
    Absent,
    /// The file is overwritten: the run was being closed.
    Destroyed,
    /// The run's key.
    Present(Key),
}

/// The key files of one storage folder.
pub(crate) struct KeyFiles {
    folder: PathBuf,
    wrapping: Key,
}

impl KeyFiles {
    pub(crate) fn new(folder: PathBuf, wrapping: Key) -> Self {
        Self { folder, wrapping }
    }

    /// Makes the file of a new run, durably: with it the run is there.
    pub(crate) fn create(&self, run: &RunId, key: &Key) -> Result<(), StoreError> {
        durable::write(&self.path(run), &key::seal(&self.wrapping, &context(run), key.as_slice())?)
    }

    pub(crate) fn read(&self, run: &RunId) -> Result<KeyFile, StoreError> {
        let Some(sealed) = durable::read(&self.path(run))? else { return Ok(KeyFile::Absent) };
        if sealed.iter().all(|&byte| byte == 0) {
            return Ok(KeyFile::Destroyed);
        }
        key::open(&self.wrapping, &context(run), &sealed)
            .and_then(|plain| plain.as_slice().try_into().ok())
            .map(|bytes| KeyFile::Present(Zeroizing::new(bytes)))
            .ok_or(StoreError::Damaged { run: *run, what: "its key file does not open" })
    }

    /// Destroys a run's key, if there is one.
    pub(crate) fn destroy(&self, run: &RunId) -> Result<(), StoreError> {
        durable::destroy(&self.path(run))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, run: &RunId) -> PathBuf {
        self.folder.join(run.to_string())
    }
}

fn context(run: &RunId) -> Vec<u8> {
    [b"anchorhold/1 run key file", &run.as_bytes()[..]].concat()
}
