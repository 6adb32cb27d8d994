//! Returns an error longer than an error may be.

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    Err("sorry ".repeat(10_000))
}

guest!(run);
