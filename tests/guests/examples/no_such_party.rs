//! Sends to and receives from parties that are not there, and tells how it was refused.

use anchorhold_test_guests::messaging::{self, ReceiveError, SendError};
use anchorhold_test_guests::{guest, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let refused = [u32::MAX, task.parties.len() as u32, task.seat].into_iter().all(|seat| {
        matches!(messaging::send_message(seat, "", &[]), Err(SendError::NoSuchParty))
            && matches!(
                messaging::receive_message(Some(seat), None, None),
                Err(ReceiveError::NoSuchParty)
            )
    });
    Err(format!("no such party: {refused}"))
}

guest!(run);
