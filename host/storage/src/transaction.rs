//! One task's view of its run: what is committed, and over it what the task itself wrote.

use std::fmt;
use std::ops::Bound;

use anchorhold_model::{Limit, limits};

use crate::error::{SetError, StoreError};
use crate::run::{Run, Staged};
use crate::value::{self, Entry};

/// One task's view of a run. Dropping it without [`Transaction::commit`] leaves no trace of its
/// writes, but for those of [`Transaction::take`].
///
/// All calls block for as long as sled and the disk take; none waits for another transaction, but
/// now and then for the sync of rows that others wrote.
///
/// Where a call says that the run has failed or is damaged, the task should end; the run can then
/// be opened again.
pub struct Transaction {
    run: Run,
    /// Bytes of names and values, and number of names, as this transaction sees them.
    bytes: u64,
    keys: u64,
}

impl Transaction {
    pub(crate) fn new(run: Run) -> Self {
        let (mut bytes, mut keys) = (0, 0);
        for (name, entry) in &run.index {
            bytes += size(name, entry.length);
            keys += 1;
        }
        Self { run, bytes, keys }
    }

    /// Returns the value of a key, or none where there is none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the value is not what was written.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.run.check()?;
        self.find(key).map(|entry| value::read(self.run.rows(), &self.run.keys, entry)).transpose()
    }

    /// Sets the value of a key; a value that it had is replaced.
    ///
    /// # Errors
    /// [`SetError::Limit`] where [`limits::KEY_BYTES`] or the run's quota would be passed, and then
    /// nothing changed.
    pub fn set(&mut self, key: &str, value: &[u8]) -> Result<(), SetError> {
        self.run.check()?;
        let (bytes, keys) = self.after_set(key, value)?;
        let version = self.run.staging(key)?;
        let surplus = match self.run.staged.get(key) {
            Some(Staged::Written(old)) => old.chunks,
            _ => 0,
        };
        self.run.failed = true;
        let entry = value::write(self.run.rows(), &self.run.keys, version, key, value)?;
        for chunk in entry.chunks..surplus {
            self.run.rows().remove(&version, chunk).map_err(StoreError::from)?;
        }
        self.run.failed = false;
        self.run.staged.insert(key.to_owned(), Staged::Written(entry));
        (self.bytes, self.keys) = (bytes, keys);
        Ok(())
    }

    /// Removes a key and says whether it was there.
    ///
    /// # Errors
    /// None but what keeps rows from being written.
    pub fn delete(&mut self, key: &str) -> Result<bool, StoreError> {
        self.run.check()?;
        let Some(length) = self.find(key).map(|entry| entry.length) else { return Ok(false) };
        self.unstage(key)?;
        if self.run.index.contains_key(key) {
            self.run.staged.insert(key.to_owned(), Staged::Deleted);
        }
        self.forget(key, length);
        Ok(true)
    }

    /// Says whether a key has a value.
    pub fn exists(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Returns the length of a key's value in bytes, or none where there is none.
    pub fn length(&self, key: &str) -> Option<u64> {
        self.find(key).map(|entry| entry.length)
    }

    /// Lists the keys that begin with `prefix` and come after `after`, in the order of their bytes:
    /// at most [`limits::LISTED_KEYS`].
    pub fn list_keys(&self, prefix: &str, after: Option<&str>) -> Vec<String> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let range = (from, Bound::Unbounded);
        let matching = |key: &&String| key.starts_with(prefix);
        let staged = self.run.staged.range::<str, _>(range);
        let written = staged
            .filter_map(|(key, change)| matches!(change, Staged::Written(_)).then_some(key))
            .take_while(matching)
            .take(limits::LISTED_KEYS);
        let committed = self.run.index.range::<str, _>(range).map(|(key, _)| key);
        let kept = committed
            .take_while(matching)
            .filter(|key| !self.run.staged.contains_key(*key))
            .take(limits::LISTED_KEYS);
        let mut keys: Vec<_> = written.chain(kept).cloned().collect();
        keys.sort_unstable();
        keys.truncate(limits::LISTED_KEYS);
        keys
    }

    /// Returns the value of a key and removes the key for good, or returns none.
    ///
    /// When this returns a value, the removal is durable: neither a failure of the task nor a crash
    /// brings the key back, and neither what this transaction had set nor what was committed
    /// beneath it remains. Where it returns none, it removed nothing: of a key that this transaction
    /// has deleted, the deletion stays undone until it is committed.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the value is not what was written, and then it stays. After
    /// any other error the key may be gone.
    pub fn take(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(value) = self.get(key)? else { return Ok(None) };
        let length = self.find(key).map_or(0, |entry| entry.length);
        self.run.commit_take(key)?;
        self.forget(key, length);
        // The value is lost to everyone if it is not returned now, whatever happens to its rows.
        let _ = self.unstage(key);
        Ok(Some(value))
    }

    /// Makes all writes of this transaction visible to later ones at once, durably.
    ///
    /// # Errors
    /// After an error either all of the writes are committed or none: opening the run again tells.
    pub fn commit(mut self) -> Result<Run, StoreError> {
        self.run.commit()?;
        Ok(self.run)
    }

    /// Ends the transaction without a trace of its writes, as dropping it does, and keeps the run
    /// open.
    ///
    /// # Errors
    /// None but what keeps rows from being removed; the run must then be opened again.
    pub fn abort(mut self) -> Result<Run, StoreError> {
        self.run.discard()?;
        Ok(self.run)
    }

    /// Computes what there would be after a value is set.
    fn after_set(&self, key: &str, value: &[u8]) -> Result<(u64, u64), SetError> {
        let quota = &self.run.quota;
        if key.len() > limits::KEY_BYTES {
            return Err(SetError::Limit(Limit::KeyBytes));
        }
        let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
        if length > quota.value_bytes {
            return Err(SetError::Limit(Limit::ValueBytes));
        }
        let replaced = self.find(key).map(|entry| size(key, entry.length));
        let keys = self.keys + u64::from(replaced.is_none());
        if keys > quota.keys {
            return Err(SetError::Limit(Limit::StorageKeys));
        }
        let bytes = (self.bytes - replaced.unwrap_or(0)).saturating_add(size(key, length));
        if bytes > quota.bytes {
            return Err(SetError::Limit(Limit::StorageBytes));
        }
        Ok((bytes, keys))
    }

    fn find(&self, key: &str) -> Option<&Entry> {
        match self.run.staged.get(key) {
            Some(Staged::Written(entry)) => Some(entry),
            Some(Staged::Deleted) => None,
            None => self.run.index.get(key),
        }
    }

    /// Removes what is staged of a key.
    fn unstage(&mut self, key: &str) -> Result<(), StoreError> {
        let Some(Staged::Written(entry)) = self.run.staged.remove(key) else { return Ok(()) };
        self.run.remove(&[entry.version]).inspect_err(|_| self.run.failed = true)
    }

    fn forget(&mut self, key: &str, length: u64) {
        self.bytes -= size(key, length);
        self.keys -= 1;
    }
}

#[cfg(test)]
impl Transaction {
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("run", &self.run.id()).finish_non_exhaustive()
    }
}

/// What a name and its value count against the quota.
fn size(name: &str, length: u64) -> u64 {
    u64::try_from(name.len()).unwrap_or(u64::MAX).saturating_add(length)
}
