//! sled, and what this crate must know of it.
//!
//! - Its `flush` ends in `sync_file_range`, which neither empties the drive's cache nor makes the
//!   file's length durable. [`Rows::sync`] therefore syncs its file.
//! - It moves live rows and writes over where they were as soon as *it* holds the copies for
//!   durable, and after a power cut it recognizes a torn log only within its last segments. So not
//!   more than a part of a segment may be unsynced at any time: see [`ROWS_PER_SYNC`].
//! - It keeps in memory, without bound, what it has not yet written: the same rule bounds that.
//! - On a damaged file it returns errors, panics, or loses the end of its log without a word. Panics
//!   are caught here; what is lost shows by the digest of the commit record.
//! - Values are at most 4,000 bytes: pages of larger ones would go to files beside the log.

use std::any::Any;
use std::fs::File;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anchorhold_model::RunId;
use sled::IVec;

use crate::commit::Generation;
use crate::error::{RowsError, StoreError};
use crate::step::{Step, reached};

/// The unit in which sled writes and reclaims: with 2 MiB one value of 1 MiB, written again and
/// again, keeps the file below 32 MiB.
const SEGMENT_BYTES: usize = 2 << 20;
/// How many rows may be written between two syncs. Written rows take about 17 KB of log each, with
/// the pages that are written again, hence these half a segment.
const ROWS_PER_SYNC: u32 = 64;
/// The memory that sled may keep pages in.
const CACHE_BYTES: u64 = 32 << 20;

/// Names one version of a value: its rows have this prefix and a chunk number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) run: RunId,
    /// The name, hidden.
    pub(crate) name: [u8; 32],
    pub(crate) generation: Generation,
}

const VERSION_BYTES: usize = 32 + 32 + 8;
const KEY_BYTES: usize = VERSION_BYTES + 4;

impl Version {
    pub(crate) fn prefix(&self) -> [u8; VERSION_BYTES] {
        let mut prefix = [0; VERSION_BYTES];
        prefix[..32].copy_from_slice(self.run.as_bytes());
        prefix[32..64].copy_from_slice(&self.name);
        prefix[64..].copy_from_slice(&self.generation.0.to_be_bytes());
        prefix
    }

    fn row(&self, chunk: u32) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        key[..VERSION_BYTES].copy_from_slice(&self.prefix());
        key[VERSION_BYTES..].copy_from_slice(&chunk.to_be_bytes());
        key
    }

    fn parse(key: &[u8]) -> Result<Self, RowsError> {
        let foreign = || RowsError::Foreign(key.len());
        let key: &[u8; KEY_BYTES] = key.try_into().map_err(|_| foreign())?;
        let (run, rest) = key.split_first_chunk().ok_or_else(foreign)?;
        let (name, rest) = rest.split_first_chunk().ok_or_else(foreign)?;
        let (generation, _) = rest.split_first_chunk().ok_or_else(foreign)?;
        Ok(Self {
            run: RunId::from_bytes(*run),
            name: *name,
            generation: Generation(u64::from_be_bytes(*generation)),
        })
    }
}

/// The rows of all runs of a folder.
pub(crate) struct Rows {
    db: sled::Db,
    file: File,
    unsynced: Mutex<u32>,
    panicked: AtomicBool,
}

impl Rows {
    /// Opens or creates sled's files in a folder, and syncs what sled itself does not. The caller
    /// sees to it that nobody else opens them.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        await_closing(&folder.join("db"))?;
        let config = sled::Config::new()
            .path(folder)
            .segment_size(SEGMENT_BYTES)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None);
        let db = catch_unwind(AssertUnwindSafe(|| config.open()))
            .map_err(panicked)?
            .map_err(RowsError::Sled)?;
        let sync = |name: &str| {
            let path = folder.join(name);
            let file = File::open(&path).map_err(StoreError::file("open", &path))?;
            file.sync_all().map_err(StoreError::file("sync", &path))?;
            Ok::<_, StoreError>(file)
        };
        sync("conf")?;
        sync("blobs")?;
        let file = sync("db")?;
        sync(".")?;
        Ok(Self { db, file, unsynced: Mutex::new(0), panicked: AtomicBool::new(false) })
    }

    pub(crate) fn get(&self, of: &Version, chunk: u32) -> Result<Option<IVec>, RowsError> {
        self.ask(|db| db.get(of.row(chunk)))
    }

    pub(crate) fn insert(&self, of: &Version, chunk: u32, row: &[u8]) -> Result<(), RowsError> {
        self.ask(|db| db.insert(of.row(chunk), row))?;
        self.wrote_one()
    }

    pub(crate) fn remove(&self, of: &Version, chunk: u32) -> Result<(), RowsError> {
        self.ask(|db| db.remove(of.row(chunk)))?;
        self.wrote_one()
    }

    /// Removes all rows with a prefix.
    pub(crate) fn remove_all(&self, prefix: &[u8]) -> Result<(), RowsError> {
        let mut keys = self.ask(|db| Ok(db.scan_prefix(prefix).keys()))?;
        while let Some(key) = self.ask(|_| keys.next().transpose())? {
            self.ask(|db| db.remove(key))?;
            self.wrote_one()?;
        }
        Ok(())
    }

    /// Returns the first version of a run, or the next one after `after`.
    pub(crate) fn next_version(
        &self,
        run: &RunId,
        after: Option<&Version>,
    ) -> Result<Option<Version>, RowsError> {
        let from = match after {
            None => Bound::Included(run.as_bytes().to_vec()),
            Some(version) => Bound::Excluded(version.row(u32::MAX).to_vec()),
        };
        Ok(self.first(from)?.filter(|version| version.run == *run))
    }

    /// Returns the first run that has rows, or the next one after `after`.
    pub(crate) fn next_run(&self, after: Option<&RunId>) -> Result<Option<RunId>, RowsError> {
        let from = match after {
            None => Bound::Unbounded,
            Some(run) => {
                let (name, generation) = ([u8::MAX; 32], Generation(u64::MAX));
                let last = Version { run: *run, name, generation };
                Bound::Excluded(last.row(u32::MAX).to_vec())
            }
        };
        Ok(self.first(from)?.map(|version| version.run))
    }

    /// Makes all rows durable that are written so far.
    pub(crate) fn sync(&self) -> Result<(), RowsError> {
        let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        self.sync_holding(&mut unsynced)
    }

    fn first(&self, from: Bound<Vec<u8>>) -> Result<Option<Version>, RowsError> {
        let found = self.ask(|db| db.range((from, Bound::Unbounded)).keys().next().transpose())?;
        found.map(|key| Version::parse(&key)).transpose()
    }

    /// Counts a row; whoever comes while a sync is due waits for it.
    fn wrote_one(&self) -> Result<(), RowsError> {
        #[cfg(test)]
        if crate::step::each_row_is_written() {
            self.ask(|db| db.flush())?;
        }
        reached(Step::Row);
        let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        *unsynced += 1;
        if *unsynced >= ROWS_PER_SYNC { self.sync_holding(&mut unsynced) } else { Ok(()) }
    }

    fn sync_holding(&self, unsynced: &mut u32) -> Result<(), RowsError> {
        self.ask(|db| db.flush())?;
        self.file.sync_data().map_err(RowsError::Sync)?;
        *unsynced = 0;
        reached(Step::Synced);
        Ok(())
    }

    /// Asks sled, whose panics become errors; after one of them nothing more is asked.
    fn ask<T>(&self, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, RowsError> {
        if self.panicked.load(Ordering::Acquire) {
            return Err(RowsError::Panicked("earlier".to_owned()));
        }
        let result = catch_unwind(AssertUnwindSafe(|| work(&self.db))).map_err(|panic| {
            self.panicked.store(true, Ordering::Release);
            panicked(panic)
        })?;
        Ok(result?)
    }
}

#[cfg(test)]
impl Rows {
    pub(crate) fn insert_raw(&self, key: &[u8], row: &[u8]) -> Result<(), RowsError> {
        self.ask(|db| db.insert(key, row).map(|_| ()))
    }
}

/// Waits until sled has let go of its file: a thread of its, or a process that is being started, may
/// do so only after the database was dropped, and sled does not wait for a lock.
fn await_closing(path: &Path) -> Result<(), StoreError> {
    match File::open(path).and_then(|file| file.lock().and_then(|()| file.unlock())) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::file("lock", path)(error))
        }
        _ => Ok(()),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> RowsError {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    RowsError::Panicked(text.unwrap_or_default().chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_sled_is_an_error_and_the_last_thing_it_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let rows = Rows::open(folder.path()).unwrap();
        let at =
            Version { run: RunId::from_bytes([1; 32]), name: [2; 32], generation: Generation(3) };
        rows.insert(&at, 0, b"row").unwrap();
        let error = rows.ask(|_| -> sled::Result<()> { panic!("page {} is gone", 7) }).unwrap_err();
        assert_eq!(error.to_string(), "sled panicked: page 7 is gone");
        assert!(matches!(rows.get(&at, 0), Err(RowsError::Panicked(_))));
        assert!(matches!(rows.sync(), Err(RowsError::Panicked(_))));
        drop(rows);
        let rows = Rows::open(folder.path()).unwrap();
        assert_eq!(&rows.get(&at, 0).unwrap().unwrap()[..], b"row");
    }
}
