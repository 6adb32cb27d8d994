//! Writes to its datasets, and tells how it was refused.

use anchorhold_test_guests::storage::{self, WriteError};
use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let refused = matches!(storage::set("data/patients/schema", b"x"), Err(WriteError::ReadOnly))
        && matches!(storage::delete("data/patients/schema"), Err(WriteError::ReadOnly))
        && matches!(storage::take("data/patients/schema"), Err(WriteError::ReadOnly))
        && matches!(storage::set("data/", b""), Err(WriteError::ReadOnly))
        && !storage::exists("data/other/schema")
        && storage::get("data/other/schema").is_none();
    Err(format!("read-only: {refused}"))
}

guest!(run);
