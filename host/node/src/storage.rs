//! The storage window of one execution: the run's storage, and before it the datasets granted to
//! the task under `data/`.

use std::error::Error;
use std::time::Duration;

use anchorhold_model::limits;
use anchorhold_sandbox::storage::DATASETS;
use anchorhold_sandbox::{Storage, StorageError, timed};
use anchorhold_storage::{SetError, Transaction};
use async_trait::async_trait;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::dataset::Grant;

/// Up to this size a value is read or written on the spot; a larger one, and whatever waits for a
/// disk, on a thread where waiting keeps nobody.
const ON_THE_SPOT: u64 = 64 << 10;

/// The storage window of one execution. Dropping it leaves no trace of what was not committed.
pub struct TaskStorage {
    /// None only while a call works on it, and after the end.
    transaction: Option<Transaction>,
    /// The call that works on the transaction on another thread; it goes on where its future was
    /// dropped.
    working: Option<JoinHandle<(Transaction, Duration)>>,
    datasets: Vec<Grant>,
    /// What was computed on other threads and not told yet.
    computed: Duration,
}

impl TaskStorage {
    /// Puts the datasets granted to a task before its transaction.
    pub fn new(transaction: Transaction, datasets: Vec<Grant>) -> Self {
        let transaction = Some(transaction);
        Self { transaction, working: None, datasets, computed: Duration::ZERO }
    }

    fn transaction(&mut self) -> Result<&mut Transaction, StorageError> {
        self.transaction.as_mut().ok_or_else(given_up)
    }

    /// Works on the transaction on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let mut transaction = self.transaction.take().ok_or_else(given_up)?;
        let (sender, receiver) = oneshot::channel();
        self.working = Some(spawn_blocking(move || {
            let (done, time) = timed(|| work(&mut transaction));
            let _ = sender.send(done);
            (transaction, time)
        }));
        self.rejoin().await?;
        receiver.await.map_err(failed)?
    }

    /// Waits for the call that works on the transaction, if there is one.
    async fn rejoin(&mut self) -> Result<(), StorageError> {
        let Some(working) = &mut self.working else { return Ok(()) };
        let joined = working.await;
        self.working = None;
        let (transaction, time) = joined.map_err(failed)?;
        self.computed = self.computed.saturating_add(time);
        self.transaction = Some(transaction);
        Ok(())
    }

    /// Returns the dataset that has a key.
    fn dataset(&self, key: &str) -> Option<&Grant> {
        self.datasets.iter().find(|grant| grant.contains(key))
    }
}

#[async_trait]
impl Storage for TaskStorage {
    async fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        if key.starts_with(DATASETS) {
            let Some(grant) = self.dataset(key).cloned() else { return Ok(None) };
            let key = key.to_owned();
            let reading = spawn_blocking(move || timed(|| grant.get(&key)));
            let (read, time) = reading.await.map_err(failed)?;
            self.computed = self.computed.saturating_add(time);
            return read.map_err(|error| StorageError::Dataset(Box::new(error)));
        }
        let transaction = self.transaction()?;
        if is_small(transaction, key) {
            return transaction.get(key).map_err(failed);
        }
        let key = key.to_owned();
        self.blocking(move |transaction| transaction.get(&key).map_err(failed)).await
    }

    async fn set(&mut self, key: &str, value: Vec<u8>) -> Result<(), StorageError> {
        let transaction = self.transaction()?;
        let small = u64::try_from(value.len()).is_ok_and(|length| length <= ON_THE_SPOT);
        if small && is_small(transaction, key) {
            return transaction.set(key, &value).map_err(not_set);
        }
        let key = key.to_owned();
        self.blocking(move |transaction| transaction.set(&key, &value).map_err(not_set)).await
    }

    async fn delete(&mut self, key: &str) -> Result<bool, StorageError> {
        let transaction = self.transaction()?;
        if is_small(transaction, key) {
            return transaction.delete(key).map_err(failed);
        }
        let key = key.to_owned();
        self.blocking(move |transaction| transaction.delete(&key).map_err(failed)).await
    }

    async fn exists(&mut self, key: &str) -> Result<bool, StorageError> {
        Ok(self.dataset(key).is_some() || self.transaction()?.exists(key))
    }

    async fn list_keys(
        &mut self,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, StorageError> {
        let wanted = |key: &String| {
            key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after)
        };
        let mut keys = self.transaction()?.list_keys(prefix, after);
        keys.extend(self.datasets.iter().flat_map(Grant::keys).filter(wanted));
        keys.sort_unstable();
        keys.truncate(limits::LISTED_KEYS);
        Ok(keys)
    }

    async fn take(&mut self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let key = key.to_owned();
        self.blocking(move |transaction| transaction.take(&key).map_err(failed)).await
    }

    fn computed(&mut self) -> Duration {
        std::mem::take(&mut self.computed)
    }

    async fn commit(&mut self) -> Result<(), StorageError> {
        let transaction = self.transaction.take().ok_or_else(given_up)?;
        let committing = spawn_blocking(move || transaction.commit().map(drop));
        committing.await.map_err(failed)?.map_err(failed)
    }

    async fn end(&mut self) {
        // A call that failed has no transaction to give back.
        let _ = self.rejoin().await;
        let transaction = self.transaction.take();
        let _ = spawn_blocking(move || drop(transaction)).await;
    }
}

/// Says whether what a key has, if anything, can be read or removed on the spot.
fn is_small(transaction: &Transaction, key: &str) -> bool {
    transaction.length(key).is_none_or(|length| length <= ON_THE_SPOT)
}

fn not_set(error: SetError) -> StorageError {
    match error {
        SetError::Limit(limit) => StorageError::Limit(limit),
        other => failed(other),
    }
}

fn failed(error: impl Error + Send + Sync + 'static) -> StorageError {
    StorageError::Failed(Box::new(error))
}

/// An earlier call failed in the middle.
fn given_up() -> StorageError {
    StorageError::Failed("an earlier call of storage was given up".into())
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use anchorhold_model::{Limits, RunId};
    use anchorhold_storage::{Quota, StorageKey, Store};

    use super::*;

    #[tokio::test]
    async fn after_the_end_of_a_call_that_was_given_up_the_run_can_be_opened() {
        let folder = tempfile::tempdir().expect("there is room");
        let key = StorageKey::from_bytes([1; 32]);
        let store = Store::open(folder.path(), &key).expect("the folder is new");
        let (run, quota) = (RunId::from_bytes([0; 32]), Quota::from(&Limits::default()));
        let transaction = store.run(run, quota).expect("it is open once").begin();
        let mut storage = TaskStorage::new(transaction, Vec::new());

        let mut set = storage.set("key", vec![7; 16 << 20]);
        let mut context = Context::from_waker(Waker::noop());
        assert!(set.as_mut().poll(&mut context).is_pending(), "it works elsewhere");
        drop(set);
        store.run(run, quota).expect_err("the call is still at work");

        storage.end().await;
        let after = store.run(run, quota).expect("nobody has it any more").begin();
        assert!(!after.exists("key"), "it was not committed");
    }
}
