//! One party's execution of a task.

use std::future::Future;
use std::time::{Duration, SystemTime};

use anchorhold_model::{Ending, Fault, Limit, Limits, Task};

use crate::algorithm::Algorithm;
use crate::bindings::anchorhold::algorithm::types as wit;
use crate::log::Log;
use crate::messaging::{Courier, Traffic};
use crate::meter::Meter;
use crate::state::{State, Windows};
use crate::stop::{Stop, classify};
use crate::storage::{Operations, Storage, stop};

/// What an execution is started with.
pub struct Execution {
    /// The task, seen from this party.
    pub task: Task,
    /// What bounds the execution.
    pub limits: Limits,
    /// The key of its random numbers: secret, and never used for another execution.
    pub random_key: [u8; 32],
    /// When the task was created: where the guest's clocks begin.
    pub created: SystemTime,
    /// What carries its messages.
    pub courier: Box<dyn Courier>,
    /// What keeps its storage.
    pub storage: Box<dyn Storage>,
    /// Where its log goes.
    pub log: Log,
}

/// How an execution went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub ending: Ending,
    /// What it used.
    pub usage: Usage,
}

/// What an execution used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// The time it computed.
    pub cpu_time: Duration,
    /// The linear memory it had, in bytes.
    pub memory_bytes: u64,
    /// The messages it sent, and the bytes of their topics and bodies.
    pub sent: (u64, u64),
    /// The messages it received, and the bytes of their topics and bodies.
    pub received: (u64, u64),
    /// How often it called storage.
    pub storage_operations: u64,
}

impl Algorithm {
    /// Runs the algorithm for one party, from waiting for its turn to the commit of its storage.
    ///
    /// The execution ends early when `kill` completes or the deadline passes. After any ending but
    /// [`Ending::Finished`] nothing that it staged in storage remains.
    ///
    /// Not cancel-safe: dropping the future ends the execution without a report.
    pub async fn execute(&self, execution: Execution, kill: impl Future<Output = ()>) -> Report {
        let deadline = tokio::time::sleep(execution.limits.deadline);
        let early = async {
            tokio::select! {
                () = kill => Ending::Killed,
                () = deadline => Ending::LimitReached(Limit::Deadline),
            }
        };
        tokio::pin!(early);
        let turn = tokio::select! {
            biased;
            ending = &mut early => return Report { ending, usage: Usage::default() },
            turn = self.engine().executions().acquire() => turn,
        };
        if turn.is_err() {
            return Report { ending: Ending::Fault(Fault::Runtime), usage: Usage::default() };
        }
        self.execute_now(execution, early).await
    }

    async fn execute_now(
        &self,
        execution: Execution,
        early: impl Future<Output = Ending>,
    ) -> Report {
        let Execution { task, limits, random_key, created, courier, storage, log } = execution;
        let meter = Meter::new(limits.cpu_time);
        let argument = wit_task(&task);
        let (traffic, operations) = (Traffic::default(), Operations::default());
        let windows = Windows { task, courier, storage, traffic, operations };
        let created = created.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let state = State::new(limits, Some(windows), random_key, created, (log, meter.clone()));
        let mut store = match state.into_store(self.engine(), meter.clone()) {
            Ok(store) => store,
            Err(stop) => return Report { ending: stop.into(), usage: Usage::default() },
        };
        let running = meter.metered(async {
            let guest = self.component().instantiate_async(&mut store).await?;
            guest.call_run(&mut store, &argument).await
        });
        let ending = tokio::select! {
            biased;
            ending = early => ending,
            outcome = running => outcome.map_or_else(|error| classify(&error).into(), ending_of),
        };
        // The guest is gone from here on, whichever way it ended.
        let mut state = store.into_data();
        let ending = settle(&mut state, ending).await;
        if let Ok(windows) = state.windows() {
            windows.storage.end().await;
        }
        state.journal.finish();
        Report { usage: usage(&mut state, &meter), ending }
    }
}

fn ending_of(outcome: Result<Vec<u8>, String>) -> Ending {
    match outcome {
        Ok(result) => Ending::Finished(result),
        Err(text) => Ending::Error(text),
    }
}

/// Bounds what the guest returned and commits its storage where it finished.
async fn settle(state: &mut State, ending: Ending) -> Ending {
    let too_large = |length: usize, max: u64| u64::try_from(length).map_or(true, |len| len > max);
    match ending {
        Ending::Finished(result) if too_large(result.len(), state.limits.result_bytes) => {
            Ending::LimitReached(Limit::ResultBytes)
        }
        Ending::Error(text) if too_large(text.len(), state.limits.error_bytes) => {
            Ending::LimitReached(Limit::ResultBytes)
        }
        Ending::Finished(result) => match commit(state).await {
            Ok(()) => Ending::Finished(result),
            Err(stop) => stop.into(),
        },
        other => other,
    }
}

async fn commit(state: &mut State) -> Result<(), Stop> {
    state.windows()?.storage.commit().await.map_err(stop)
}

fn usage(state: &mut State, meter: &Meter) -> Usage {
    let memory_bytes = state.memory_used();
    if let Ok(windows) = state.windows() {
        meter.charge(windows.storage.computed());
    }
    let Ok(Windows { traffic, operations, .. }) = state.windows() else { return Usage::default() };
    Usage {
        cpu_time: meter.used(),
        memory_bytes,
        sent: (traffic.messages_sent, traffic.bytes_sent),
        received: (traffic.messages_received, traffic.bytes_received),
        storage_operations: operations.0,
    }
}

fn wit_task(task: &Task) -> wit::Task {
    let party = |(seat, party): (u32, &anchorhold_model::Party)| wit::Party {
        seat,
        organization: party.organization.clone(),
        role: party.role.clone(),
    };
    wit::Task {
        run_id: task.run_id().to_string(),
        task_id: task.task_id().to_string(),
        seat: task.seat().0,
        role: task.own_party().role.clone(),
        parties: (0..).zip(task.parties()).map(party).collect(),
        arguments: task.arguments().to_vec(),
        datasets: task.datasets().to_vec(),
    }
}
