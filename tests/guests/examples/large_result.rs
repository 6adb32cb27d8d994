//! Returns more than a result may have.

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    Ok(vec![0; (64 << 20) + 1])
}

guest!(run);
