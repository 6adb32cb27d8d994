//! Storage of the run at this organization: the import `storage` of `wit/storage.wit`.
//!
//! What one task stores, later tasks of the same run find at the same organization. Writes are seen
//! at once by the task that makes them and by others if and only if it succeeds; [`Storage::take`]
//! is never undone. Values are in postcard's encoding.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Task;
use crate::encoding::{decode, encode};
use crate::error::{Error, Result};
use crate::windows::{ReadOnly, Windows};

impl Task {
    /// Returns the storage of this run at this organization.
    pub fn storage(&self) -> Storage<'_> {
        Storage { windows: self.windows.as_ref() }
    }
}

/// Storage of the run at this organization. See [`Task::storage`].
#[derive(Clone, Copy)]
pub struct Storage<'a> {
    windows: &'a dyn Windows,
}

impl<'a> Storage<'a> {
    /// Returns the value of a key, or none where there is none.
    ///
    /// # Errors
    /// [`Error::Stored`] if the value is not of this type.
    pub fn get<T: DeserializeOwned>(self, key: &str) -> Result<Option<T>> {
        self.get_bytes(key).map(|bytes| stored(key, &bytes)).transpose()
    }

    /// Returns the bytes of a key, or none where there are none.
    pub fn get_bytes(self, key: &str) -> Option<Vec<u8>> {
        self.windows.get(key)
    }

    /// Sets the value of a key; a value that it had is replaced.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] or [`Error::Encode`], and then nothing changed.
    pub fn set<T: Serialize + ?Sized>(self, key: &str, value: &T) -> Result<()> {
        self.set_bytes(key, &encode(key, value)?)
    }

    /// Sets the bytes of a key; what it had is replaced.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], and then nothing changed.
    pub fn set_bytes(self, key: &str, value: &[u8]) -> Result<()> {
        self.windows.set(key, value).map_err(read_only(key))
    }

    /// Returns the value of a key and removes the key for good, even if this task then fails: for
    /// secrets that must not be used twice, such as masks.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], and then nothing changed; [`Error::Stored`] if the value is not of this
    /// type, and it is then gone.
    pub fn take<T: DeserializeOwned>(self, key: &str) -> Result<Option<T>> {
        self.take_bytes(key)?.map(|bytes| stored(key, &bytes)).transpose()
    }

    /// Returns the bytes of a key and removes the key for good, even if this task then fails.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], and then nothing changed.
    pub fn take_bytes(self, key: &str) -> Result<Option<Vec<u8>>> {
        self.windows.take(key).map_err(read_only(key))
    }

    /// Removes a key and says whether it was there.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], and then nothing changed.
    pub fn delete(self, key: &str) -> Result<bool> {
        self.windows.delete(key).map_err(read_only(key))
    }

    /// Says whether a key has a value.
    pub fn exists(self, key: &str) -> bool {
        self.windows.exists(key)
    }

    /// Lists the keys that begin with `prefix`, in the order of their bytes.
    pub fn keys(self, prefix: &str) -> impl Iterator<Item = String> + use<'a> {
        let prefix = prefix.to_owned();
        let mut page = Vec::new().into_iter();
        let mut last: Option<String> = None;
        std::iter::from_fn(move || {
            let key = page.next().or_else(|| {
                page = self.windows.list_keys(&prefix, last.as_deref()).into_iter();
                page.next()
            })?;
            last = Some(key.clone());
            Some(key)
        })
    }
}

impl std::fmt::Debug for Storage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Storage")
    }
}

fn stored<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T> {
    decode(bytes).map_err(|source| Error::Stored { key: key.to_owned(), source })
}

fn read_only(key: &str) -> impl FnOnce(ReadOnly) -> Error + '_ {
    move |_| Error::ReadOnly { key: key.to_owned() }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
