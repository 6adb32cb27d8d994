//! Sends a message larger than messages may be.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let sent = messaging::send_message(1 - task.seat, "big", &vec![0; (128 << 20) + 1]);
    Err(format!("the guest saw the limit: {sent:?}"))
}

guest!(run);
