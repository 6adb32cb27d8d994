//! Waits for a message and returns it.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let message = messaging::receive_message(None, None, None);
    message.map(|message| message.body).map_err(|error| format!("{error:?}"))
}

guest!(run);
