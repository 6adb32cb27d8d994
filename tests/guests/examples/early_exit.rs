//! Stores a value and ends itself, with the status of success.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    storage::set("left-behind", b"x").map_err(|error| format!("{error:?}"))?;
    std::process::exit(0)
}

guest!(run);
