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
        old.into_iter().for_each(|id| self.forget(id));
    }
}
