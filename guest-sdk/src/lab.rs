//! A lab in which n parties run an algorithm in memory, for tests.
//!
//! The parties run the very functions that become the component. Each is a thread, but only one
//! runs at a time, until it waits for a message that is not there: so everything, the order of
//! arrival too, is the same each time for the same seed.
//!
//! Time is virtual. It stands still while any party can go on, and then jumps to the next event: a
//! timeout, the arrival of a delayed message, or the moment when a party that never came is given
//! up as lost ([`GIVEN_UP_AFTER`]). If nothing can happen any more, the lab says who waits for whom.
//!
//! A message can be dropped, delayed or changed; [`Deviation`] lists what can become of any.
//!
//! The lab has no limits of its own, and it does not compare arguments with their schema or roles
//! with their counts: a host does.
//!
//! ```
//! use anchorhold_sdk::lab::Lab;
//! use anchorhold_sdk::{Algorithm, Description, Result, Security, Task};
//!
//! fn describe() -> Description {
//!     let security = Security::semi_honest("None.", "Everything: this is a greeting.");
//!     Description::new("greeting", "1.0.0", "Says hello to the next party.", security)
//! }
//!
//! fn run(task: &mut Task, name: String) -> Result<String> {
//!     task.send(task.next(), "hello", &name)?;
//!     task.receive(task.previous(), "hello")
//! }
//!
//! let report = Lab::new(Algorithm::new(describe, run))
//!     .parties(3)
//!     .arguments_of(0, "Ada")
//!     .arguments_of(1, "Emmy")
//!     .arguments_of(2, "Grace")
//!     .run();
//! assert_eq!(report.result(1), "Ada");
//! assert_eq!(report.traffic().messages, 3);
//! ```

mod cell;
mod deviation;
mod fault;
mod network;
mod report;
mod rows;
mod state;
mod storage;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use deviation::Deviation;
pub use network::GIVEN_UP_AFTER;
pub use report::{Failure, Report, Sent, Traffic};
pub use rows::{Rows, RowsError};

use crate::file::PIECE_BYTES;
use crate::{Algorithm, Party, Seat, Task};
use cell::Cell;
use fault::{Fault, Kind};
use network::Network;
use state::State;

/// Parties, their data, and a run of tasks. See the [module](self).
///
/// Everything that is set stays as it is for later tasks, but faults and absences, which concern
/// the next task only.
#[derive(Debug)]
pub struct Lab {
    algorithm: Algorithm,
    parties: Vec<LabParty>,
    seed: u64,
    tasks: u32,
    faults: Vec<Fault>,
    absent: Vec<usize>,
}

#[derive(Debug)]
struct LabParty {
    organization: String,
    role: String,
    arguments: Vec<u8>,
    /// The names and, under `data/`, the keys of the datasets granted.
    datasets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// What the run's storage holds between tasks.
    stored: BTreeMap<String, Vec<u8>>,
}

impl Lab {
    /// Prepares a run that begins with this algorithm, without parties, of seed 0.
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            parties: Vec::new(),
            seed: 0,
            tasks: 0,
            faults: Vec::new(),
            absent: Vec::new(),
        }
    }

    /// Adds this many parties, `party-0`, `party-1`, ..., in the algorithm's first role, with the
    /// arguments `{}`.
    pub fn parties(&mut self, parties: usize) -> &mut Self {
        let roles = self.algorithm.describe().roles;
        let role = roles.first().map_or("party", |role| &role.name);
        for _ in 0..parties {
            let organization = format!("party-{}", self.parties.len());
            self.party(&organization, role);
        }
        self
    }

    /// Adds a party at the next seat, with the arguments `{}`.
    pub fn party(&mut self, organization: &str, role: &str) -> &mut Self {
        self.parties.push(LabParty {
            organization: organization.to_owned(),
            role: role.to_owned(),
            arguments: b"{}".to_vec(),
            datasets: BTreeMap::new(),
            stored: BTreeMap::new(),
        });
        self
    }

    /// Sets the arguments of all parties that were added so far.
    pub fn arguments<T: Serialize>(&mut self, arguments: T) -> &mut Self {
        for seat in 0..self.parties.len() {
            self.arguments_of(seat, &arguments);
        }
        self
    }

    /// Sets the arguments of one party.
    ///
    /// # Panics
    /// If there is no such seat, or the arguments have no JSON text.
    pub fn arguments_of<T: Serialize>(&mut self, seat: usize, arguments: T) -> &mut Self {
        let text = serde_json::to_vec(&arguments).expect("arguments are a value of JSON");
        self.argument_bytes(seat, &text)
    }

    /// Sets the arguments of one party to bytes that need not be JSON.
    ///
    /// # Panics
    /// If there is no such seat.
    pub fn argument_bytes(&mut self, seat: usize, arguments: &[u8]) -> &mut Self {
        self.parties[seat].arguments = arguments.to_vec();
        self
    }

    /// Grants a dataset to one party; one of the same name is replaced.
    ///
    /// # Panics
    /// If there is no such seat.
    pub fn dataset(&mut self, seat: usize, name: &str, rows: &Rows) -> &mut Self {
        self.parties[seat].datasets.insert(name.to_owned(), rows.to_keys(name));
        self
    }

    /// Grants a dataset that is a file to one party; one of the same name is replaced.
    ///
    /// # Panics
    /// If there is no such seat.
    pub fn file(&mut self, seat: usize, name: &str, bytes: &[u8]) -> &mut Self {
        let pieces = bytes.chunks(PIECE_BYTES).chain(bytes.is_empty().then_some(bytes));
        let key = |number| format!("data/{name}/file/{number:08}");
        let keys = (0..).map(key).zip(pieces.map(<[u8]>::to_vec)).collect();
        self.parties[seat].datasets.insert(name.to_owned(), keys);
        self
    }

    /// Changes what lies under a key of a dataset, as no host does.
    #[cfg(test)]
    pub(crate) fn change_dataset(
        &mut self,
        name: &str,
        key: &str,
        change: impl FnOnce(&mut Vec<u8>),
    ) -> &mut Self {
        let dataset = self.parties[0].datasets.entry(name.to_owned()).or_default();
        change(dataset.entry(key.to_owned()).or_default());
        self
    }

    /// Sets the seed from which all random numbers of the run follow.
    pub fn seed(&mut self, seed: u64) -> &mut Self {
        self.seed = seed;
        self
    }

    /// Sets the algorithm of the tasks to come.
    pub fn algorithm(&mut self, algorithm: Algorithm) -> &mut Self {
        self.algorithm = algorithm;
        self
    }

    /// Lets a party never come to the next task; its peers are told that it is lost.
    pub fn absent(&mut self, seat: usize) -> &mut Self {
        self.absent.push(seat);
        self
    }

    /// Loses the `index`-th message (from 0) that `from` sends to `to` in the next task. As nothing
    /// is delivered past a gap, `to` gets nothing more from `from` and is told that it is lost.
    pub fn drop_message(&mut self, from: usize, to: usize, index: usize) -> &mut Self {
        self.fault(from, to, index, Kind::Drop)
    }

    /// Delays the `index`-th message (from 0) that `from` sends to `to` in the next task, and what
    /// follows it, by some virtual time: it comes when no party can go on without it, after all
    /// timeouts that are shorter.
    pub fn delay_message(
        &mut self,
        from: usize,
        to: usize,
        index: usize,
        delay: Duration,
    ) -> &mut Self {
        self.fault(from, to, index, Kind::Delay(delay))
    }

    /// Changes the body of the `index`-th message (from 0) that `from` sends to `to` in the next
    /// task, as a party could that does not follow the protocol.
    pub fn corrupt_message(
        &mut self,
        from: usize,
        to: usize,
        index: usize,
        change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static,
    ) -> &mut Self {
        self.fault(from, to, index, Kind::Corrupt(Arc::new(change)))
    }

    /// Lets a party deviate from the protocol in the `index`-th message (from 0) that `from` sends to `to`
    /// in the next task.
    pub fn deviate(
        &mut self,
        from: usize,
        to: usize,
        index: usize,
        deviation: Deviation,
    ) -> &mut Self {
        match deviation {
            Deviation::Lost => self.drop_message(from, to, index),
            _ => self.corrupt_message(from, to, index, move |body| deviation.change(body)),
        }
    }

    fn fault(&mut self, from: usize, to: usize, index: usize, kind: Kind) -> &mut Self {
        self.faults.push(Fault::new(from, to, index, kind));
        self
    }

    /// Returns what the run's storage at a party holds between tasks.
    ///
    /// # Panics
    /// If there is no such seat.
    pub fn stored(&self, seat: usize) -> &BTreeMap<String, Vec<u8>> {
        &self.parties[seat].stored
    }

    /// Runs the next task of the run.
    ///
    /// # Panics
    /// If a fault concerns a message that was never sent: the test does not test what it says.
    pub fn run(&mut self) -> Report {
        let ordinal = self.tasks;
        self.tasks += 1;
        let absent = std::mem::take(&mut self.absent);
        let faults = std::mem::take(&mut self.faults);
        let network =
            Arc::new(Network::new(State::new(ordinal, self.parties.len(), &absent, faults)));
        let parties: Vec<Party> = (0..)
            .zip(&self.parties)
            .map(|(seat, party)| Party {
                seat: Seat::new(seat),
                organization: party.organization.clone(),
                role: party.role.clone(),
            })
            .collect();

        let (algorithm, seed) = (&self.algorithm, self.seed);
        let executions: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = parties
                .iter()
                .zip(&mut self.parties)
                .filter(|(party, _)| !absent.contains(&party.seat.index()))
                .map(|(own, party)| {
                    let (network, parties) = (Arc::clone(&network), parties.clone());
                    let random = local_seed(seed, ordinal, own.seat);
                    scope.spawn(move || {
                        let data = party.datasets.values().flatten();
                        let storage = storage::TaskStorage::new(&party.stored, data);
                        let cell = Rc::new(Cell::new(network, own.seat, storage, random));
                        let task = Task {
                            run_id: hex(&local_seed(seed, u32::MAX, Seat::FIRST)),
                            task_id: hex(&local_seed(seed, ordinal, Seat::new(u32::MAX))),
                            seat: own.seat,
                            parties,
                            arguments: party.arguments.clone(),
                            datasets: party.datasets.keys().cloned().collect(),
                            windows: cell.clone(),
                            rng: None,
                        };
                        let (execution, stored) = cell::execute(algorithm, task, &cell);
                        party.stored = stored;
                        (own.seat, execution)
                    })
                })
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined
                .map(|execution| execution.expect("a party's panic is caught in its thread"))
                .collect()
        });
        network.close(executions)
    }
}

/// Returns the first bytes of the host's generator in a local run: the same in the lab and wherever
/// a component is run with the same seed.
fn local_seed(seed: u64, ordinal: u32, seat: Seat) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"anchorhold/1 local-seed\0")
        .chain_update(seed.to_le_bytes())
        .chain_update(ordinal.to_le_bytes())
        .chain_update(seat.number().to_le_bytes())
        .finalize()
        .into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
