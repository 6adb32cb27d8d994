//! What all tasks of a node share.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anchorhold_client::CollaborationFile;
use anchorhold_identity::Statement;
use anchorhold_model::TaskId;
use anchorhold_model::link::Stream;
use anchorhold_storage::Store;
use tokio::sync::watch;

use crate::checks::Checks;
use crate::components::Components;
use crate::execution::Handle;
use crate::journal::Journal;
use crate::outgoing::Post;
use crate::policy::Policy;
use crate::runs::Runs;
use crate::told::Stopped;

/// What all tasks of a node share.
pub(crate) struct Shared {
    pub(crate) file: CollaborationFile,
    pub(crate) own: Statement,
    pub(crate) policy: Policy,
    pub(crate) post: Post,
    pub(crate) journal: Journal,
    pub(crate) components: Components,
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) checks: Checks,
    pub(crate) tasks: Tasks,
    /// How many executions have not told how they ended.
    pub(crate) running: watch::Sender<usize>,
}

/// The tasks that are at the node, and up to where their streams were received.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    handles: HashMap<TaskId, Handle>,
    received: BTreeMap<Stream, u64>,
}

impl Shared {
    /// Waits until all executions have told how they ended, and the server has heard it.
    pub(crate) async fn told_everything(&self) {
        let _ = self.running.subscribe().wait_for(|running| *running == 0).await;
        self.post.outbox.idle().await;
    }

    /// Notes that a stream was received up to a frame, and tells the server.
    pub(crate) fn received(&self, stream: Stream, next: u64) {
        self.tasks.inner().received.insert(stream, next);
        self.post.outbox.received(stream, next);
    }

    /// Forgets a task to which nothing comes any more.
    pub(crate) fn forget(&self, task: TaskId) {
        let mut inner = self.tasks.inner();
        inner.handles.remove(&task);
        inner.received.retain(|stream, _| stream.task != task);
        drop(inner);
        self.post.outbox.retire(task);
    }
}

impl Tasks {
    /// Puts a task there.
    pub(crate) fn add(&self, task: TaskId, handle: Handle) {
        self.inner().handles.insert(task, handle);
    }

    /// Returns where what comes for a task goes.
    pub(crate) fn arrivals(
        &self,
        task: &TaskId,
    ) -> Option<tokio::sync::mpsc::Sender<crate::execution::Arrival>> {
        self.inner().handles.get(task).map(|handle| handle.arrivals.clone())
    }

    /// Ends the execution of a task.
    pub(crate) fn stop(&self, task: &TaskId, reason: &Stopped) {
        if let Some(handle) = self.inner().handles.get(task) {
            // The first reason counts.
            handle.stop.send_if_modified(|stop| {
                let first = stop.is_none();
                stop.get_or_insert_with(|| reason.clone());
                first
            });
        }
    }

    /// Ends all executions.
    pub(crate) fn stop_all(&self, reason: &Stopped) {
        let tasks: Vec<_> = self.inner().handles.keys().copied().collect();
        tasks.iter().for_each(|task| self.stop(task, reason));
    }

    /// Returns up to where each stream was received.
    pub(crate) fn received(&self) -> Vec<(Stream, u64)> {
        self.inner().received.iter().map(|(stream, next)| (*stream, *next)).collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
