//! Sends every other party some large messages before it receives any, and then as many from each.
//! The arguments are `[messages, bytes]`.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let text = String::from_utf8_lossy(&task.arguments).into_owned();
    let numbers: Vec<usize> =
        text.trim_matches(['[', ']']).split(',').filter_map(|n| n.trim().parse().ok()).collect();
    let [messages, bytes] = numbers[..] else { return Err("not two numbers".into()) };
    let others = || task.parties.iter().map(|party| party.seat).filter(|seat| *seat != task.seat);
    let body: Vec<u8> = (0..bytes).map(|byte| (byte % 251) as u8).collect();
    for seat in others() {
        for _ in 0..messages {
            let sent = messaging::send_message(seat, "bulk", &body);
            sent.map_err(|error| format!("{error:?}"))?;
        }
    }
    let mut received = 0;
    for seat in others() {
        for _ in 0..messages {
            let message = messaging::receive_message(Some(seat), Some("bulk"), None)
                .map_err(|error| format!("{error:?}"))?;
            if message.body != body {
                return Err("it came as another".into());
            }
            received += message.body.len();
        }
    }
    Ok(received.to_string().into_bytes())
}

guest!(run);
