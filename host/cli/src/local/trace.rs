//! Who sent what size to whom, and in which round: a message's round is one more than the highest
//! round of what its sender had received before.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anchorhold_model::{Digest, Seat};
use serde::Serialize;

use super::{Event, Observer};

/// One message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The ordinal of its task in the run, from 0.
    pub task: u32,
    /// Its round, from 1.
    pub round: u32,
    /// Who sent it.
    pub from: Seat,
    /// To whom.
    pub to: Seat,
    /// Its topic.
    pub topic: String,
    /// The size of its body.
    pub bytes: usize,
    /// The last eight bytes of its body, in hexadecimal.
    pub last_bytes: String,
    /// The SHA-256 hash of its body, where the observer is told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

/// Follows the messages of one task. Clones share it.
#[derive(Clone)]
pub struct Trace {
    task: u32,
    observer: Observer,
    rounds: Arc<Mutex<Rounds>>,
}

#[derive(Default)]
struct Rounds {
    /// The highest round of what each party received.
    reached: BTreeMap<Seat, u32>,
    /// The rounds of what is under way, by sender, receiver and topic: in these the order is kept.
    under_way: BTreeMap<(Seat, Seat, String), VecDeque<u32>>,
}

impl Trace {
    pub(super) fn new(task: u32, observer: Observer) -> Self {
        Self { task, observer, rounds: Arc::default() }
    }

    pub(super) fn sent(&self, from: Seat, to: Seat, topic: &str, body: &[u8]) {
        let round = {
            let mut rounds = self.rounds();
            let round = rounds.reached.get(&from).copied().unwrap_or(0).saturating_add(1);
            rounds.under_way.entry((from, to, topic.to_owned())).or_default().push_back(round);
            round
        };
        let (task, topic) = (self.task, topic.to_owned());
        let (bytes, sha256) = (body.len(), self.observer.hashes.then(|| Digest::of(body)));
        let last_bytes =
            body[body.len().saturating_sub(8)..].iter().map(|byte| format!("{byte:02x}")).collect();
        let sent = Sent { task, round, from, to, topic, bytes, last_bytes, sha256 };
        self.observer.tell(Event::Sent(sent));
    }

    pub(super) fn received(&self, receiver: Seat, sender: Seat, topic: &str) {
        let mut rounds = self.rounds();
        let key = (sender, receiver, topic.to_owned());
        let Some(under_way) = rounds.under_way.get_mut(&key) else { return };
        let Some(round) = under_way.pop_front() else { return };
        if under_way.is_empty() {
            rounds.under_way.remove(&key);
        }
        let reached = rounds.reached.entry(receiver).or_default();
        *reached = round.max(*reached);
    }

    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
