//! What the tests of the whole share: the components, and parties to run them.

pub mod delay;
pub mod network;
pub mod requested;
pub mod tamper;
pub mod windows;

use std::sync::{Arc, Mutex, OnceLock};

use anchorhold::local::{Event, LocalParty, Observer, Seed, run_task};
use anchorhold_model::{Ending, Limit, Limits, Party, RunId};
use anchorhold_node::storage::TaskStorage;
use anchorhold_sandbox::{Algorithm, Engine, EngineConfig, PrepareError};
use anchorhold_storage::{Quota, Run, StorageKey, Store};

include!(concat!(env!("OUT_DIR"), "/guests.rs"));

/// Returns the engine that all tests of a process share.
pub fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let new = || Engine::new(EngineConfig::default()).expect("this machine runs WebAssembly");
    ENGINE.get_or_init(new).clone()
}

/// Prepares a component.
///
/// # Errors
///
/// Where the engine refuses it.
pub async fn prepare(path: &str) -> Result<Arc<Algorithm>, PrepareError> {
    let bytes = std::fs::read(path).expect("the component was built with the tests");
    engine().prepare(bytes).await
}

/// Parties of one run in this process: each with a storage of its own, on disk.
pub struct Parties {
    folder: tempfile::TempDir,
    stores: Vec<Store>,
    arguments: String,
    tasks: u32,
}

impl Parties {
    /// Sets up parties that play the role `party`.
    pub fn new(number: usize) -> Self {
        Self::with_arguments(number, "{}")
    }

    /// Sets up parties that are all given these arguments.
    pub fn with_arguments(number: usize, arguments: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let store = |seat: usize| {
            let path = folder.path().join(seat.to_string());
            Store::open(&path, &StorageKey::from_bytes([1; 32])).expect("the folder is new")
        };
        let arguments = arguments.to_owned();
        Self { stores: (0..number).map(store).collect(), folder, arguments, tasks: 0 }
    }

    /// Returns the folder that holds all storage.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs the next task of the run and returns how it ended for each party, in the order of
    /// their seats, and what happened meanwhile.
    pub async fn run(&mut self, algorithm: &Arc<Algorithm>, limits: &Limits) -> Outcome {
        let events = Arc::new(Mutex::new(Vec::new()));
        let observed = events.clone();
        let observer = Observer::new(move |event| observed.lock().expect("no panic").push(event));
        let arguments = self.arguments.as_bytes();
        let locals =
            (0..).zip(&self.stores).map(|(seat, store)| local(seat, store, arguments, limits));
        let task = (Seed::Fixed(7), self.tasks);
        self.tasks += 1;
        let ran = run_task(algorithm, task, locals.collect(), limits, observer).await;
        let reports = ran.expect("the parties fit the guests");
        let endings = reports.into_iter().map(|report| report.ending).collect();
        let events = std::mem::take(&mut *events.lock().expect("no panic"));
        Outcome { endings, events }
    }
}

/// How a task went.
pub struct Outcome {
    /// How it ended for each party, in the order of their seats.
    pub endings: Vec<Ending>,
    /// What happened meanwhile.
    pub events: Vec<Event>,
}

impl Outcome {
    /// Whether all parties to [`WAITS`] waited until the deadline. Of two that wait for one another,
    /// the second may hear of the first one's end before its own deadline passes.
    #[must_use]
    pub fn waited_until_the_deadline(&self) -> bool {
        let late = Ending::LimitReached(Limit::Deadline);
        let left = Ending::Error("ReceiveError::PeerEnded(Ending::Failed)".into());
        self.endings.contains(&late)
            && self.endings.iter().all(|ending| *ending == late || *ending == left)
    }
}

fn local(seat: u32, store: &Store, arguments: &[u8], limits: &Limits) -> LocalParty {
    let party = Party { organization: format!("party-{seat}"), role: "party".into() };
    let (arguments, datasets) = (arguments.to_vec(), Vec::new());
    let storage = Box::new(TaskStorage::new(run_of(store, limits).begin(), Vec::new()));
    LocalParty { party, arguments, datasets, storage }
}

/// Opens the run that all tasks of [`Parties`] belong to.
fn run_of(store: &Store, limits: &Limits) -> Run {
    store.run(RunId::from_bytes([2; 32]), Quota::from(limits)).expect("it is open once")
}
