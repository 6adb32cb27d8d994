//! Run-scoped storage: what the tasks of one run keep at this organization, encrypted under a key of
//! the run, all of it or none of it after each task, and gone when the run is closed.
//!
//! [`Store`] is a folder with the runs in it, [`Run`] is one of them, [`Transaction`] is what one
//! task sees and writes. All calls block. Datasets are not kept here.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use anchorhold_model::{Limits, RunId};
//! use anchorhold_storage::{Quota, StorageKey, Store};
//!
//! let store = Store::open(folder.path(), &StorageKey::from_bytes([7; 32]))?;
//! let run = store.run(RunId::from_bytes([1; 32]), Quota::from(&Limits::default()))?;
//!
//! let mut task = run.begin();
//! task.set("model/weights", b"...")?;
//! task.set("mask", b"used once")?;
//! let run = task.commit()?;
//!
//! let mut task = run.begin();
//! assert_eq!(task.list_keys("m", None), ["mask", "model/weights"]);
//! assert_eq!(task.take("mask")?, Some(b"used once".to_vec()));
//! task.delete("model/weights")?;
//! drop(task); // a failed task: nothing is deleted, but what was taken stays so
//!
//! let run = store.run(RunId::from_bytes([1; 32]), Quota::from(&Limits::default()))?;
//! assert_eq!(run.begin().list_keys("", None), ["model/weights"]);
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - Neither names nor values are on disk in clear. Who reads the disk without the [`StorageKey`]
//!   learns the ids of the runs, how many names each has, the sizes of the values and when they
//!   change.
//! - After [`Store::close_run`] what the disk still holds of the run opens under no key that is
//!   left. The key's file is overwritten before it is removed; a drive or a file system that writes
//!   elsewhere than it is told, or a backup, may still have the old file, and it is sealed under the
//!   storage key.
//! - A task's writes are visible to later tasks all together, if it commits, or not at all, at
//!   whatever point the process is killed or the power fails. A value that
//!   [`take`](Transaction::take) returned never comes back.
//! - A value is what was written or an error: a row that was changed, moved, exchanged or lost, and
//!   a whole state that sled lost, are noticed. Who puts back an older copy of *all* of the folder is
//!   not.
//! - sled's file has at most 32 MiB and four times the largest state that there was at one time,
//!   with what was staged over it; two and a half times is usual. sled reuses what becomes free and
//!   seldom makes its file smaller.
//!
//! # How
//!
//! A version of a value is written to sled as sealed chunks under a generation above the committed
//! one. A commit syncs them, then moves the run's commit record to that generation in one synced
//! write, then removes what is superseded. A take is a commit of its own, of one tombstone, under a
//! generation between the committed one and the one that the task is staging. Opening a run keeps of
//! each name the highest generation that is committed, compares the whole with the digest in the
//! record, and removes the rest.

mod commit;
mod durable;
mod error;
mod index;
mod key;
mod key_file;
mod rows;
mod run;
mod step;
mod store;
mod transaction;
mod value;

#[cfg(test)]
mod tests;

pub use error::{OpenError, RowsError, SetError, StoreError};
pub use key::StorageKey;
pub use run::{Quota, Run};
pub use store::Store;
pub use transaction::Transaction;
