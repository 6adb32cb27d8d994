//! The run's storage at one party during one task, as `wit/storage.wit` has it.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::windows::ReadOnly;

/// How many keys one listing returns.
const LISTED_KEYS: usize = 1_000;

pub(super) struct TaskStorage {
    /// What remains if the task fails.
    committed: BTreeMap<String, Vec<u8>>,
    /// What the task sees: the datasets, what was committed, and its own writes.
    seen: BTreeMap<String, Vec<u8>>,
}

impl TaskStorage {
    pub fn new<'a>(
        committed: &BTreeMap<String, Vec<u8>>,
        datasets: impl Iterator<Item = (&'a String, &'a Vec<u8>)>,
    ) -> Self {
        let mut seen = committed.clone();
        seen.extend(datasets.map(|(key, value)| (key.clone(), value.clone())));
        Self { committed: committed.clone(), seen }
    }

    /// Returns what remains of the task: everything, or nothing but what it took.
    pub fn close(self, succeeded: bool) -> BTreeMap<String, Vec<u8>> {
        match succeeded {
            true => {
                let mut kept = self.seen;
                kept.retain(|key, _| !is_data(key));
                kept
            }
            false => self.committed,
        }
    }

    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.seen.get(key).cloned()
    }

    pub fn set(&mut self, key: &str, value: &[u8]) -> Result<(), ReadOnly> {
        writable(key)?;
        self.seen.insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    pub fn delete(&mut self, key: &str) -> Result<bool, ReadOnly> {
        writable(key)?;
        Ok(self.seen.remove(key).is_some())
    }

    pub fn exists(&self, key: &str) -> bool {
        self.seen.contains_key(key)
    }

    pub fn list_keys(&self, prefix: &str, after: Option<&str>) -> Vec<String> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        self.seen
            .range::<str, _>((start, Bound::Unbounded))
            .map(|(key, _)| key)
            .take_while(|key| key.starts_with(prefix))
            .take(LISTED_KEYS)
            .cloned()
            .collect()
    }

    pub fn take(&mut self, key: &str) -> Result<Option<Vec<u8>>, ReadOnly> {
        writable(key)?;
        self.committed.remove(key);
        Ok(self.seen.remove(key))
    }
}

fn is_data(key: &str) -> bool {
    key.starts_with("data/")
}

fn writable(key: &str) -> Result<(), ReadOnly> {
    match is_data(key) {
        true => Err(ReadOnly),
        false => Ok(()),
    }
}
