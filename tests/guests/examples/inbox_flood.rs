//! Seat 0 sends more than the inbox of the others holds before they receive.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    if task.seat == 0 {
        let body = vec![0; 1 << 20];
        for _ in 0..5 {
            let sent = messaging::send_message(1, "flood", &body);
            sent.map_err(|error| format!("{error:?}"))?;
        }
        return Ok(Vec::new());
    }
    let received = messaging::receive_message(Some(0), Some("another"), None);
    Err(format!("the guest saw the limit: {received:?}"))
}

guest!(run);
