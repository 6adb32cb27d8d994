//! What a link's writer is still to send, without what it carries: that is fetched when the socket
//! is ready, so that a slow node's link holds little.

use std::collections::{BTreeSet, HashSet, VecDeque};

use anchorhold_model::link::Stream;
use anchorhold_model::{ExecutionState, RunId, Seat, TaskId};

/// Each thing is in it once, however often it is put in: it has at most as many as there are tasks
/// and streams.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) welcome: Option<Vec<(Stream, u64)>>,
    pub(super) offers: VecDeque<TaskId>,
    pub(super) kills: BTreeSet<TaskId>,
    pub(super) closings: BTreeSet<RunId>,
    /// Streams of the node of which the server has taken over more.
    pub(super) stored: BTreeSet<Stream>,
    pub(super) ended: VecDeque<(TaskId, Seat, ExecutionState)>,
    pub(super) ready: Turns,
}

/// Tasks that may have frames for the node, in turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    queue: VecDeque<TaskId>,
    queued: HashSet<TaskId>,
}

impl Turns {
    pub(super) fn push(&mut self, task: TaskId) {
        if self.queued.insert(task) {
            self.queue.push_back(task);
        }
    }

    pub(super) fn pop(&mut self) -> Option<TaskId> {
        let task = self.queue.pop_front()?;
        self.queued.remove(&task);
        Some(task)
    }
}
