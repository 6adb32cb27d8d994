//! Tells the requester now and then how far an execution is.

use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::Progress;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep};

use crate::outgoing::Outgoing;

/// The shortest time between two reports. It grows with the time that the execution takes, so that
/// even one of days fills no ledger.
const PAUSE: Duration = Duration::from_secs(1);
const PART_OF_TIME: u32 = 100;

/// Tells the newest of what an algorithm says, until that ends: at once, and then a hundredth of the
/// time that the execution has taken later, but a second at least. `text` says whether the
/// algorithm's words are told, too, or only its numbers.
pub(crate) async fn tell(
    outgoing: Arc<Mutex<Outgoing>>,
    mut newest: watch::Receiver<Option<Progress>>,
    text: bool,
) {
    let begun = Instant::now();
    while newest.changed().await.is_ok() {
        let Some(mut progress) = newest.borrow_and_update().clone() else { continue };
        if !text {
            progress.text.clear();
        }
        if let Err(error) = outgoing.lock().await.progress(&progress) {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "progress cannot be told");
        }
        sleep(pause(begun.elapsed())).await;
    }
}

fn pause(elapsed: Duration) -> Duration {
    (elapsed / PART_OF_TIME).max(PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_of_a_day_tells_some_hundred_times() {
        let mut elapsed = Duration::ZERO;
        let mut times = 0;
        while elapsed < Duration::from_secs(86_400) {
            elapsed += pause(elapsed);
            times += 1;
        }
        assert!((500..1_000).contains(&times), "{times}");
    }
}
