//! What a run has: its names in order, found in its rows when it is opened.

use std::collections::BTreeMap;

use anchorhold_model::RunId;

use crate::commit::{Record, StateDigest};
use crate::error::StoreError;
use crate::key::RunKeys;
use crate::rows::{Rows, Version};
use crate::value::{self, Entry};

/// The committed entries of a run by their names.
pub(crate) type Index = BTreeMap<String, Entry>;

/// Finds the committed entries of a run, then removes the rows of its that do not count: what was
/// staged and not committed, what was superseded, and the tombstones of what was deleted.
///
/// Where the rows are not those of the commit record, nothing is removed.
pub(crate) fn load(
    rows: &Rows,
    run: &RunId,
    keys: &RunKeys,
    record: &Record,
) -> Result<Index, StoreError> {
    let (mut newest, mut dead) = (Vec::<Version>::new(), Vec::new());
    let mut cursor = None;
    while let Some(version) = rows.next_version(run, cursor.as_ref())? {
        cursor = Some(version);
        if version.generation > record.generation {
            dead.push(version);
            continue;
        }
        match newest.last_mut() {
            Some(last) if last.name == version.name => {
                dead.push(std::mem::replace(last, version));
            }
            _ => newest.push(version),
        }
    }
    let (mut index, mut digest) = (Index::new(), StateDigest::default());
    for version in newest {
        match value::describe(rows, keys, version)? {
            Some((name, entry)) => {
                digest.toggle(entry.code(keys));
                index.insert(name, entry);
            }
            // After what it buries, which would otherwise come back if this were interrupted.
            None => dead.push(version),
        }
    }
    if digest != record.digest {
        let what = "its rows are not those of its last commit";
        return Err(StoreError::Damaged { run: *run, what });
    }
    for version in dead {
        rows.remove_all(&version.prefix())?;
    }
    Ok(index)
}
