//! Gives the host an argument of 1 GiB.

use anchorhold_test_guests::{guest, storage, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    // Fresh pages are zero and touch no memory of the machine.
    let value = vec![0; 1 << 30];
    storage::set("key", &value).map_err(|error| format!("{error:?}"))?;
    Err("the host took it".into())
}

guest!(run);
