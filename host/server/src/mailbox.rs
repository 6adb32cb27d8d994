//! Relays frames between the nodes of a task's parties, and keeps them until each receiver has
//! them.
//!
//! Parties: the nodes, each over one link, and the requester, who puts arguments and fetches results
//! by other calls. Messages: those of [`anchorhold_model::link`]. A frame that comes is in memory,
//! and its receiver's link sends it at once where there is one; beside that all that came within
//! some milliseconds is committed together, and then the sender is told that it is stored. What the
//! receiver has taken before that is never written. The server's memory holds at most
//! [`UNCOMMITTED`] bytes that are not committed: beyond it, links are read when a commit is done, and
//! no reader ever waits for a receiver. What is committed is read again when it is sent.
//!
//! It assumes that a link's node is the organization's that signed in, and lets it send from that
//! organization's seats only. It learns who sends how much to whom and when. It does not protect
//! against itself: whoever runs the server can drop, repeat and reorder frames, which the parties'
//! envelopes and closing statements bring to light, and can let nobody read or forge any.
//!
//! A state of an execution, and that a task ended, are committed after the frames that came before.
//! Others are told of an end when it is committed and they have taken all frames of that seat.

mod commit;
mod inner;
mod linked;
mod outbox;
mod pull;
mod stream;
mod sweep;
mod task;

pub(crate) use linked::{Answer, Linked, Wrong};
pub(crate) use pull::Pulled;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anchorhold_identity::Fingerprint;
use anchorhold_model::{CollaborationId, Report, RunId, TaskId};
use tokio::sync::{Notify, Semaphore};

use crate::Clock;
use crate::store::{Store, StoreError};
use inner::Inner;
use task::LiveTask;

/// The most bytes that are in memory and not committed.
const UNCOMMITTED: usize = 32 << 20;
/// How long frames between parties are kept after their task has ended, in seconds: receipts for
/// the last closing statements pass meanwhile.
const KEPT_AFTER_END: u64 = 3_600;

/// Where a node is linked: one node of an organization in a collaboration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) collaboration: CollaborationId,
    pub(crate) organization: Fingerprint,
}

/// The mailbox.
pub(crate) struct Mailbox {
    store: Store,
    clock: Clock,
    /// After how many seconds without a link a node's executions are lost.
    lost_after: u64,
    /// One for each byte that may be uncommitted.
    room: Arc<Semaphore>,
    /// There is something to commit, and there is much.
    work: Notify,
    much: Notify,
    inner: Mutex<Inner>,
}

impl Mailbox {
    /// Rebuilds what the database knows.
    pub(crate) async fn open(
        store: Store,
        clock: Clock,
        lost_after: u64,
    ) -> Result<Self, StoreError> {
        let now = clock();
        let ended_after = now.saturating_sub(KEPT_AFTER_END);
        store.forget_ended(ended_after).await?;
        let mut inner = Inner::new(now);
        for row in store.live_tasks(ended_after).await? {
            inner.add(&row);
        }
        for (run, collaboration, organization) in store.unanswered_closings().await? {
            inner.close(run, Place { collaboration, organization });
        }
        Ok(Self {
            store,
            clock,
            lost_after,
            room: Arc::new(Semaphore::new(UNCOMMITTED)),
            work: Notify::new(),
            much: Notify::new(),
            inner: Mutex::new(inner),
        })
    }

    /// Closes the store, when everything is committed.
    pub(crate) async fn close_store(&self) {
        self.store.close().await;
    }

    /// Says whether a node is linked.
    pub(crate) fn is_linked(&self, place: Place) -> bool {
        self.inner().is_linked(&place)
    }

    /// Offers a task to its parties' nodes.
    pub(crate) async fn offer(&self, task: &TaskId) -> Result<(), StoreError> {
        if let Some(row) = self.store.live_task(task).await? {
            self.inner().add(&row);
        }
        Ok(())
    }

    /// Returns how many reports of progress came for a task.
    pub(crate) fn reports(&self, task: &TaskId) -> u64 {
        self.inner().tasks.get(task).map_or(0, |task| task.reports)
    }

    /// Returns the bytes of the newest reports of a task's executions that have not ended.
    pub(crate) fn newest_reports(&self, task: &TaskId) -> Vec<u8> {
        let inner = self.inner();
        let parties = inner.tasks.get(task).into_iter().flat_map(LiveTask::seats);
        Report::encode_all(parties.filter_map(|(seat, party)| Some((seat, party.report.as_ref()?))))
    }

    /// Tells the nodes with open executions of a task to end them.
    pub(crate) fn kill(&self, task: &TaskId) {
        self.inner().kill(task);
    }

    /// Tells the nodes of parties that a run is closed, until they answer.
    pub(crate) fn close(
        &self,
        run: RunId,
        collaboration: CollaborationId,
        parties: &[Fingerprint],
    ) {
        let mut inner = self.inner();
        for organization in parties {
            inner.close(run, Place { collaboration, organization: *organization });
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
