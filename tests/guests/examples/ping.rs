//! Sends a message to and fro between the first two parties, one at a time or many at once. The
//! arguments are `[rounds, at once, bytes]`.

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let text = String::from_utf8_lossy(&task.arguments).into_owned();
    let numbers: Vec<usize> =
        text.trim_matches(['[', ']']).split(',').filter_map(|n| n.trim().parse().ok()).collect();
    let [rounds, at_once, bytes] = numbers[..] else { return Err("not three numbers".into()) };
    let body = vec![7; bytes];
    let send = || {
        let sent = (0..at_once).try_for_each(|_| {
            messaging::send_message(1 - task.seat, "ping", &body).map_err(|e| format!("{e:?}"))
        });
        sent.map(|()| at_once)
    };
    let receive = || {
        (0..at_once).try_for_each(|_| {
            let received = messaging::receive_message(Some(1 - task.seat), None, None);
            received.map(drop).map_err(|error| format!("{error:?}"))
        })
    };
    for _ in 0..rounds {
        if task.seat == 0 {
            send()?;
            receive()?;
        } else {
            receive()?;
            send()?;
        }
    }
    Ok(Vec::new())
}

guest!(run);
