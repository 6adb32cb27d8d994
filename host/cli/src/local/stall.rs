//! Notices that all parties wait for one another.

use std::convert::Infallible;
use std::time::Duration;

use anchorhold_model::Seat;
use anchorhold_sandbox::{Awaited, Inbox};
use tokio::task::AbortHandle;

use super::{Event, Observer};

/// How often it is looked; parties that wait at two looks wait for good.
const LOOK: Duration = Duration::from_secs(2);

/// Tells the observer once if all parties whose executions have not ended wait for a message,
/// without a time after which they give up. It never ends.
pub(super) async fn watch(
    inboxes: &[Inbox],
    executions: &[AbortHandle],
    observer: &Observer,
) -> Infallible {
    let mut before = None;
    loop {
        tokio::time::sleep(LOOK).await;
        match all_wait(inboxes, executions) {
            Some(waiting) if before.as_ref() == Some(&waiting) => {
                observer.tell(Event::Stalled(waiting));
                return std::future::pending().await;
            }
            now => before = now,
        }
    }
}

fn all_wait(inboxes: &[Inbox], executions: &[AbortHandle]) -> Option<Vec<(Seat, Awaited)>> {
    let parties = (0..).map(Seat).zip(inboxes).zip(executions);
    let running = parties.filter(|(_, execution)| !execution.is_finished());
    let waiting: Option<Vec<_>> = running
        .map(|((seat, inbox), _)| Some((seat, inbox.awaited().filter(|awaited| !awaited.timeout)?)))
        .collect();
    waiting.filter(|waiting| !waiting.is_empty())
}
