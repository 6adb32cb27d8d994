//! Commits what came, in groups.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Mailbox;
use super::inner::Inner;
use crate::store::{Batch, Change, Freed, Position, StoreError};

/// How long more is awaited: an fdatasync takes a few milliseconds, so that more commits would not
/// be much sooner.
const GROUP_TIME: Duration = Duration::from_millis(20);
/// How long the store is left alone when it failed.
const RETRY_TIME: Duration = Duration::from_secs(1);

impl Mailbox {
    /// Commits what comes, until it is told to stop and everything is committed.
    ///
    /// Not cancel-safe: what was being committed may be or not.
    pub(crate) async fn commit_until(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = self.work.notified() => {}
            }
            let grouped = timeout(GROUP_TIME, self.much.notified());
            tokio::select! {
                () = &mut stop => break,
                _ = grouped => {}
            }
            self.commit().await;
        }
        self.commit().await;
    }

    async fn commit(&self) {
        let batch = self.inner().batch();
        if batch.is_empty() {
            return;
        }
        let freed = loop {
            match self.store.commit(&batch).await {
                Ok(freed) => break freed,
                Err(error) => {
                    report(&error);
                    sleep(RETRY_TIME).await;
                }
            }
        };
        self.inner().committed(&batch, &freed);
    }
}

fn report(error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "a commit failed, and is tried again");
}

impl Inner {
    /// Takes what is to be committed.
    fn batch(&mut self) -> Batch {
        self.waiting = 0;
        let mut batch = Batch { changes: std::mem::take(&mut self.changes), ..Batch::default() };
        for stream in std::mem::take(&mut self.dirty) {
            // A task that was forgotten meanwhile has no streams.
            let Some(task) = self.tasks.get_mut(&stream.task) else { continue };
            if task.stream(&stream).is_none() {
                continue;
            }
            let state = task.stream_mut(&stream);
            batch.positions.push(Position { stream, next: state.next, taken: state.taken });
            batch.frames.extend(state.batch());
        }
        batch
    }

    /// Notes that a batch is committed, and tells whom it concerns.
    fn committed(&mut self, batch: &Batch, freed: &[Freed]) {
        for Position { stream, next, .. } in &batch.positions {
            let Some(task) = self.tasks.get_mut(&stream.task) else { continue };
            if task.stream_mut(stream).committed(*next) {
                self.tell_stored(stream);
            }
        }
        for (stream, bytes) in freed {
            if let Some(task) = self.tasks.get_mut(&stream.task) {
                let state = task.stream_mut(stream);
                state.held = state.held.saturating_sub(*bytes);
                task.free(stream, *bytes);
            }
        }
        for change in &batch.changes {
            let Change::Execution { task: id, seat, state, .. } = change else { continue };
            let Some(task) = self.tasks.get_mut(id).filter(|_| state.is_final()) else { continue };
            let receivers: Vec<_> = task.seats().map(|(receiver, _)| receiver).collect();
            if let Some(party) = task.party_mut(*seat) {
                party.settled = true;
            }
            for receiver in receivers {
                self.tell_end(*id, *seat, receiver);
            }
        }
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.positions.is_empty() && self.changes.is_empty()
    }
}
