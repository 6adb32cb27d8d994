//! Stores a value larger than values may be.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let set = storage::set("key", &vec![0; (64 << 20) + 1]);
    Err(format!("the guest saw the limit: {set:?}"))
}

guest!(run);
