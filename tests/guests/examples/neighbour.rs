//! A well-behaved guest: each party sends its seat to all others and returns the sum of all.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let others = || task.parties.iter().map(|party| party.seat).filter(|seat| *seat != task.seat);
    for seat in others() {
        let sent = messaging::send_message(seat, "seat", &task.seat.to_le_bytes());
        sent.map_err(|error| format!("{error:?}"))?;
    }
    let mut sum = task.seat;
    for seat in others() {
        let message = messaging::receive_message(Some(seat), Some("seat"), None)
            .map_err(|error| format!("{error:?}"))?;
        sum += u32::from_le_bytes(message.body.try_into().map_err(|_| "not four bytes")?);
    }
    Ok(sum.to_string().into_bytes())
}

guest!(run);
