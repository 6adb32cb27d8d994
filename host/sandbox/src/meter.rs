//! Counts the time that an execution computes, and not the time that it waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use anchorhold_model::Limit;
use rustix::time::{ClockId, clock_gettime};

use crate::stop::Stop;

/// The computing time of one execution. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Meter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: Duration,
    /// Nanoseconds of all polls that are over.
    past: AtomicU64,
    /// The thread's time, in nanoseconds, at which the present poll began.
    began: AtomicU64,
}

impl Meter {
    pub(crate) fn new(limit: Duration) -> Self {
        Self(Arc::new(Inner { limit, past: AtomicU64::new(0), began: AtomicU64::new(u64::MAX) }))
    }

    /// Returns the computing time so far. Within a poll it is to be called on the poll's thread.
    pub(crate) fn used(&self) -> Duration {
        let began = self.0.began.load(Ordering::Relaxed);
        let present = if began == u64::MAX { 0 } else { thread_time().saturating_sub(began) };
        Duration::from_nanos(self.0.past.load(Ordering::Relaxed).saturating_add(present))
    }

    /// Adds time that was computed for the execution on another thread.
    pub(crate) fn charge(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.past.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Stops an execution that has used up its time.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.used() > self.0.limit {
            return Err(Stop::Limit(Limit::CpuTime));
        }
        Ok(())
    }

    /// Counts the polls of a future.
    pub(crate) fn metered<F: Future>(&self, future: F) -> Metered<F> {
        Metered { meter: self.clone(), future: Box::pin(future) }
    }
}

/// A future whose polls are counted.
pub(crate) struct Metered<F> {
    meter: Meter,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let inner = self.meter.0.clone();
        inner.began.store(thread_time(), Ordering::Relaxed);
        let polled = self.future.as_mut().poll(context);
        let began = inner.began.swap(u64::MAX, Ordering::Relaxed);
        inner.past.fetch_add(thread_time().saturating_sub(began), Ordering::Relaxed);
        polled
    }
}

/// Does some work and returns with its result the time that this thread computed for it.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = thread_time();
    let done = work();
    (done, Duration::from_nanos(thread_time().saturating_sub(began)))
}

/// Returns the computing time of this thread in nanoseconds: what other processes take of the
/// machine is not counted against a guest.
fn thread_time() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    seconds.unwrap_or(0).saturating_mul(1_000_000_000).saturating_add(nanoseconds.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computing_counts_and_waiting_does_not() {
        let meter = Meter::new(Duration::from_millis(20));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut waiting = Box::pin(meter.metered(std::future::pending::<()>()));
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        assert_eq!(meter.check(), Ok(()));
        let inside = meter.clone();
        let computing = meter.metered(async move { while inside.check().is_ok() {} });
        assert!(Box::pin(computing).as_mut().poll(&mut context).is_ready());
        assert_eq!(meter.check(), Err(Stop::Limit(Limit::CpuTime)));
    }
}
