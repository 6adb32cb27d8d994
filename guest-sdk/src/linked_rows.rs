//! Rows that parties have matched: what one task of a run finds, and a later one computes with.
//!
//! Each party stores the numbers of its own rows, counted from 0, in an order that is the same at all
//! parties: the k-th row of one is of the same thing, such as the same patient, as the k-th row of each
//! other. So a party learns nothing of another's numbers, and a later task reads its columns in this order.
//!
//! In the run's storage they are the key `linked-rows/count`, their number as a `u64` in postcard's
//! encoding, and the keys `linked-rows/piece/00000000`, `linked-rows/piece/00000001` and so on, each a
//! `Vec<u64>` in the same encoding with 1,048,576 rows, the last one with the rest: 10 MiB at the most.
//! Where there are no such keys, no task has matched rows yet; where the number is 0, none was found.
//!
//! ```
//! use anchorhold_sdk::lab::Lab;
//! use anchorhold_sdk::{Algorithm, Description, Result, Security, Task, linked_rows};
//!
//! fn describe() -> Description {
//!     let security = Security::semi_honest("All.", "Nothing.");
//!     Description::new("linking", "1.0.0", "Stores rows, and reads them later.", security)
//! }
//!
//! fn run(task: &mut Task, _: serde::de::IgnoredAny) -> Result<Option<Vec<u64>>> {
//!     let stored = linked_rows::read(task)?;
//!     linked_rows::store(task, &[2, 0, 7])?;
//!     Ok(stored)
//! }
//!
//! let mut lab = Lab::new(Algorithm::new(describe, run));
//! lab.parties(2);
//! assert!(lab.run().common_result().is_null());
//! assert_eq!(lab.run().common_result(), &serde_json::json!([2, 0, 7]));
//! ```

use crate::{Error, Result, Task};

/// Under this key is how many rows there are.
const COUNT: &str = "linked-rows/count";
/// Under the keys that begin so are the rows.
const PIECES: &str = "linked-rows/piece/";
/// How many rows are under one key: at most 10 MiB, where a value may have 64.
const PIECE_ROWS: usize = 1 << 20;

/// Stores the numbers of the own rows in the common order; what was stored before is replaced.
///
/// # Errors
/// None that can occur with a host that keeps the contract.
pub fn store(task: &Task, rows: &[u64]) -> Result<()> {
    let storage = task.storage();
    let before: Vec<_> = storage.keys(PIECES).collect();
    for key in before {
        storage.delete(&key)?;
    }
    let count = u64::try_from(rows.len()).expect("a usize fits u64");
    storage.set(COUNT, &count)?;
    for (number, piece) in rows.chunks(PIECE_ROWS).enumerate() {
        storage.set(&format!("{PIECES}{number:08}"), piece)?;
    }
    Ok(())
}

/// Reads the numbers of the own rows in the common order, or none where no task has stored any.
///
/// # Errors
/// [`Error::Stored`] or [`Error::Said`] if another algorithm of the run has stored something else there.
pub fn read(task: &Task) -> Result<Option<Vec<u64>>> {
    let storage = task.storage();
    let Some(count) = storage.get::<u64>(COUNT)? else { return Ok(None) };
    let mut rows = Vec::new();
    for key in storage.keys(PIECES) {
        rows.extend(storage.get::<Vec<u64>>(&key)?.unwrap_or_default());
    }
    if u64::try_from(rows.len()) != Ok(count) {
        return Err(Error::new(format!(
            "the storage has {} linked rows instead of the {count} that it says",
            rows.len()
        )));
    }
    Ok(Some(rows))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use serde::de::IgnoredAny;
    use serde_json::json;

    use super::*;
    use crate::lab::Lab;
    use crate::{Algorithm, Description, Security};

    fn describe() -> Description {
        Description::new("linking", "1.0.0", "Links.", Security::semi_honest("All.", "Nothing."))
    }

    /// Runs a task that stores so many rows, and one that says how many it reads and whether they are those.
    fn stored_and_read(lab: &mut Lab, count: u64) {
        lab.algorithm(Algorithm::new(describe, move |task: &mut Task, _: IgnoredAny| {
            store(task, &(0..count).rev().collect::<Vec<_>>())
        }));
        lab.run().common_result();
        lab.algorithm(Algorithm::new(describe, |task: &mut Task, _: IgnoredAny| {
            let rows = read(task)?.expect("rows were stored");
            let last = rows.iter().copied().zip((0..rows.len() as u64).rev());
            Ok((rows.len(), last.into_iter().all(|(row, expected)| row == expected)))
        }));
        assert_eq!(lab.run().common_result(), &json!([count, true]));
    }

    fn lab() -> Lab {
        let mut lab =
            Lab::new(Algorithm::new(describe, |task: &mut Task, _: IgnoredAny| read(task)));
        lab.parties(2);
        lab
    }

    #[test]
    fn rows_come_back_in_their_order_however_many_they_are() {
        let mut lab = lab();
        assert!(lab.run().common_result().is_null(), "nothing is stored yet");
        // Two and a half pieces, and then fewer, so that no old piece may remain.
        for count in [5 * PIECE_ROWS as u64 / 2, PIECE_ROWS as u64, 3, 0] {
            stored_and_read(&mut lab, count);
        }
    }

    /// Changes what is stored.
    type Change = fn(&Task) -> Result<()>;

    #[test]
    fn what_another_algorithm_has_stored_there_is_refused() {
        let cases: [(Change, &str); 3] = [
            (
                |task| task.storage().delete(&format!("{PIECES}00000000")).map(drop),
                "the storage has 0 linked rows instead of the 2 that it says",
            ),
            (|task| task.storage().set_bytes(COUNT, &[]), "the stored value \"linked-rows/count\""),
            (
                |task| task.storage().set_bytes(&format!("{PIECES}00000000"), &[9]),
                "the stored value \"linked-rows/piece/00000000\"",
            ),
        ];
        for (change, expected) in cases {
            let run = move |task: &mut Task, _: IgnoredAny| {
                store(task, &[4, 2])?;
                change(task)?;
                read(task)
            };
            let report = lab().algorithm(Algorithm::new(describe, run)).run();
            let failure = report.failure(0).to_string();
            assert!(failure.starts_with(expected), "{failure}");
        }
    }
}
