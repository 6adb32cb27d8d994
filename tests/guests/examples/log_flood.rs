//! Writes to its log for ever.

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    loop {
        println!("{}", "all work and no play ".repeat(100));
    }
}

guest!(run);
