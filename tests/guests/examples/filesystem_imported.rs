//! Reads a file.

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    std::fs::read("/etc/passwd").map_err(|error| error.to_string())
}

guest!(run);
