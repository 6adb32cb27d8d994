//! The guest's clocks. Time starts at the task's creation and advances by what the guest does, so
//! that two executions of the same steps see the same times, and none sees the real one.

use std::time::Duration;

use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::{DynPollable, Pollable, subscribe};

use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use crate::state::State;

/// How much time passes with each call of the host.
const CALL: Duration = Duration::from_micros(1);
/// What the clocks say of their own resolution.
const RESOLUTION: Duration = CALL;

/// The time of one execution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    origin: Duration,
    elapsed: Duration,
}

impl Clock {
    /// Starts a clock; `origin` is the time since 1970 at which the task was created.
    pub(crate) fn new(origin: Duration) -> Self {
        Self { origin, elapsed: Duration::ZERO }
    }

    /// Counts a call of the host.
    pub(crate) fn tick(&mut self) {
        self.advance(CALL);
    }

    /// Lets time pass: the length of a sleep or of a timeout.
    pub(crate) fn advance(&mut self, time: Duration) {
        self.elapsed = self.elapsed.saturating_add(time);
    }

    /// Returns the time since 1970.
    fn now(&self) -> Duration {
        self.origin.saturating_add(self.elapsed)
    }
}

impl wall_clock::Host for State {
    async fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        Ok(datetime(self.clock.now()))
    }

    async fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        Ok(datetime(RESOLUTION))
    }
}

impl monotonic_clock::Host for State {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(nanoseconds(self.clock.elapsed))
    }

    async fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(nanoseconds(RESOLUTION))
    }

    async fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let left = when.saturating_sub(nanoseconds(self.clock.elapsed));
        self.clock.advance(Duration::from_nanos(left));
        ready(&mut self.table)
    }

    async fn subscribe_duration(
        &mut self,
        duration: u64,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        self.clock.advance(Duration::from_nanos(duration));
        ready(&mut self.table)
    }
}

/// A sleep that is over.
struct Over;

#[async_trait]
impl Pollable for Over {
    async fn ready(&mut self) {}
}

/// Returns a pollable that is ready: the sleep took place when it was asked for.
fn ready(table: &mut ResourceTable) -> wasmtime::Result<Resource<DynPollable>> {
    let over = table.push(Over)?;
    subscribe(table, over)
}

fn datetime(time: Duration) -> wall_clock::Datetime {
    wall_clock::Datetime { seconds: time.as_secs(), nanoseconds: time.subsec_nanos() }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
