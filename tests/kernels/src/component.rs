//! The component: its argument is `KERNEL ITERATIONS`.

use anchorhold_test_guests::{guest, messaging, storage, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let text = String::from_utf8(task.arguments).map_err(|error| error.to_string())?;
    let (kernel, number) = text.split_once(' ').ok_or("expected KERNEL ITERATIONS")?;
    let number = number.parse().map_err(|_| "expected a number of iterations")?;
    let out = match kernel {
        "fp61" => crate::fp61(number),
        "exponentiation" => crate::exponentiation(number),
        "ristretto" => crate::ristretto(number),
        "messages" => messages(number, 64)?,
        "large-messages" => messages(number, 16 << 20)?,
        "sets" => sets(number)?,
        "gets" => gets(number),
        "wait" => wait()?,
        _ => return Err(format!("there is no kernel {kernel:?}")),
    };
    Ok(out.to_le_bytes().to_vec())
}

fn messages(number: u64, bytes: usize) -> Result<u64, String> {
    let mut body = vec![0; bytes];
    for _ in 0..number {
        let sent = messaging::send_message(1, "bench", &body);
        sent.map_err(|error| format!("{error:?}"))?;
        let received = messaging::receive_message(Some(1), Some("bench"), None);
        body = received.map_err(|error| format!("{error:?}"))?.body;
    }
    Ok(body.len() as u64)
}

fn sets(number: u64) -> Result<u64, String> {
    let value = [7; 1024];
    for index in 0..number {
        let set = storage::set(&format!("key-{}", index % 100), &value);
        set.map_err(|error| format!("{error:?}"))?;
    }
    Ok(number)
}

fn gets(number: u64) -> u64 {
    let get = |index| storage::get(&format!("key-{}", index % 100));
    (0..number).filter_map(get).map(|value| value.len() as u64).sum()
}

fn wait() -> Result<u64, String> {
    let received = messaging::receive_message(None, None, None);
    received.map(|message| message.body.len() as u64).map_err(|error| format!("{error:?}"))
}

guest!(run);
