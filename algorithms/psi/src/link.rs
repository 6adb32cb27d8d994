//! Linking: both parties store which of their rows belong together.
//!
//! **Messages**: `shared` from the modeller to the pod, a bit for each of the pod's tokens in their order, so
//! that its size says nothing.
//!
//! **Leaks** to the pod which of its rows have a key that the modeller says both have. Both order their rows
//! by the tokens, which are like random ones, so that the order says nothing of the other's rows.
//!
//! **Does not protect** the pod's rows against a modeller that names other elements than both have: then
//! what is stored does not match.

use anchorhold_sdk::{Error, Result, Seat, Table, Task, linked_rows};

use crate::exchange::{Common, receive, say};
use crate::set::Set;
use crate::wrong::Wrong;

/// Refuses a set in which two rows have one key.
///
/// # Errors
/// [`Error::Said`] with the numbers of two such rows.
pub fn check(set: &Set) -> Result<()> {
    match set.repeated() {
        None => Ok(()),
        Some([first, second]) => Err(Error::new(format!(
            "the rows {first} and {second} have the same key, so that they cannot be linked"
        ))),
    }
}

/// Tells the pod which of its elements both have, and stores the own rows.
///
/// # Errors
/// None that can occur with a host that keeps the contract.
pub fn tell(
    task: &Task,
    table: &Table,
    pod: Seat,
    set: &Set,
    common: &[Common],
    pod_elements: usize,
) -> Result<()> {
    let mut bits = vec![0; pod_elements.div_ceil(8)];
    for Common { place, .. } in common {
        bits[place / 8] |= 1 << (place % 8);
    }
    let rows: Vec<_> = common.iter().flat_map(|common| set.rows_of(common.element)).collect();
    linked_rows::store(task, table, &rows)?;
    task.send_bytes(pod, "shared", &bits)
}

/// Is told which of the own elements, in the order of their tokens, both have; stores and returns their
/// rows.
///
/// # Errors
/// [`Error::Said`] if the message names an element that no row has.
pub fn learn(
    task: &Task,
    table: &Table,
    modeller: Seat,
    set: &Set,
    order: &[u32],
) -> Result<Vec<u64>> {
    let bits = receive(task, modeller, "shared", order.len().div_ceil(8))?;
    let mut rows = Vec::new();
    for place in (0..bits.len() * 8).filter(|place| bits[place / 8] >> (place % 8) & 1 == 1) {
        let element = order.get(place).map(|element| *element as usize);
        let row = element.and_then(|element| set.rows_of(element).next());
        rows.push(row.ok_or_else(|| say(modeller, "shared", Wrong::NoRow))?);
    }
    linked_rows::store(task, table, &rows)?;
    Ok(rows)
}
