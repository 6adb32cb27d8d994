//! Sends small messages for ever.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    loop {
        let sent = messaging::send_message(1 - task.seat, "flood", &[]);
        sent.map_err(|error| format!("the guest saw the limit: {error:?}"))?;
    }
}

guest!(run);
