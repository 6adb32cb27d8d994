//! The commit point: one small record for each run, which says what of the run's rows counts.
//!
//! Whatever a task wrote is in sled, synced and under a generation above the committed one. Then
//! the record moves to that generation, and this single synced write is the commit. The record is
//! kept outside of sled, which silently falls back to an older state where its log is damaged: the
//! record also has a digest of all committed entries, so that rows which do not belong to it are
//! noticed and never served.
//!
//! It can become a row of a database: [`CommitPoint`] is all that would change.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anchorhold_model::RunId;

use crate::durable;
use crate::error::StoreError;
use crate::key::{self, RunKeys, SEAL_BYTES};

/// Orders the states of a run: commits in the upper half, takes since the last one in the lower.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Generation(pub(crate) u64);

impl Generation {
    /// What a task's writes are staged under: above all takes until then.
    pub(crate) fn next_commit(self) -> Option<Self> {
        (self.0 >> 32).checked_add(1).filter(|commits| *commits < 1 << 32).map(|n| Self(n << 32))
    }

    /// What one take is committed under: below what is staged meanwhile.
    pub(crate) fn next_take(self) -> Option<Self> {
        let next = Self(self.0.checked_add(1)?);
        (next.0 >> 32 == self.0 >> 32).then_some(next)
    }
}

/// A digest of a set of entries: the exclusive or of their authentication codes. Without the run's
/// key no other set is found that has the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StateDigest([u8; 32]);

impl StateDigest {
    /// Adds the entry with this code, or removes it if it is there.
    pub(crate) fn toggle(&mut self, code: [u8; 32]) {
        self.0.iter_mut().zip(code).for_each(|(byte, other)| *byte ^= other);
    }
}

/// What of a run's rows counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Rows above it do not count; of each name the highest one not above it does.
    pub(crate) generation: Generation,
    /// The entries that there must then be.
    pub(crate) digest: StateDigest,
}

const PLAIN_BYTES: usize = 8 + 32;
const RECORD_BYTES: usize = PLAIN_BYTES + SEAL_BYTES;
/// The two places of a record lie in blocks of their own, so that writing one cannot tear the other.
const PLACE_BYTES: u64 = 4_096;

/// The commit record of one run, in a file with two places that are written in turns.
///
/// A place that does not open is one that a crash tore: that commit did not happen.
pub(crate) struct CommitPoint {
    run: RunId,
    path: PathBuf,
    file: File,
    place: u8,
    record: Record,
}

impl CommitPoint {
    /// Makes the record of a new run, durably.
    pub(crate) fn create(folder: &Path, run: &RunId, keys: &RunKeys) -> Result<(), StoreError> {
        let path = path(folder, run);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(StoreError::file("create", &path))?;
        let mut point = Self { run: *run, path, file, place: 1, record: Record::default() };
        point.advance(keys, Record::default())?;
        durable::sync_folder(folder)
    }

    /// Opens the record of a run.
    pub(crate) fn open(folder: &Path, run: &RunId, keys: &RunKeys) -> Result<Self, StoreError> {
        let damaged = StoreError::Damaged { run: *run, what: "its commit record does not open" };
        let path = path(folder, run);
        let Some(content) = durable::read(&path)? else { return Err(damaged) };
        let newest = [0, 1]
            .into_iter()
            .filter_map(|place| Some((place, read(&content, keys, run, place)?)))
            .max_by_key(|(_, record)| record.generation);
        let Some((place, record)) = newest else { return Err(damaged) };
        let file =
            OpenOptions::new().write(true).open(&path).map_err(StoreError::file("open", &path))?;
        Ok(Self { run: *run, path, file, place, record })
    }

    /// The committed record.
    pub(crate) fn record(&self) -> Record {
        self.record
    }

    /// Commits a record: when this returns it is durable. After an error it may or may not be.
    pub(crate) fn advance(&mut self, keys: &RunKeys, record: Record) -> Result<(), StoreError> {
        let place = 1 - self.place;
        let plain = [&record.generation.0.to_be_bytes()[..], &record.digest.0].concat();
        let sealed = key::seal(&keys.commits, &context(&self.run, place), &plain)?;
        self.file
            .write_all_at(&sealed, offset(place))
            .and_then(|()| self.file.sync_data())
            .map_err(StoreError::file("write", &self.path))?;
        self.place = place;
        self.record = record;
        Ok(())
    }

    /// Removes the record of a run, if there is one.
    pub(crate) fn remove(folder: &Path, run: &RunId) -> Result<(), StoreError> {
        durable::remove(&path(folder, run))
    }
}

fn read(content: &[u8], keys: &RunKeys, run: &RunId, place: u8) -> Option<Record> {
    let start = usize::try_from(offset(place)).ok()?;
    let sealed = content.get(start..start.checked_add(RECORD_BYTES)?)?;
    let plain = key::open(&keys.commits, &context(run, place), sealed)?;
    let (generation, digest) = plain.split_first_chunk::<8>()?;
    Some(Record {
        generation: Generation(u64::from_be_bytes(*generation)),
        digest: StateDigest(digest.try_into().ok()?),
    })
}

fn offset(place: u8) -> u64 {
    u64::from(place) * PLACE_BYTES
}

fn context(run: &RunId, place: u8) -> Vec<u8> {
    [b"anchorhold/1 commit record", &run.as_bytes()[..], &[place]].concat()
}

fn path(folder: &Path, run: &RunId) -> PathBuf {
    folder.join(run.to_string())
}
