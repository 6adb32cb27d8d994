//! Stores more and more bytes.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let value = vec![7; 1 << 20];
    for number in 0.. {
        let set = storage::set(&format!("key-{number}"), &value);
        set.map_err(|error| format!("the guest saw the limit: {error:?}"))?;
    }
    Ok(Vec::new())
}

guest!(run);
