//! Traps while it stores a pair of values of which only both together make sense.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    storage::set("left-behind", b"x").map_err(|error| format!("{error:?}"))?;
    panic!("before the second value");
}

guest!(run);
