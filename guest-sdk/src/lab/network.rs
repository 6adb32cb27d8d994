//! Messages between the lab's parties, and whose turn it is.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cell::Execution;
use super::report::Report;
use super::state::State;
use crate::windows::{NoSuchParty, RawMessage, ReceiveError};
use crate::{Ending, Seat};

/// After how much virtual time a party that does not come, or whose messages do not, is given up as
/// lost.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(3600);

/// Why a party cannot go on: no party can.
#[derive(Debug)]
pub(super) struct Stopped(pub String);

pub(super) struct Network {
    state: Mutex<State>,
    /// One for each party, which waits there for its turn.
    turns: Vec<Condvar>,
}

impl Network {
    pub fn new(state: State) -> Self {
        let turns = (0..state.parties()).map(|_| Condvar::new()).collect();
        Self { state: Mutex::new(state), turns }
    }

    /// Waits for a party's first turn.
    pub fn begin(&self, own: usize) {
        drop(self.wait_for_turn(own, self.lock()));
    }

    /// Ends a party's execution.
    pub fn end(&self, own: usize, ending: Ending) {
        let mut state = self.lock();
        state.end(own, ending);
        self.hand_over(own, &mut state);
    }

    /// Reports what came of the task.
    pub fn close(&self, executions: Vec<(Seat, Execution)>) -> Report {
        let mut state = self.lock();
        if let Some(fault) = state.faults.first() {
            panic!("there was no message to {fault}");
        }
        let executions = executions.into_iter();
        let executions = executions.map(|(seat, execution)| (seat.index(), execution)).collect();
        Report::new(state.parties(), executions, std::mem::take(&mut state.trace))
    }

    pub fn send(
        &self,
        from: usize,
        to: usize,
        topic: &str,
        body: &[u8],
    ) -> Result<(), NoSuchParty> {
        let mut state = self.lock();
        if from == to || to >= state.parties() {
            return Err(NoSuchParty);
        }
        state.send(from, to, topic, body.to_vec());
        Ok(())
    }

    /// Receives a message, or stops because no party can go on.
    pub fn receive(
        &self,
        own: usize,
        sender: Option<usize>,
        topic: Option<&str>,
        timeout_ms: Option<u64>,
    ) -> Result<Result<RawMessage, ReceiveError>, Stopped> {
        let mut state = self.lock();
        if sender.is_some_and(|sender| sender == own || sender >= state.parties()) {
            return Ok(Err(ReceiveError::NoSuchParty));
        }
        let wait = state.wait(sender, topic, timeout_ms.map(Duration::from_millis));
        loop {
            if let Some(waits) = &state.deadlock {
                return Err(Stopped(waits.clone()));
            }
            if let Some(received) = state.receive(own, &wait) {
                return Ok(received);
            }
            self.hand_over(own, &mut state);
            state = self.wait_for_turn(own, state);
        }
    }

    fn hand_over(&self, own: usize, state: &mut State) {
        state.turn = state.next_turn(own);
        if let Some(turn) = state.turn {
            self.turns[turn].notify_one();
        }
    }

    fn wait_for_turn<'a>(&self, own: usize, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.turns[own]
            .wait_while(state, |state| state.turn != Some(own))
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
