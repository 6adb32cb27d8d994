//! What waits for the link: frames until the server has them for sure, and what the server is to be
//! told. It outlives a link; the next one goes on where the server says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anchorhold_model::link::{Frame, Stream, ToServer};
use anchorhold_model::{ExecutionState, Report, RunId, TaskId};
use tokio::sync::{Notify, watch};

use crate::parcel::Parcel;

/// How many things to be said are a crowd.
const CROWD: usize = 10_000;

/// The outbox of a node. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    inner: Mutex<Inner>,
    changed: Notify,
    /// Whether the link has said everything and waits for more.
    idle: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    streams: BTreeMap<Stream, Sending>,
    /// The streams with frames to send, each once, in turn.
    ready: VecDeque<Stream>,
    /// Up to where each stream was received, to be told.
    received: BTreeMap<Stream, u64>,
    /// Where executions are, to be told after their frames.
    states: BTreeMap<TaskId, (ExecutionState, String)>,
    /// The newest report of how far each execution is.
    reports: BTreeMap<TaskId, Report>,
    closed: BTreeSet<RunId>,
    retired: BTreeSet<TaskId>,
}

/// A stream on its way out.
#[derive(Debug, Default)]
struct Sending {
    /// The parcels of which the server has not all frames, each with the number of its first.
    parcels: VecDeque<(u64, Arc<Parcel>)>,
    /// The number of the next frame to send.
    next: u64,
    /// The number of frames that there are.
    end: u64,
}

/// What the link sends next.
enum Next {
    Said(ToServer),
    Frame(Stream, u64, Arc<Parcel>, u32),
}

impl Outbox {
    /// Puts a parcel at the end of a stream.
    pub(crate) fn push(&self, stream: Stream, parcel: Parcel) {
        let mut inner = self.inner();
        let sending = inner.streams.entry(stream).or_default();
        let first = sending.end;
        let was_ready = sending.next < sending.end;
        sending.end = first.saturating_add(u64::from(parcel.frames()));
        sending.parcels.push_back((first, Arc::new(parcel)));
        if !was_ready && !inner.ready.contains(&stream) {
            inner.ready.push_back(stream);
        }
        drop(inner);
        self.0.changed.notify_one();
    }

    /// Tells the server up to where a stream was received.
    pub(crate) fn received(&self, stream: Stream, next: u64) {
        self.inner().received.insert(stream, next);
        self.0.changed.notify_one();
    }

    /// Tells the server where an execution is, after all frames that it sent. Nothing follows an
    /// end.
    pub(crate) fn state(&self, task: TaskId, state: ExecutionState, kind: &str) {
        let mut inner = self.inner();
        if !inner.states.get(&task).is_some_and(|(said, _)| said.is_final()) {
            inner.states.insert(task, (state, kind.to_owned()));
        }
        if state.is_final() {
            inner.reports.remove(&task);
        }
        drop(inner);
        self.0.changed.notify_one();
    }

    /// Passes the server a report of how far an execution is, in place of the one before.
    pub(crate) fn progress(&self, task: TaskId, report: Report) {
        self.inner().reports.insert(task, report);
        self.0.changed.notify_one();
    }

    /// Tells the server that a run is closed.
    pub(crate) fn closed(&self, run: RunId) {
        self.inner().closed.insert(run);
        self.0.changed.notify_one();
    }

    /// Takes back what a link ended before it was said for sure.
    pub(crate) fn unsaid(&self, message: ToServer) {
        let mut inner = self.inner();
        match message {
            ToServer::State(task, state, kind) => {
                inner.states.entry(task).or_insert((state, kind));
            }
            ToServer::RunClosed(run) => drop(inner.closed.insert(run)),
            // The next link begins with what was received, and where frames go on; and another
            // report will come, or the end.
            ToServer::Received(..)
            | ToServer::Frame(_)
            | ToServer::Resume(_)
            | ToServer::Progress(..) => {}
        }
    }

    /// Notes that the server has all frames of a stream before one.
    pub(crate) fn stored(&self, stream: Stream, next: u64) {
        let mut inner = self.inner();
        if let Some(sending) = inner.streams.get_mut(&stream) {
            sending.stored(next);
        }
        inner.sweep(stream.task);
    }

    /// Notes that nothing more is sent of a task: its streams go once the server has them.
    pub(crate) fn retire(&self, task: TaskId) {
        let mut inner = self.inner();
        inner.retired.insert(task);
        inner.sweep(task);
    }

    /// Forgets what the server did not take of a task.
    pub(crate) fn discard(&self, task: TaskId) {
        let mut inner = self.inner();
        inner.streams.retain(|stream, _| stream.task != task);
        inner.retired.remove(&task);
    }

    /// Says whether so much waits to be said that the server is not listened to meanwhile: each
    /// thing that it says may have an answer, and it may not read them.
    pub(crate) fn is_crowded(&self) -> bool {
        let inner = self.inner();
        inner.received.len() + inner.states.len() + inner.closed.len() > CROWD
    }

    /// A new link begins: frames are sent again from where the server has not got them.
    pub(crate) fn resume(&self, stored: &[(Stream, u64)]) {
        let mut inner = self.inner();
        for (stream, next) in stored {
            if let Some(sending) = inner.streams.get_mut(stream) {
                sending.stored(*next);
            }
        }
        let mut ready = VecDeque::new();
        for (stream, sending) in &mut inner.streams {
            sending.next = sending.parcels.front().map_or(sending.end, |(first, _)| *first);
            if sending.next < sending.end {
                ready.push_back(*stream);
            }
        }
        inner.ready = ready;
        // That the link begins with.
        inner.received.clear();
        drop(inner);
        self.0.changed.notify_one();
    }

    /// Waits for what the link is to send next. Cancel-safe: what was not returned is not lost.
    ///
    /// # Errors
    ///
    /// Where a frame cannot be read from its file.
    pub(crate) async fn next(&self) -> std::io::Result<ToServer> {
        loop {
            let next = self.inner().next();
            match next {
                Some(Next::Said(said)) => return Ok(said),
                Some(Next::Frame(stream, first, parcel, index)) => {
                    let frame: Frame = parcel.frame(stream, first, index)?;
                    return Ok(ToServer::Frame(frame));
                }
                None => {
                    self.0.idle.send_replace(true);
                    self.0.changed.notified().await;
                }
            }
        }
    }

    /// Waits until the link has said everything. Without a link it waits.
    pub(crate) async fn idle(&self) {
        self.0.idle.send_replace(false);
        self.0.changed.notify_one();
        // The sender lives as long as this outbox.
        let _ = self.0.idle.subscribe().wait_for(|idle| *idle).await;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Forgets the streams of a retired task of which the server has everything.
    fn sweep(&mut self, task: TaskId) {
        if self.retired.contains(&task) {
            self.streams.retain(|of, sending| of.task != task || !sending.parcels.is_empty());
            if !self.streams.keys().any(|stream| stream.task == task) {
                self.retired.remove(&task);
            }
        }
    }

    fn next(&mut self) -> Option<Next> {
        if let Some((stream, next)) = self.received.pop_first() {
            return Some(Next::Said(ToServer::Received(stream, next)));
        }
        if let Some(run) = self.closed.pop_first() {
            return Some(Next::Said(ToServer::RunClosed(run)));
        }
        if let Some((task, report)) = self.reports.pop_first() {
            return Some(Next::Said(ToServer::Progress(task, report)));
        }
        // States come before the frames of other tasks, and after their own.
        let told = self.states.keys().find(|task| {
            let mut ready = self.ready.iter();
            !ready.any(|stream| stream.task == **task)
        });
        if let Some(task) = told.copied() {
            let (state, kind) = self.states.remove(&task)?;
            return Some(Next::Said(ToServer::State(task, state, kind)));
        }
        loop {
            let stream = self.ready.pop_front()?;
            let Some(sending) = self.streams.get_mut(&stream) else { continue };
            let Some((first, parcel, index)) = sending.take() else { continue };
            if sending.next < sending.end {
                self.ready.push_back(stream);
            }
            return Some(Next::Frame(stream, first, parcel, index));
        }
    }
}

impl Sending {
    /// Returns the parcel of the next frame to send, with the number of its first.
    fn take(&mut self) -> Option<(u64, Arc<Parcel>, u32)> {
        let number = self.next;
        let mut parcels = self.parcels.iter().rev();
        let (first, parcel) = parcels.find(|(first, _)| *first <= number)?;
        let index = u32::try_from(number.saturating_sub(*first)).ok()?;
        self.next = number.saturating_add(1);
        Some((*first, parcel.clone(), index))
    }

    fn stored(&mut self, next: u64) {
        self.next = self.next.max(next.min(self.end));
        while let Some((first, parcel)) = self.parcels.front()
            && first.saturating_add(u64::from(parcel.frames())) <= next
        {
            self.parcels.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use anchorhold_model::Seat;
    use anchorhold_model::limits::FRAME_BYTES;
    use anchorhold_model::link::ParcelKind;

    use super::*;

    fn stream(receiver: u32) -> Stream {
        Stream { task: TaskId::from_bytes([1; 32]), sender: Seat(0), receiver: Seat(receiver) }
    }

    fn parcel(frames: usize) -> Parcel {
        Parcel::new(ParcelKind::Message, vec![7; frames * FRAME_BYTES])
    }

    async fn frame(outbox: &Outbox) -> (u32, u64, u32) {
        match outbox.next().await.unwrap() {
            ToServer::Frame(frame) => (frame.stream.receiver.0, frame.number, frame.index),
            other => panic!("{other:?} is no frame"),
        }
    }

    #[tokio::test]
    async fn streams_take_turns_and_a_state_comes_after_them() {
        let outbox = Outbox::default();
        outbox.state(stream(1).task, ExecutionState::Finished, "");
        outbox.push(stream(1), parcel(2));
        outbox.push(stream(2), parcel(1));
        outbox.push(stream(1), parcel(1));
        let mut sent = Vec::new();
        for _ in 0..4 {
            sent.push(frame(&outbox).await);
        }
        assert_eq!(sent, [(1, 0, 0), (2, 0, 0), (1, 1, 1), (1, 2, 0)]);
        let state = ToServer::State(stream(1).task, ExecutionState::Finished, String::new());
        assert_eq!(outbox.next().await.unwrap(), state);
    }

    #[tokio::test]
    async fn nothing_follows_an_end() {
        let outbox = Outbox::default();
        let task = stream(1).task;
        outbox.state(task, ExecutionState::Running, "");
        outbox.state(task, ExecutionState::Failed, "not-told");
        outbox.state(task, ExecutionState::Running, "");
        outbox.state(task, ExecutionState::Failed, "");
        let end = ToServer::State(task, ExecutionState::Failed, "not-told".into());
        assert_eq!(outbox.next().await.unwrap(), end);
    }

    #[tokio::test]
    async fn what_the_server_does_not_take_is_discarded_and_a_crowd_is_seen() {
        let outbox = Outbox::default();
        outbox.push(stream(1), parcel(1));
        outbox.retire(stream(1).task);
        outbox.discard(stream(1).task);
        let inner = outbox.inner();
        assert!(inner.streams.is_empty() && inner.retired.is_empty());
        drop(inner);
        for number in 0..CROWD as u32 {
            outbox.received(stream(number), 1);
        }
        assert!(!outbox.is_crowded());
        outbox.received(stream(u32::MAX), 1);
        assert!(outbox.is_crowded());
        outbox.resume(&[]);
        assert!(!outbox.is_crowded(), "a new link says it by itself");
    }

    #[tokio::test]
    async fn a_stream_is_ready_once_whatever_the_server_stored_meanwhile() {
        let outbox = Outbox::default();
        outbox.push(stream(1), parcel(1));
        // A server may say that it has what it was not sent.
        outbox.stored(stream(1), 1);
        outbox.push(stream(1), parcel(1));
        assert_eq!(frame(&outbox).await, (1, 1, 0));
        assert!(outbox.inner().ready.is_empty());
    }

    #[tokio::test]
    async fn a_new_link_goes_on_where_the_server_says() {
        let outbox = Outbox::default();
        outbox.push(stream(1), parcel(1));
        outbox.push(stream(1), parcel(3));
        for _ in 0..4 {
            frame(&outbox).await;
        }
        outbox.resume(&[(stream(1), 2)]);
        outbox.retire(stream(1).task);
        assert_eq!(outbox.inner().streams.len(), 1, "the server has not everything");
        // The second parcel is not all there: it is sent again from its beginning.
        assert_eq!(frame(&outbox).await, (1, 1, 0));
        outbox.stored(stream(1), 4);
        assert!(outbox.inner().streams.is_empty() && outbox.inner().retired.is_empty());
    }
}
