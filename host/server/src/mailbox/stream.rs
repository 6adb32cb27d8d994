//! How far one stream is: what came, what is on the disk, what the receiver has.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use anchorhold_model::link::Frame;
use tokio::sync::OwnedSemaphorePermit;

use crate::store::FRAME_OVERHEAD;

/// A stream. Frames below `taken` are the receiver's; of the others those below `stored` are in the
/// database, and the rest in memory.
#[derive(Debug, Default)]
pub(super) struct StreamState {
    /// The number of the frame that comes next.
    pub(super) next: u64,
    /// The number of the first frame that nobody has for sure.
    pub(super) stored: u64,
    /// The number of the first frame that the receiver has not taken.
    pub(super) taken: u64,
    /// What `next` was when the sender's execution ended.
    pub(super) end: Option<u64>,
    /// Bytes that are in memory or in the database.
    pub(super) held: u64,
    pending: BTreeMap<u64, Pending>,
    /// The number of the first frame that no batch has: the store counts the others when it deletes
    /// them.
    batched: u64,
    /// The number of the first frame that was not sent over the receiver's link.
    sent: u64,
    /// What was sent over it and not taken.
    flying: VecDeque<u64>,
}

/// A frame that is not committed.
#[derive(Debug)]
struct Pending {
    frame: Arc<Frame>,
    /// Given back when the frame is committed, whoever still reads it: a receiver that does not
    /// read its link keeps nobody's room.
    _room: OwnedSemaphorePermit,
}

/// What a receiver is to be sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// A frame.
    Frame(Arc<Frame>),
    /// The first frame of the database between two numbers, where there is one.
    Stored(u64, u64),
}

/// Returns what a frame counts.
pub(super) fn cost(frame: &Frame) -> u64 {
    u64::try_from(frame.bytes.len()).unwrap_or(u64::MAX).saturating_add(FRAME_OVERHEAD)
}

impl StreamState {
    /// Continues a stream of which the database has some bytes.
    pub(super) fn rebuilt(next: u64, taken: u64, held: u64) -> Self {
        Self { next, stored: next, taken, held, sent: taken, ..Self::default() }
    }

    /// Takes over a frame whose number is not below `next`.
    pub(super) fn accept(&mut self, frame: Frame, room: OwnedSemaphorePermit) {
        self.next = frame.number.saturating_add(1);
        self.held = self.held.saturating_add(cost(&frame));
        let pending = Pending { frame: Arc::new(frame), _room: room };
        self.pending.insert(pending.frame.number, pending);
    }

    /// Leaves a frame out: whoever receives notices the gap.
    pub(super) fn skip(&mut self, number: u64) {
        self.next = number.saturating_add(1);
    }

    /// Notes that the receiver has all frames before a number, and returns how many bytes that
    /// frees which never come into the database.
    pub(super) fn take(&mut self, next: u64) -> u64 {
        self.taken = self.taken.max(next);
        self.next = self.next.max(self.taken);
        self.stored = self.stored.max(self.taken);
        self.sent = self.sent.max(self.taken);
        while self.flying.front().is_some_and(|number| *number < self.taken) {
            self.flying.pop_front();
        }
        let kept = self.pending.split_off(&self.taken);
        let taken = std::mem::replace(&mut self.pending, kept);
        let unbatched = taken.range(self.batched..);
        let freed = unbatched.map(|(_, pending)| cost(&pending.frame)).sum();
        self.held = self.held.saturating_sub(freed);
        freed
    }

    /// Notes that all frames before a number are committed; says whether that is news.
    pub(super) fn committed(&mut self, next: u64) -> bool {
        self.pending = self.pending.split_off(&next);
        let news = next > self.stored;
        self.stored = self.stored.max(next);
        news
    }

    /// Returns what is to be committed.
    pub(super) fn batch(&mut self) -> impl Iterator<Item = Arc<Frame>> {
        self.batched = self.next;
        self.pending.values().map(|pending| pending.frame.clone())
    }

    /// Begins again at the first frame that the receiver has not taken: its link is a new one.
    pub(super) fn rewind(&mut self) {
        self.sent = self.taken;
        self.flying.clear();
    }

    /// Returns how many frames were sent and not taken.
    pub(super) fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// Returns what to send next.
    pub(super) fn pull(&mut self) -> Option<Outgoing> {
        if self.sent < self.stored {
            return Some(Outgoing::Stored(self.sent, self.stored));
        }
        let (number, pending) = self.pending.range(self.sent..).next()?;
        let (number, frame) = (*number, pending.frame.clone());
        self.flew(number);
        Some(Outgoing::Frame(frame))
    }

    /// Notes which frame was found between `sent` and `below`, and is sent now.
    pub(super) fn fetched(&mut self, found: Option<u64>, below: u64) {
        match found {
            // It may have been taken meanwhile.
            Some(number) if number >= self.sent => self.flew(number),
            Some(_) => {}
            None => self.sent = self.sent.max(below),
        }
    }

    /// Says whether the receiver has everything that the sender sent until its end.
    pub(super) fn is_drained(&self) -> bool {
        self.end.is_none_or(|end| self.taken >= end)
    }

    fn flew(&mut self, number: u64) {
        self.sent = number.saturating_add(1);
        self.flying.push_back(number);
    }
}

#[cfg(test)]
mod tests {
    use anchorhold_model::link::{ParcelKind, Stream};
    use anchorhold_model::{Seat, TaskId};
    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn what_is_taken_is_freed_once_by_memory_or_by_the_store() {
        let room = Arc::new(Semaphore::new(3));
        let mut state = StreamState::default();
        let accept = |state: &mut StreamState, number| {
            let task = TaskId::from_bytes([1; 32]);
            let stream = Stream { task, sender: Seat(0), receiver: Seat(1) };
            let (kind, bytes) = (ParcelKind::Message, vec![7; 100]);
            let frame = Frame { stream, number, kind, sequence: 0, index: 0, count: 1, bytes };
            state.accept(frame, room.clone().try_acquire_owned().unwrap());
        };
        let each = 100 + FRAME_OVERHEAD;
        accept(&mut state, 0);
        assert_eq!(state.batch().count(), 1);
        accept(&mut state, 1);
        // The first one goes into the database all the same, and the store says when it is deleted.
        assert_eq!((state.take(2), state.held), (each, each));
        state.committed(1);
        accept(&mut state, 2);
        assert_eq!(state.take(3), each);
        assert_eq!(state.held, each, "the one that the store has");
    }
}
