//! The rows that a private set intersection found before, in the same run.

use anchorhold_sdk::{Result, Task};

/// Where they are in the run's storage.
const KEY: &str = "psi/rows";

/// Returns the numbers of the rows, from 0, in the order that all holders have them in; none where none
/// were found before.
pub fn read(task: &Task) -> Result<Option<Vec<u64>>> {
    task.storage().get(KEY)
}
