//! Returns what its clocks say: between two looks, and across a sleep and a receive that timed out.

use std::time::{Duration, Instant, SystemTime};

use anchorhold_test_guests::{guest, messaging, types::Task};

fn run(task: Task) -> Result<Vec<u8>, String> {
    let (wall, start) = (SystemTime::now(), Instant::now());
    let step = Instant::now().duration_since(start);
    std::thread::sleep(Duration::from_secs(3600));
    let received = messaging::receive_message(None, Some("nothing"), Some(5));
    if !matches!(received, Err(messaging::ReceiveError::TimedOut)) {
        return Err(format!("{received:?}"));
    }
    let wall = wall.duration_since(SystemTime::UNIX_EPOCH).map_err(|error| error.to_string())?;
    let (wall, passed) = (wall.as_secs(), start.elapsed().as_millis());
    // Neither ends before the other's time is out.
    let peer = 1 - task.seat;
    messaging::send_message(peer, "done", &[]).map_err(|error| format!("{error:?}"))?;
    let done = messaging::receive_message(Some(peer), Some("done"), None);
    done.map_err(|error| format!("{error:?}"))?;
    Ok(format!("{wall} {} {passed}", step.as_nanos()).into_bytes())
}

guest!(run);
