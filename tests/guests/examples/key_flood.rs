//! Stores more and more keys.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    for number in 0.. {
        let set = storage::set(&format!("key-{number}"), &[]);
        set.map_err(|error| format!("the guest saw the limit: {error:?}"))?;
    }
    Ok(Vec::new())
}

guest!(run);
