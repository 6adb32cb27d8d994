//! The window for storage: keys and numbers are checked and counted here; what is kept, and the
//! datasets under `data/`, are the host's [`Storage`].

use std::error::Error;
use std::time::Duration;

use anchorhold_model::{Fault, Limit, limits};
use async_trait::async_trait;

use crate::bindings::anchorhold::algorithm::storage as wit;
use crate::state::State;
use crate::stop::Stop;

/// What begins the keys of the datasets, which a guest reads and never writes.
pub const DATASETS: &str = "data/";

/// The storage of one execution. It sees only what the window let pass: keys are within their
/// limit, and writes are never to [`DATASETS`].
#[async_trait]
pub trait Storage: Send {
    /// Returns the value of a key.
    async fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// Stages the value of a key; this execution sees it at once.
    async fn set(&mut self, key: &str, value: Vec<u8>) -> Result<(), StorageError>;

    /// Stages the removal of a key and says whether it was there.
    async fn delete(&mut self, key: &str) -> Result<bool, StorageError>;

    /// Says whether a key has a value.
    async fn exists(&mut self, key: &str) -> Result<bool, StorageError>;

    /// Lists at most [`limits::LISTED_KEYS`] keys with a prefix, those after `after`, in the order
    /// of their bytes.
    async fn list_keys(
        &mut self,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Vec<String>, StorageError>;

    /// Returns the value of a key and removes it, durably and for good.
    async fn take(&mut self, key: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// Returns the time that calls have computed on other threads since this was last asked. It is
    /// counted as the execution's own.
    fn computed(&mut self) -> Duration {
        Duration::ZERO
    }

    /// Makes all staged writes visible at once, durably. It is called once, at the end of an
    /// execution that returned a result; without it no staged write remains.
    async fn commit(&mut self) -> Result<(), StorageError>;

    /// Drops what is staged and waits for a call that was given up in the middle. It is called
    /// once, last, whichever way the execution ended.
    async fn end(&mut self) {}
}

/// Why storage gives up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The execution ran into a limit that the storage keeps.
    #[error("limit reached: {0}")]
    Limit(Limit),
    /// The storage failed.
    #[error("storage cannot be read or written")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// A dataset cannot be read, or is not what it was when the host opened it.
    #[error("a dataset cannot be read")]
    Dataset(#[source] Box<dyn Error + Send + Sync>),
}

/// How many calls of storage an execution has made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Operations(pub(crate) u64);

impl State {
    /// Checks a call against the limits, counts it, and returns the storage.
    fn storage(&mut self, key: &str) -> Result<&mut dyn Storage, Stop> {
        let max = self.limits.storage_operations;
        let windows = self.windows()?;
        if windows.operations.0 >= max {
            return Err(Stop::Limit(Limit::StorageOperations));
        }
        windows.operations.0 += 1;
        if key.len() > limits::KEY_BYTES {
            return Err(Stop::Limit(Limit::KeyBytes));
        }
        // What earlier calls computed elsewhere may have used up the time.
        let computed = windows.storage.computed();
        self.meter.charge(computed);
        self.meter.check()?;
        Ok(self.windows()?.storage.as_mut())
    }

    /// The same for a write, or none where the key is read-only.
    fn writable(&mut self, key: &str) -> Result<Option<&mut dyn Storage>, Stop> {
        let storage = self.storage(key)?;
        Ok((!key.starts_with(DATASETS)).then_some(storage))
    }
}

impl wit::Host for State {
    async fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        Ok(self.storage(&key)?.get(&key).await.map_err(stop)?)
    }

    async fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), wit::WriteError>> {
        if u64::try_from(value.len()).map_or(true, |length| length > self.limits.value_bytes) {
            return Err(Stop::Limit(Limit::ValueBytes).into());
        }
        let Some(storage) = self.writable(&key)? else {
            return Ok(Err(wit::WriteError::ReadOnly));
        };
        storage.set(&key, value).await.map_err(stop)?;
        Ok(Ok(()))
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<bool, wit::WriteError>> {
        let Some(storage) = self.writable(&key)? else {
            return Ok(Err(wit::WriteError::ReadOnly));
        };
        Ok(Ok(storage.delete(&key).await.map_err(stop)?))
    }

    async fn exists(&mut self, key: String) -> wasmtime::Result<bool> {
        Ok(self.storage(&key)?.exists(&key).await.map_err(stop)?)
    }

    async fn list_keys(
        &mut self,
        prefix: String,
        after: Option<String>,
    ) -> wasmtime::Result<Vec<String>> {
        if after.as_ref().is_some_and(|after| after.len() > limits::KEY_BYTES) {
            return Err(Stop::Limit(Limit::KeyBytes).into());
        }
        let storage = self.storage(&prefix)?;
        Ok(storage.list_keys(&prefix, after.as_deref()).await.map_err(stop)?)
    }

    async fn take(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, wit::WriteError>> {
        let Some(storage) = self.writable(&key)? else {
            return Ok(Err(wit::WriteError::ReadOnly));
        };
        Ok(Ok(storage.take(&key).await.map_err(stop)?))
    }
}

/// Turns what storage gives up for into what stops the guest.
pub(crate) fn stop(error: StorageError) -> Stop {
    match error {
        StorageError::Limit(limit) => Stop::Limit(limit),
        StorageError::Failed(cause) => {
            tracing::error!(cause, "storage cannot be read or written");
            Stop::Fault(Fault::Storage)
        }
        StorageError::Dataset(cause) => {
            tracing::error!(cause, "a dataset cannot be read");
            Stop::Fault(Fault::Dataset)
        }
    }
}
