//! The tasks of one run at this node begin one after the other, in the order in which they were
//! taken on: a later one sees what an earlier one stored.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anchorhold_model::RunId;
use tokio::sync::oneshot;

/// The last turn of each run that was given.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<HashMap<RunId, oneshot::Receiver<()>>>);

/// The turn of one task in its run. It lasts until it is dropped: that is, after [`Turn::wait`],
/// since the next one waits for this one only.
#[derive(Debug)]
pub(crate) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _after: oneshot::Sender<()>,
}

impl Runs {
    /// Gives the next turn of a run.
    pub(crate) fn turn(&self, run: RunId) -> Turn {
        let (sender, after) = oneshot::channel();
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of runs that nobody is at there is nothing to remember.
        runs.retain(|_, last| !last.is_terminated() && !is_over(last));
        Turn { before: runs.insert(run, after), _after: sender }
    }
}

impl Turn {
    /// Waits until the turns before it are over. Cancel-safe.
    pub(crate) async fn wait(&mut self) {
        if let Some(before) = &mut self.before {
            // It is never sent, only dropped.
            let _ = before.await;
        }
        self.before = None;
    }
}

fn is_over(turn: &mut oneshot::Receiver<()>) -> bool {
    matches!(turn.try_recv(), Err(oneshot::error::TryRecvError::Closed))
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn turns_come_in_order_and_other_runs_do_not_wait() {
        let runs = Runs::default();
        let run = RunId::from_bytes([1; 32]);
        let mut turns: Vec<_> = (0..3).map(|_| runs.turn(run)).collect();
        let mut other = runs.turn(RunId::from_bytes([2; 32]));
        let comes = |turn: &mut Turn| {
            let mut context = Context::from_waker(Waker::noop());
            std::pin::pin!(turn.wait()).poll(&mut context) == Poll::Ready(())
        };
        assert!(comes(&mut turns[0]) && !comes(&mut turns[1]) && comes(&mut other));
        turns.remove(0);
        assert!(comes(&mut turns[0]) && !comes(&mut turns[1]));
        turns.remove(0);
        assert!(comes(&mut turns[0]));
    }
}
