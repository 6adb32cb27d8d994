//! What time brings: nodes that do not come, deadlines, and what is kept no longer.

use std::time::Duration;

use anchorhold_model::ExecutionState;
use tokio::time::{MissedTickBehavior, interval};

use super::inner::Inner;
use super::{KEPT_AFTER_END, Mailbox, Place};

/// How often it is swept, unless `lost_after` is shorter than four of them.
const SWEEP_TIME: Duration = Duration::from_secs(1);
/// How long after a deadline nodes may still say how their executions ended, in seconds.
const GRACE: u64 = 30;

impl Mailbox {
    /// Sweeps until it is told to stop.
    pub(crate) async fn sweep_until(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut ticks = interval(SWEEP_TIME.min(Duration::from_secs(self.lost_after) / 4));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = ticks.tick() => {}
            }
            let now = (self.clock)();
            self.inner().sweep(now, self.lost_after);
            self.work.notify_one();
            if let Err(error) = self.store.end_unprepared(now.saturating_sub(GRACE), now).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "tasks past their deadlines could not be ended");
            }
        }
    }
}

impl Inner {
    fn sweep(&mut self, now: u64, lost_after: u64) {
        let (mut lost, mut old) = (Vec::new(), Vec::new());
        for (id, task) in &self.tasks {
            if let Some(ended) = task.ended {
                if now.saturating_sub(ended) >= KEPT_AFTER_END {
                    old.push(*id);
                }
                continue;
            }
            let late = now > task.deadline.saturating_add(GRACE);
            for (seat, party) in task.seats().filter(|(_, party)| !party.state.is_final()) {
                let (collaboration, organization) = (task.collaboration, party.organization);
                let since = self.unlinked_since(&Place { collaboration, organization });
                let away = since
                    .is_some_and(|since| now.saturating_sub(since.max(task.offered)) >= lost_after);
                if late || away {
                    lost.push((*id, seat, late));
                }
            }
        }
        for (id, seat, late) in lost {
            if late {
                self.kill(&id);
            }
            self.move_on(id, seat, ExecutionState::Lost, String::new(), now);
        }
        for id in old {
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            // Who sent something at the last moment is told first that it is stored.
            if std::mem::replace(&mut task.over, true) && !task.is_uncommitted() {
                self.forget(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use anchorhold_identity::Fingerprint;
    use anchorhold_model::layout::TaskManifest;
    use anchorhold_model::{CollaborationId, Digest, Limits, RunId, TaskId};

    use super::*;
    use crate::store::{Change, LiveRow};

    fn row(ended: Option<u64>) -> LiveRow {
        let state =
            if ended.is_some() { ExecutionState::Finished } else { ExecutionState::Running };
        LiveRow {
            id: TaskId::from_bytes([1; 32]),
            collaboration: CollaborationId::from_bytes([2; 32]),
            manifest: TaskManifest {
                run: RunId::from_bytes([3; 32]),
                ordinal: 0,
                digest: Digest::of(b"component"),
                requester: [4; 32],
                parties: Vec::new(),
                limits: Limits::default(),
                created: 0,
                deadline: 100_000,
            },
            killed: false,
            offered: 0,
            ended,
            executions: vec![(Fingerprint::from_bytes([5; 32]), state)],
            streams: Vec::new(),
        }
    }

    #[test]
    fn what_ended_an_hour_ago_is_over_and_then_forgotten() {
        let mut inner = Inner::new(0);
        inner.add(&row(Some(10)));
        inner.sweep(3_609, 60);
        assert!(inner.tasks.values().all(|task| !task.over));
        inner.sweep(3_610, 60);
        assert!(inner.tasks.values().all(|task| task.over));
        assert_eq!(inner.changes, []);
        inner.sweep(3_610, 60);
        assert!(inner.tasks.is_empty());
        assert_eq!(inner.changes, [Change::Forgotten { task: row(None).id }]);
    }

    #[test]
    fn who_has_no_link_is_lost_in_time() {
        let mut inner = Inner::new(0);
        inner.add(&row(None));
        inner.sweep(59, 60);
        assert_eq!(inner.changes, []);
        inner.sweep(60, 60);
        let [lost, ended] = &inner.changes[..] else { panic!("{:?}", inner.changes) };
        let is_lost = |state: &ExecutionState| *state == ExecutionState::Lost;
        assert!(matches!(lost, Change::Execution { state, .. } if is_lost(state)));
        assert!(matches!(ended, Change::Ended { at: 60, .. }));
    }
}
