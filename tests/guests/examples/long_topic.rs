//! Sends a message with a topic longer than topics may be.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let sent = messaging::send_message(1 - task.seat, &"t".repeat(257), &[]);
    Err(format!("the guest saw the limit: {sent:?}"))
}

guest!(run);
