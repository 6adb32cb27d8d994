//! One party's execution in the lab: its windows, and how it ends.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::network::{Network, Stopped};
use super::report::Failure;
use super::storage::TaskStorage;
use crate::windows::{NoSuchParty, RawMessage, ReadOnly, ReceiveError, Windows};
use crate::{Algorithm, Ending, Seat, Task};

/// What a party's execution came to.
pub(super) struct Execution {
    pub outcome: Result<Value, Failure>,
    /// The result as it was returned.
    pub bytes: Vec<u8>,
    pub log: Vec<String>,
}

/// The windows of one party.
pub(super) struct Cell {
    network: Arc<Network>,
    seat: usize,
    storage: RefCell<TaskStorage>,
    random: RefCell<ChaCha20Rng>,
    log: RefCell<Vec<String>>,
}

impl Cell {
    pub fn new(network: Arc<Network>, seat: Seat, storage: TaskStorage, random: [u8; 32]) -> Self {
        Self {
            network,
            seat: seat.index(),
            storage: RefCell::new(storage),
            random: RefCell::new(ChaCha20Rng::from_seed(random)),
            log: RefCell::default(),
        }
    }
}

/// Runs the algorithm when it is the party's turn, and returns what came of it and what the run's
/// storage holds from then on.
pub(super) fn execute(
    algorithm: &Algorithm,
    mut task: Task,
    cell: &Rc<Cell>,
) -> (Execution, BTreeMap<String, Vec<u8>>) {
    cell.network.begin(cell.seat);
    let returned = catch_unwind(AssertUnwindSafe(|| algorithm.run(&mut task)));
    drop(task);
    let mut bytes = Vec::new();
    let outcome = match returned {
        Ok(Ok(result)) => {
            let value = serde_json::from_slice(&result).unwrap_or_default();
            bytes = result;
            Ok(value)
        }
        Ok(Err(error)) => Err(Failure::Returned(error)),
        Err(panic) => Err(match panic.downcast::<Stopped>() {
            Ok(stopped) => Failure::Deadlock(stopped.0),
            Err(panic) => Failure::Panicked(panic_message(panic.as_ref())),
        }),
    };
    let ending = match outcome {
        Ok(_) => Ending::Finished,
        Err(_) => Ending::Failed,
    };
    let nothing = TaskStorage::new(&BTreeMap::new(), std::iter::empty());
    let stored = cell.storage.replace(nothing).close(outcome.is_ok());
    let log = cell.log.take();
    cell.network.end(cell.seat, ending);
    (Execution { outcome, bytes, log }, stored)
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "something that is not text".to_owned())
}

impl Windows for Cell {
    fn send_message(&self, receiver: u32, topic: &str, body: &[u8]) -> Result<(), NoSuchParty> {
        let receiver = Seat::new(receiver).index();
        self.network.send(self.seat, receiver, topic, body)
    }

    fn receive_message(
        &self,
        sender: Option<u32>,
        topic: Option<&str>,
        timeout_ms: Option<u64>,
    ) -> Result<RawMessage, ReceiveError> {
        let sender = sender.map(|sender| Seat::new(sender).index());
        self.network
            .receive(self.seat, sender, topic, timeout_ms)
            .unwrap_or_else(|stopped| resume_unwind(Box::new(stopped)))
    }

    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.storage.borrow().get(key)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), ReadOnly> {
        self.storage.borrow_mut().set(key, value)
    }

    fn delete(&self, key: &str) -> Result<bool, ReadOnly> {
        self.storage.borrow_mut().delete(key)
    }

    fn exists(&self, key: &str) -> bool {
        self.storage.borrow().exists(key)
    }

    fn list_keys(&self, prefix: &str, after: Option<&str>) -> Vec<String> {
        self.storage.borrow().list_keys(prefix, after)
    }

    fn take(&self, key: &str) -> Result<Option<Vec<u8>>, ReadOnly> {
        self.storage.borrow_mut().take(key)
    }

    fn random_seed(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.random.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }

    fn log(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}
