//! The storage folder: which runs there are, and how one begins and ends.
//!
//! ```text
//! lock          held while the folder is open
//! fingerprint   of the storage key that the folder was made under
//! keys/RUN      the run's key, sealed: with it the run is there, without it it is gone
//! commits/RUN   the run's commit record
//! db, conf, ... sled's: the rows of all runs
//! ```

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anchorhold_model::RunId;

use crate::commit::CommitPoint;
use crate::durable;
use crate::error::{OpenError, RowsError, StoreError};
use crate::index::{self, Index};
use crate::key::{self, RunKeys, StorageKey};
use crate::key_file::{KeyFile, KeyFiles};
use crate::rows::Rows;
use crate::run::{Quota, Run};
use crate::step::{Step, reached};

/// A storage folder, open. Clones are the same store; the last one, or the last [`Run`] of it,
/// closes it when it is dropped.
#[derive(Clone)]
pub struct Store(Arc<Folder>);

/// What the runs of a store share.
pub(crate) struct Folder {
    pub(crate) rows: Rows,
    key_files: KeyFiles,
    commits: PathBuf,
    open: Mutex<HashSet<RunId>>,
    /// Last, so that the folder is free for others only when sled has closed its files.
    _lock: Lock,
}

impl Store {
    /// Opens or creates a storage folder and finishes what a crash interrupted: what was staged is
    /// discarded, what was superseded and what is left of closed runs is removed.
    ///
    /// A run that is damaged does not keep the others from being opened: [`Store::run`] tells.
    /// Blocks for as long as it reads the names of all runs.
    ///
    /// # Errors
    /// [`OpenError::InUse`], [`OpenError::OtherKey`], or what kept files and rows from being read.
    /// Where sled does not open its own files, all of the folder is lost.
    pub fn open(folder: &Path, key: &StorageKey) -> Result<Self, OpenError> {
        let (keys, commits) = (folder.join("keys"), folder.join("commits"));
        durable::create_folder(&keys)?;
        durable::create_folder(&commits)?;
        durable::sync_name(folder)?;
        let lock = Lock::new(folder)?;
        check_key(folder, key)?;
        let store = Self(Arc::new(Folder {
            rows: Rows::open(folder)?,
            key_files: KeyFiles::new(keys, key.wrapping()),
            commits,
            open: Mutex::default(),
            _lock: lock,
        }));
        store.0.recover()?;
        Ok(store)
    }

    /// Opens a run, or creates it under a new key if it is not there. A run that was closed is not
    /// there: whether it may come again is for the caller to know.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOpen`]; [`StoreError::Damaged`] where its rows are not what was
    /// committed.
    pub fn run(&self, run: RunId, quota: Quota) -> Result<Run, StoreError> {
        let claim = Claim::new(&self.0, run)?;
        let keys = match self.0.key_files.read(&run)? {
            KeyFile::Present(key) => RunKeys::derive(&key),
            KeyFile::Absent | KeyFile::Destroyed => {
                self.0.end(&run)?;
                self.0.create(&run)?
            }
        };
        let (point, index) = self.0.load(&run, &keys)?;
        Ok(Run::new(claim, keys, point, index, quota))
    }

    /// Closes a run for good: destroys its key, and with it all that it stored, then removes what
    /// is left. Closing a run that is not there does nothing.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOpen`] while a [`Run`] or a transaction of it exists. After any other
    /// error the run may be gone or not, and can be closed again.
    pub fn close_run(&self, run: RunId) -> Result<(), StoreError> {
        let _claim = Claim::new(&self.0, run)?;
        self.0.end(&run)
    }
}

#[cfg(test)]
impl Store {
    pub(crate) fn rows(&self) -> &Rows {
        &self.0.rows
    }

    pub(crate) fn duplicate_of_lock(&self) -> File {
        self.0._lock.0.try_clone().unwrap()
    }
}

impl Folder {
    /// Makes a new run. The key file comes last: without it there is no run.
    fn create(&self, run: &RunId) -> Result<RunKeys, StoreError> {
        let key = key::draw()?;
        let keys = RunKeys::derive(&key);
        CommitPoint::create(&self.commits, run, &keys)?;
        reached(Step::RecordCreated);
        self.key_files.create(run, &key)?;
        Ok(keys)
    }

    /// Ends a run, or what is left of one. The key comes first: without it there is no run, and
    /// rows that sled cannot read any more may stay.
    fn end(&self, run: &RunId) -> Result<(), StoreError> {
        self.key_files.destroy(run)?;
        reached(Step::KeyRemoved);
        CommitPoint::remove(&self.commits, run)?;
        reached(Step::RecordRemoved);
        spare_damaged(self.rows.remove_all(run.as_bytes()).map_err(StoreError::from))
    }

    /// Finishes what was interrupted. What is damaged is left as it is.
    fn recover(&self) -> Result<(), StoreError> {
        let mut there = HashSet::new();
        for run in runs_in(self.key_files.folder())? {
            match self.key_files.read(&run) {
                Ok(KeyFile::Present(key)) => {
                    spare_damaged(self.load(&run, &RunKeys::derive(&key)))?;
                    there.insert(run);
                }
                Ok(KeyFile::Destroyed) => self.end(&run)?,
                Ok(KeyFile::Absent) => {}
                Err(error) => {
                    spare_damaged::<()>(Err(error))?;
                    there.insert(run);
                }
            }
        }
        for run in runs_in(&self.commits)?.difference(&there) {
            self.end(run)?;
        }
        spare_damaged(self.remove_rows_of_others(&there))
    }

    fn remove_rows_of_others(&self, there: &HashSet<RunId>) -> Result<(), StoreError> {
        let mut cursor = None;
        while let Some(run) = self.rows.next_run(cursor.as_ref())? {
            if !there.contains(&run) {
                self.end(&run)?;
            }
            cursor = Some(run);
        }
        Ok(())
    }

    /// Finds what a run has committed, and removes what does not count.
    fn load(&self, run: &RunId, keys: &RunKeys) -> Result<(CommitPoint, Index), StoreError> {
        let point = CommitPoint::open(&self.commits, run, keys)?;
        let index = index::load(&self.rows, run, keys, &point.record())?;
        Ok((point, index))
    }

    fn open_runs(&self) -> MutexGuard<'_, HashSet<RunId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to a run: only one at a time.
pub(crate) struct Claim {
    pub(crate) folder: Arc<Folder>,
    pub(crate) run: RunId,
}

impl Claim {
    fn new(folder: &Arc<Folder>, run: RunId) -> Result<Self, StoreError> {
        if !folder.open_runs().insert(run) {
            return Err(StoreError::AlreadyOpen(run));
        }
        Ok(Self { folder: Arc::clone(folder), run })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.folder.open_runs().remove(&self.run);
    }
}

/// Lets pass what is wrong with one run only, for whoever opens that run to be told.
fn spare_damaged<T>(result: Result<T, StoreError>) -> Result<(), StoreError> {
    match result {
        Ok(_)
        | Err(
            StoreError::Damaged { .. }
            | StoreError::Rows(RowsError::Sled(sled::Error::Corruption { .. })),
        ) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The right to a folder: only one at a time.
struct Lock(File);

impl Lock {
    fn new(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("lock");
        let file = File::create(&path).map_err(StoreError::file("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(StoreError::file("lock", &path)(error).into()),
        }
    }
}

impl Drop for Lock {
    /// Closing the file would not do: a process that is being started has it open too, until it is
    /// replaced by its program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Refuses a folder that was made under another key, and marks a new one.
fn check_key(folder: &Path, key: &StorageKey) -> Result<(), OpenError> {
    let path = folder.join("fingerprint");
    match durable::read(&path)? {
        Some(fingerprint) if fingerprint == key.fingerprint() => Ok(()),
        // Rows without a fingerprint are of a folder that lost it.
        None if !folder.join("db").exists() => Ok(durable::write(&path, &key.fingerprint())?),
        _ => Err(OpenError::OtherKey(folder.to_owned())),
    }
}

/// Lists the runs that a folder has files of, and removes the files that were never finished.
fn runs_in(folder: &Path) -> Result<HashSet<RunId>, StoreError> {
    let mut runs = HashSet::new();
    for entry in fs::read_dir(folder).map_err(StoreError::file("list", folder))? {
        let path = entry.map_err(StoreError::file("list", folder))?.path();
        if path.extension().is_some_and(|extension| extension == durable::UNFINISHED) {
            durable::remove(&path)?;
        } else if let Some(run) = path.file_name().and_then(|name| name.to_str()?.parse().ok()) {
            runs.insert(run);
        }
    }
    Ok(runs)
}
