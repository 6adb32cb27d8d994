//! What comes over a node's link.

use std::sync::Arc;

use anchorhold_model::layout::REQUESTER;
use anchorhold_model::link::{Frame, ParcelKind, Stream};
use anchorhold_model::{ExecutionState, Report, RunId, Seat, TaskId, limits};
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};

use super::inner::Inner;
use super::outbox::Outbox;
use super::stream::cost;
use super::task::LiveTask;
use super::{Mailbox, Place};
use crate::store::Change;

/// How many bytes of frames are committed without waiting for more.
const MUCH: u64 = 4 << 20;
/// The highest number that the database can count on from.
const HIGHEST: u64 = i64::MAX.unsigned_abs() - 1;
/// What killed executions are told of where their task keeps too much.
const FULL: &str = "mailbox-full";

/// A node's link. Dropping it takes it down.
pub(crate) struct Linked {
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) place: Place,
    pub(super) generation: u64,
    pub(super) wake: Arc<Notify>,
}

/// Why a link goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The node sent what it may not, for this reason.
    Message(&'static str),
    /// Another link took over.
    Fenced,
}

/// What a message is answered with at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing.
    None,
    /// The frames of the stream before this number need not be sent again.
    Stored(Stream, u64),
    /// The same, and the task is to be ended.
    StoredAndKill(Stream, u64),
    /// The task is to be ended.
    Kill(TaskId),
}

impl Mailbox {
    /// Sets a node's link up in place of any other, whose second value then completes.
    pub(crate) fn link(self: &Arc<Self>, place: Place) -> (Linked, oneshot::Receiver<()>) {
        let (generation, wake, fenced) = self.inner().link(place);
        (Linked { mailbox: self.clone(), place, generation, wake }, fenced)
    }
}

impl Drop for Linked {
    fn drop(&mut self) {
        let now = (self.mailbox.clock)();
        self.mailbox.inner().unlink(&self.place, self.generation, now);
    }
}

impl Linked {
    /// Begins: up to where the node has everything of the streams that it receives.
    pub(crate) fn resume(&self, streams: &[(Stream, u64)]) -> Result<(), Wrong> {
        let mut inner = self.mailbox.inner();
        let inner = &mut *inner;
        let link = inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        if link.resumed {
            return Err(Wrong::Message("the link has begun already"));
        }
        let tasks = inner.tasks_of(&self.place);
        for (id, seat) in &tasks {
            if let Some(task) = inner.tasks.get_mut(id) {
                task.rewind(*seat);
            }
        }
        for (stream, next) in streams {
            if self.receives(inner, stream)? {
                if *next > HIGHEST {
                    return Err(Wrong::Message("there is no frame with such a number"));
                }
                inner.take(stream, *next);
            }
        }
        let mut outbox = Outbox { closings: inner.closings_of(&self.place), ..Outbox::default() };
        let mut welcome = Vec::new();
        for (id, seat) in &tasks {
            let Some(task) = inner.tasks.get(id) else { continue };
            let Some(party) = task.party(*seat) else { continue };
            if party.state == ExecutionState::Lost || task.killed && !party.state.is_final() {
                outbox.kills.insert(*id);
            }
            if !party.state.is_final() {
                outbox.offers.push_back(*id);
                for (sender, of) in task.seats() {
                    if task.may_tell_end(sender, *seat) {
                        outbox.ended.push_back((*id, sender, of.state));
                    }
                }
            }
            for ((sender, receiver), state) in task.streams() {
                if sender == *seat && welcome.len() < limits::LINK_STREAMS {
                    welcome.push((Stream { task: *id, sender, receiver }, state.stored));
                }
            }
            outbox.ready.push(*id);
        }
        outbox.welcome = Some(welcome);
        let link = inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        (link.resumed, link.outbox) = (true, outbox);
        self.wake.notify_one();
        self.mailbox.work.notify_one();
        Ok(())
    }

    /// Waits until a frame may be taken over. What is returned is its room.
    pub(crate) async fn room(&self, frame: &Frame) -> OwnedSemaphorePermit {
        let cost = u32::try_from(cost(frame)).unwrap_or(u32::MAX);
        let room = self.mailbox.room.clone().acquire_many_owned(cost).await;
        room.expect("it is never closed, and has room for the largest frame")
    }

    /// Takes a frame over.
    pub(crate) fn frame(&self, frame: Frame, room: OwnedSemaphorePermit) -> Result<Answer, Wrong> {
        let mut inner = self.mailbox.inner();
        let inner = &mut *inner;
        inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        let (stream, number) = (frame.stream, frame.number);
        if number > HIGHEST || frame.sequence > HIGHEST {
            return Err(Wrong::Message("there is no frame with such a number"));
        }
        let after = number + 1;
        let task = inner.tasks.get_mut(&stream.task).filter(|task| !task.over);
        let Some(task) = task else {
            // It ended long ago, while the node was away.
            return Ok(Answer::StoredAndKill(stream, after));
        };
        let seat = self.seat(task)?;
        if stream.sender != seat || !task.has(&stream) {
            return Err(Wrong::Message("the frame is not one that the node's seat may send"));
        }
        if !may_send(frame.kind, stream.receiver == REQUESTER) {
            return Err(Wrong::Message("the receiver takes no such parcel"));
        }
        let state = task.stream(&stream).map(|state| (state.next, state.stored));
        let (next, stored) = state.unwrap_or_default();
        if number < next {
            return Ok(Answer::Stored(stream, stored));
        }
        let at = task.party(seat).map(|party| party.state);
        if at.is_some_and(ExecutionState::is_final) && frame.kind != ParcelKind::Receipt {
            return Ok(match at {
                Some(ExecutionState::Lost) => Answer::StoredAndKill(stream, after),
                _ => Answer::Stored(stream, after),
            });
        }
        let cost = cost(&frame);
        if task.is_too_much(&stream, frame.kind, cost) {
            task.stream_mut(&stream).skip(number);
            if !std::mem::replace(&mut task.full, true) {
                inner.changes.push(Change::Killed { task: stream.task, kind: FULL });
                inner.kill(&stream.task);
            }
        } else {
            task.hold(&stream, cost);
            task.stream_mut(&stream).accept(frame, room);
            inner.waiting = inner.waiting.saturating_add(cost);
            inner.wake_receiver(&stream);
        }
        inner.dirty.insert(stream);
        if inner.waiting >= MUCH {
            self.mailbox.much.notify_one();
        }
        self.mailbox.work.notify_one();
        Ok(Answer::None)
    }

    /// Notes that the node has all frames of a stream before a number.
    pub(crate) fn received(&self, stream: &Stream, next: u64) -> Result<(), Wrong> {
        let mut inner = self.mailbox.inner();
        inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        if !self.receives(&inner, stream)? {
            return Ok(());
        }
        let task = inner.tasks.get(&stream.task);
        let came = task.and_then(|task| task.stream(stream)).map_or(0, |state| state.next);
        if next > came {
            return Err(Wrong::Message("the node says it received what was never sent"));
        }
        inner.take(stream, next);
        self.mailbox.work.notify_one();
        Ok(())
    }

    /// Notes where the node's execution is.
    pub(crate) fn state(
        &self,
        id: TaskId,
        state: ExecutionState,
        kind: String,
    ) -> Result<Answer, Wrong> {
        if !kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err(Wrong::Message("a kind has the characters a-z, 0-9 and - only"));
        }
        let now = (self.mailbox.clock)();
        let mut inner = self.mailbox.inner();
        inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        let Some(task) = inner.tasks.get(&id).filter(|task| !task.over) else {
            return Ok(if state.is_final() { Answer::None } else { Answer::Kill(id) });
        };
        let seat = self.seat(task)?;
        if task.party(seat).is_some_and(|party| party.state == ExecutionState::Lost) {
            return Ok(Answer::Kill(id));
        }
        inner.move_on(id, seat, state, kind, now);
        self.mailbox.work.notify_one();
        Ok(Answer::None)
    }

    /// Keeps a report of how far the node's execution is, in place of the one before.
    pub(crate) fn progress(&self, id: &TaskId, report: Report) -> Result<(), Wrong> {
        let mut inner = self.mailbox.inner();
        inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        let Some(task) = inner.tasks.get_mut(id).filter(|task| !task.over) else { return Ok(()) };
        let seat = self.seat(task)?;
        let reports = task.reports.saturating_add(1);
        if let Some(party) = task.party_mut(seat).filter(|party| !party.state.is_final()) {
            party.report = Some(report);
            task.reports = reports;
        }
        Ok(())
    }

    /// Notes that the node has closed a run.
    pub(crate) fn run_closed(&self, run: RunId) -> Result<(), Wrong> {
        let mut inner = self.mailbox.inner();
        inner.current(&self.place, self.generation).ok_or(Wrong::Fenced)?;
        inner.closed(run, &self.place);
        self.mailbox.work.notify_one();
        Ok(())
    }

    fn seat(&self, task: &LiveTask) -> Result<Seat, Wrong> {
        let here = task.collaboration == self.place.collaboration;
        let seat = task.seat_of(&self.place.organization).filter(|_| here);
        seat.ok_or(Wrong::Message("the node has no seat in the task"))
    }

    /// Says whether there is such a stream for the node: not where its task ended long ago.
    fn receives(&self, inner: &Inner, stream: &Stream) -> Result<bool, Wrong> {
        let Some(task) = inner.tasks.get(&stream.task) else { return Ok(false) };
        if stream.receiver == self.seat(task)? && task.has(stream) {
            return Ok(true);
        }
        Err(Wrong::Message("the stream is not one that the node's seat receives"))
    }
}

fn may_send(kind: ParcelKind, to_requester: bool) -> bool {
    match kind {
        ParcelKind::Grant => true,
        ParcelKind::Message | ParcelKind::Closing | ParcelKind::Receipt => !to_requester,
        ParcelKind::Result => to_requester,
        ParcelKind::Arguments => false,
    }
}
