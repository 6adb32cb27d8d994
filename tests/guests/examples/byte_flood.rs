//! Sends large messages for ever.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let body = vec![0; 1 << 20];
    loop {
        let sent = messaging::send_message(1 - task.seat, "flood", &body);
        sent.map_err(|error| format!("the guest saw the limit: {error:?}"))?;
    }
}

guest!(run);
