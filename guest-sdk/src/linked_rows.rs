//! Rows that parties have matched: what one task of a run finds, and a later one computes with.
//!
//! Each party stores the numbers of its own rows, counted from 0, in an order that is the same at all
//! parties: the k-th row of one is of the same thing, such as the same patient, as the k-th row of each
//! other. So a party learns nothing of another's numbers, and a later task reads its columns in this order.
//!
//! In the run's storage they are the key `linked-rows/of`, in postcard's encoding the id of the task that
//! matched them, the name of the dataset and how many rows it had (`u64`), and how many were matched (`u64`);
//! and the keys `linked-rows/piece/00000000`, `linked-rows/piece/00000001` and so on, each a `Vec<u64>` with
//! 1,048,576 rows, the last one with the rest: 10 MiB at the most. Where there are no such keys, no task has
//! matched rows yet; where the number is 0, none was found.
//!
//! A later task of the run must make sure that all its parties' rows are of one match: that their
//! [`LinkedRows::task_id`] is the same. A dataset must not change between the two; that it has as many rows is
//! checked.
//!
//! ```
//! use anchorhold_sdk::lab::{Lab, Rows};
//! use anchorhold_sdk::{Algorithm, Dataset, Description, Result, Security, Task, linked_rows};
//!
//! fn describe() -> Description {
//!     let security = Security::semi_honest("All.", "Nothing.");
//!     Description::new("linking", "1.0.0", "Stores rows, and reads them later.", security)
//!         .dataset(Dataset::new("patients").columns_by_argument())
//! }
//!
//! fn run(task: &mut Task, _: serde::de::IgnoredAny) -> Result<Option<Vec<u64>>> {
//!     let table = task.table("patients")?;
//!     let stored = linked_rows::read(task, &table)?;
//!     linked_rows::store(task, &table, &[2, 0])?;
//!     Ok(stored.map(|stored| stored.rows))
//! }
//!
//! let mut lab = Lab::new(Algorithm::new(describe, run));
//! lab.parties(1).dataset(0, "patients", &Rows::new().int64("age", [61, 70, 48]));
//! assert!(lab.run().common_result().is_null());
//! assert_eq!(lab.run().common_result(), &serde_json::json!([2, 0]));
//! ```

use crate::{Error, Result, Table, Task};

/// Under this key is what the rows are of.
const OF: &str = "linked-rows/of";
/// Under the keys that begin so are the rows.
const PIECES: &str = "linked-rows/piece/";
/// How many rows are under one key: at most 10 MiB, where a value may have 64.
const PIECE_ROWS: usize = 1 << 20;

/// What is under [`OF`]: the task, the dataset, how many rows it had, and how many were matched.
type Of = (String, String, u64, u64);

/// Rows of one match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedRows {
    /// The task that matched them, as [`Task::task_id`] told it there.
    pub task_id: String,
    /// The numbers of the own rows in the common order.
    pub rows: Vec<u64>,
}

/// Stores the numbers of a table's rows in the common order; what was stored before is replaced.
///
/// # Errors
/// None that can occur with a host that keeps the contract.
pub fn store(task: &Task, table: &Table, rows: &[u64]) -> Result<()> {
    let storage = task.storage();
    let before: Vec<_> = storage.keys(PIECES).collect();
    for key in before {
        storage.delete(&key)?;
    }
    let count = u64::try_from(rows.len()).expect("a usize fits u64");
    let of: Of = (task.task_id().to_owned(), table.name().to_owned(), table.rows(), count);
    storage.set(OF, &of)?;
    for (number, piece) in rows.chunks(PIECE_ROWS).enumerate() {
        storage.set(&format!("{PIECES}{number:08}"), piece)?;
    }
    Ok(())
}

/// Reads the numbers of a table's rows in the common order, or none where no task has stored any.
///
/// # Errors
/// [`Error::Said`] if they are of another dataset, or it has another number of rows than it had;
/// [`Error::Stored`] or [`Error::Said`] if another algorithm of the run has stored something else there.
pub fn read(task: &Task, table: &Table) -> Result<Option<LinkedRows>> {
    let storage = task.storage();
    let Some((task_id, dataset, table_rows, count)) = storage.get::<Of>(OF)? else {
        return Ok(None);
    };
    if (dataset.as_str(), table_rows) != (table.name(), table.rows()) {
        return Err(Error::new(format!(
            "rows were linked of the dataset {dataset:?} when it had {table_rows} rows, and not of {:?} \
             with {}",
            table.name(),
            table.rows()
        )));
    }
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
    Ok(Some(LinkedRows { task_id, rows }))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use serde::de::IgnoredAny;
    use serde_json::json;

    use super::*;
    use crate::lab::{Lab, Rows};
    use crate::{Algorithm, Dataset, Description, Security};

    fn describe() -> Description {
        let security = Security::semi_honest("All.", "Nothing.");
        Description::new("linking", "1.0.0", "Links.", security)
            .dataset(Dataset::new("patients").columns_by_argument())
    }

    /// Runs a task that stores so many rows, and one that says how many it reads and whether they are those.
    fn stored_and_read(lab: &mut Lab, count: u64) {
        lab.algorithm(Algorithm::new(describe, move |task: &mut Task, _: IgnoredAny| {
            let rows = (0..count).rev().collect::<Vec<_>>();
            store(task, &task.table("patients")?, &rows)?;
            Ok(task.task_id().to_owned())
        }));
        let task_id = lab.run().common_result().clone();
        lab.algorithm(Algorithm::new(describe, |task: &mut Task, _: IgnoredAny| {
            let LinkedRows { task_id, rows } =
                read(task, &task.table("patients")?)?.expect("rows were stored");
            let last = rows.iter().copied().zip((0..rows.len() as u64).rev());
            Ok((task_id, rows.len(), last.into_iter().all(|(row, expected)| row == expected)))
        }));
        assert_eq!(lab.run().common_result(), &json!([task_id, count, true]));
    }

    fn patients(rows: usize) -> Rows {
        Rows::new().int64("age", vec![7; rows])
    }

    /// A party, whose dataset has three rows.
    fn lab(run: impl Fn(&mut Task) -> Result<Option<Vec<u64>>> + Send + Sync + 'static) -> Lab {
        let run = move |task: &mut Task, _: IgnoredAny| run(task);
        let mut lab = Lab::new(Algorithm::new(describe, run));
        lab.parties(1).dataset(0, "patients", &patients(3));
        lab
    }

    fn rows(task: &Task) -> Result<Option<Vec<u64>>> {
        Ok(read(task, &task.table("patients")?)?.map(|linked| linked.rows))
    }

    #[test]
    fn rows_come_back_in_their_order_however_many_they_are() {
        let mut lab = lab(|task| rows(task));
        assert!(lab.run().common_result().is_null(), "nothing is stored yet");
        // Two and a half pieces, and then fewer, so that no old piece may remain.
        for count in [5 * PIECE_ROWS as u64 / 2, PIECE_ROWS as u64, 3, 0] {
            stored_and_read(&mut lab, count);
        }
    }

    #[test]
    fn rows_of_another_dataset_or_of_one_that_has_others_now_are_refused() {
        let mut lab = lab(|task| {
            let name = if task.table("visits").is_ok() { "visits" } else { "patients" };
            let table = task.table(name)?;
            let linked = read(task, &table)?;
            store(task, &table, &[2, 0])?;
            Ok(linked.map(|linked| linked.rows))
        });
        lab.run().common_result();
        assert_eq!(lab.run().common_result(), &json!([2, 0]));
        lab.dataset(0, "patients", &patients(4));
        let expected =
            "rows were linked of the dataset \"patients\" when it had 3 rows, and not of";
        assert_eq!(lab.run().failure(0).to_string(), format!("{expected} \"patients\" with 4"));
        lab.dataset(0, "visits", &patients(3));
        assert_eq!(lab.run().failure(0).to_string(), format!("{expected} \"visits\" with 3"));
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
            (|task| task.storage().set_bytes(OF, &[]), "the stored value \"linked-rows/of\""),
            (
                |task| task.storage().set_bytes(&format!("{PIECES}00000000"), &[9]),
                "the stored value \"linked-rows/piece/00000000\"",
            ),
        ];
        for (change, expected) in cases {
            let run = move |task: &mut Task| {
                store(task, &task.table("patients")?, &[1, 2])?;
                change(task)?;
                rows(task)
            };
            let failure = lab(run).run().failure(0).to_string();
            assert!(failure.starts_with(expected), "{failure}");
        }
    }
}
