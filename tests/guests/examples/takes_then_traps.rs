//! Takes a one-time secret and traps. Without the secret it makes one and finishes.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    match storage::take("mask").map_err(|error| format!("{error:?}"))? {
        Some(_) => panic!("after the secret was taken"),
        None => storage::set("mask", b"secret").map_err(|error| format!("{error:?}"))?,
    }
    Ok(Vec::new())
}

guest!(run);
