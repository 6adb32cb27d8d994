//! Returns how many keys of the run it finds.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    Ok(storage::list_keys("", None).len().to_string().into_bytes())
}

guest!(run);
