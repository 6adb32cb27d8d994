//! One open run: what is committed, what is staged, and the step from one to the other.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;

use anchorhold_model::{Limits, RunId};

use crate::commit::{CommitPoint, Generation, Record, StateDigest};
use crate::error::StoreError;
use crate::index::Index;
use crate::key::RunKeys;
use crate::rows::{Rows, Version};
use crate::step::{Step, reached};
use crate::store::Claim;
use crate::transaction::Transaction;
use crate::value::{self, Entry};

/// What a run may store. The disk may meanwhile hold twice as much: the state that is committed and
/// the one that a task is about to replace it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of all names and values.
    pub bytes: u64,
    /// Number of names; the host holds them in memory.
    pub keys: u64,
    /// Bytes of one value.
    pub value_bytes: u64,
}

impl From<&Limits> for Quota {
    fn from(limits: &Limits) -> Self {
        Self {
            bytes: limits.storage_bytes,
            keys: limits.storage_keys,
            value_bytes: limits.value_bytes,
        }
    }
}

/// An open run. No other can be opened of the same run until it is dropped.
pub struct Run {
    pub(crate) claim: Claim,
    pub(crate) keys: RunKeys,
    point: CommitPoint,
    /// What is committed.
    pub(crate) index: Index,
    pub(crate) quota: Quota,
    /// What the transaction has written since.
    pub(crate) staged: BTreeMap<String, Staged>,
    /// Set while a write is under way, and for good when it failed.
    pub(crate) failed: bool,
}

/// What a transaction did last to a name.
pub(crate) enum Staged {
    /// Its rows are in sled under the generation to come.
    Written(Entry),
    /// A tombstone is written when it is committed.
    Deleted,
}

impl Run {
    pub(crate) fn new(
        claim: Claim,
        keys: RunKeys,
        point: CommitPoint,
        index: Index,
        quota: Quota,
    ) -> Self {
        Self { claim, keys, point, index, quota, staged: BTreeMap::new(), failed: false }
    }

    /// Returns which run it is.
    pub fn id(&self) -> RunId {
        self.claim.run
    }

    /// Begins a transaction: one task's view of the run.
    pub fn begin(self) -> Transaction {
        Transaction::new(self)
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.claim.folder.rows
    }

    /// Refuses to go on after a write that failed.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.failed { Err(StoreError::Failed(self.id())) } else { Ok(()) }
    }

    /// Returns where the rows of a name are that is staged now.
    pub(crate) fn staging(&self, name: &str) -> Result<Version, StoreError> {
        let generation = self.point.record().generation.next_commit();
        self.version(name, generation)
    }

    /// Commits what is staged.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.check()?;
        if self.staged.is_empty() {
            return Ok(());
        }
        // Whatever fails from here on, the rows are left to the next opening of the run: only it
        // can tell on which side of the commit point the failure was.
        self.failed = true;
        let staged = mem::take(&mut self.staged);
        let mut digest = self.point.record().digest;
        let mut dead = Vec::new();
        for (name, change) in &staged {
            let committed = self.index.get(name);
            if let Some(entry) = committed {
                digest.toggle(entry.code(&self.keys));
                dead.push(entry.version);
            }
            match change {
                Staged::Written(entry) => digest.toggle(entry.code(&self.keys)),
                Staged::Deleted => {
                    let tombstone = self.staging(name)?;
                    value::bury(self.rows(), &tombstone)?;
                    dead.push(tombstone);
                }
            }
        }
        let generation = self.point.record().generation.next_commit();
        self.advance(generation, digest)?;
        for (name, change) in staged {
            match change {
                Staged::Written(entry) => self.index.insert(name, entry),
                Staged::Deleted => self.index.remove(&name),
            };
        }
        self.failed = self.remove(&dead).is_err();
        Ok(())
    }

    /// Commits the removal of one committed name, beside whatever is staged.
    pub(crate) fn commit_take(&mut self, name: &str) -> Result<(), StoreError> {
        let Some(entry) = self.index.get(name) else { return Ok(()) };
        let Record { generation, mut digest } = self.point.record();
        let taken = entry.version;
        digest.toggle(entry.code(&self.keys));
        let tombstone = self.version(name, generation.next_take())?;
        self.failed = true;
        value::bury(self.rows(), &tombstone)?;
        self.advance(Some(tombstone.generation), digest)?;
        self.index.remove(name);
        self.failed = self.remove(&[taken, tombstone]).is_err();
        Ok(())
    }

    /// Removes what is staged.
    pub(crate) fn discard(&mut self) -> Result<(), StoreError> {
        self.check()?;
        let staged = mem::take(&mut self.staged);
        let written = staged.into_values().filter_map(|change| match change {
            Staged::Written(entry) => Some(entry.version),
            Staged::Deleted => None,
        });
        self.remove(&written.collect::<Vec<_>>()).inspect_err(|_| self.failed = true)
    }

    /// The commit point: rows first, then the record.
    fn advance(
        &mut self,
        generation: Option<Generation>,
        digest: StateDigest,
    ) -> Result<(), StoreError> {
        let generation = generation.ok_or_else(|| self.exhausted())?;
        reached(Step::Staged);
        self.rows().sync()?;
        self.point.advance(&self.keys, Record { generation, digest })?;
        reached(Step::Committed);
        Ok(())
    }

    /// Removes the rows of versions, in order.
    pub(crate) fn remove(&self, versions: &[Version]) -> Result<(), StoreError> {
        versions.iter().try_for_each(|version| Ok(self.rows().remove_all(&version.prefix())?))
    }

    fn version(&self, name: &str, generation: Option<Generation>) -> Result<Version, StoreError> {
        let generation = generation.ok_or_else(|| self.exhausted())?;
        Ok(Version { run: self.id(), name: self.keys.hide(name), generation })
    }

    fn exhausted(&self) -> StoreError {
        StoreError::Damaged { run: self.id(), what: "its generations are used up" }
    }
}

#[cfg(test)]
impl Run {
    pub(crate) fn record(&self) -> Record {
        self.point.record()
    }
}

impl Drop for Run {
    /// Removes what a transaction staged and did not commit. What is left where this fails is
    /// removed when the run is opened again.
    fn drop(&mut self) {
        let _ = self.discard();
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("id", &self.id()).finish_non_exhaustive()
    }
}
