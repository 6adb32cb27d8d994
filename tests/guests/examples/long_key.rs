//! Uses a key longer than keys may be.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let set = storage::set(&"k".repeat(513), &[]);
    Err(format!("the guest saw the limit: {set:?}"))
}

guest!(run);
