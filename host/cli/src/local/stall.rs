//! Notices that all parties wait for one another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anchorhold_model::Seat;
use anchorhold_sandbox::{Awaited, Inbox};

use super::{Event, Observer};

/// How often it is looked; parties that wait at two looks wait for good.
const LOOK: Duration = Duration::from_secs(2);

/// Which parties have ended. Clones share it.
#[derive(Clone)]
pub(super) struct Ended(Arc<[AtomicBool]>);

impl Ended {
    pub(super) fn none_of(parties: usize) -> Self {
        Self((0..parties).map(|_| AtomicBool::new(false)).collect())
    }

    pub(super) fn add(&self, seat: Seat) {
        let party = usize::try_from(seat.0).ok().and_then(|seat| self.0.get(seat));
        if let Some(party) = party {
            party.store(true, Ordering::Relaxed);
        }
    }
}

/// Tells the observer once if all parties that have not ended wait for a message, without a time
/// after which they give up. It never ends otherwise.
pub(super) async fn watch(inboxes: Arc<Vec<Inbox>>, ended: Ended, observer: Observer) {
    let mut before = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let now = all_wait(&inboxes, &ended);
        match now {
            Some(waiting) if before.as_ref() == Some(&waiting) => {
                return observer(Event::Stalled(waiting));
            }
            now => before = now,
        }
    }
}

fn all_wait(inboxes: &[Inbox], ended: &Ended) -> Option<Vec<(Seat, Awaited)>> {
    let parties = (0..).map(Seat).zip(inboxes).zip(ended.0.iter());
    let computing = parties.filter(|(_, ended)| !ended.load(Ordering::Relaxed));
    computing
        .map(|((seat, inbox), _)| Some((seat, inbox.awaited().filter(|awaited| !awaited.timeout)?)))
        .collect()
}
