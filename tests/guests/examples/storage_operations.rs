//! Calls storage for ever.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    while !storage::exists("key") {}
    Ok(Vec::new())
}

guest!(run);
