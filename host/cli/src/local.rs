//! Several parties in one process: the very component that runs at the organizations, without a
//! network. Each party has its own execution, storage and datasets; messages go straight to the
//! receiver's inbox.

mod courier;
mod stall;
mod trace;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anchorhold_model::{Ending, Limits, Party, RunId, Seat, Task, TaskError, TaskId};
use anchorhold_sandbox::{Algorithm, Awaited, Execution, Inbox, Log, LogEntry, Report, Storage};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinError;

pub use trace::{Sent, Trace};

use courier::LocalCourier;

const SEED_DOMAIN: &[u8] = b"anchorhold/1 local-seed\0";

/// Where the random numbers of a run come from.
#[derive(Clone, Copy)]
pub enum Seed {
    /// From this number: the same messages byte for byte each time, and in the SDK's lab.
    Fixed(u64),
    /// From these bytes, which are secret and never used again.
    Fresh([u8; 32]),
}

impl Seed {
    /// Draws a seed from the operating system.
    pub fn fresh() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system has random numbers");
        Self::Fresh(seed)
    }
}

/// One party of a local task.
pub struct LocalParty {
    /// The organization's name and the role that it plays.
    pub party: Party,
    /// The arguments: JSON text.
    pub arguments: Vec<u8>,
    /// The names of the datasets that it is granted.
    pub datasets: Vec<String>,
    /// Its storage for this task, the datasets included.
    pub storage: Box<dyn Storage>,
}

/// What happens while a task runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A party sent a message.
    Sent(Sent),
    /// A party logged something.
    Logged(Seat, LogEntry),
    /// A party's execution ended.
    Ended(Seat, Ending),
    /// All parties that have not ended wait for messages, which nobody is left to send.
    Stalled(Vec<(Seat, Awaited)>),
}

/// Is told what happens, on whichever thread it happens.
#[derive(Clone)]
pub struct Observer {
    tell: Arc<dyn Fn(Event) + Send + Sync>,
    hashes: bool,
}

impl Observer {
    /// Lets a function be told.
    pub fn new(tell: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), hashes: false }
    }

    /// Lets it be told the hash of each message too.
    #[must_use]
    pub fn with_hashes(self) -> Self {
        Self { hashes: true, ..self }
    }

    fn tell(&self, event: Event) {
        (self.tell)(event);
    }
}

/// Runs the `ordinal`-th task of a run among local parties, and returns how it went for each, in
/// the order of their seats.
///
/// # Errors
///
/// Where the parties do not make a task, or do not fill the algorithm's roles.
pub async fn run_task(
    algorithm: &Arc<Algorithm>,
    (seed, ordinal): (Seed, u32),
    parties: Vec<LocalParty>,
    limits: &Limits,
    observer: Observer,
) -> Result<Vec<Report>, TaskError> {
    let seats: Vec<Seat> = (0..).map(Seat).take(parties.len()).collect();
    let inboxes: Arc<Vec<Inbox>> = Arc::new(
        seats
            .iter()
            .map(|seat| {
                let peers = seats.iter().copied().filter(|peer| peer != seat);
                Inbox::new(peers, limits.inbox_bytes)
            })
            .collect(),
    );
    let ids = ids(seed, ordinal);
    let all: Vec<Party> = parties.iter().map(|local| local.party.clone()).collect();
    let created = match seed {
        Seed::Fixed(_) => SystemTime::UNIX_EPOCH + FIXED_CREATION,
        Seed::Fresh(_) => SystemTime::now(),
    };
    let trace = Trace::new(ordinal, observer.clone());
    let mut executions = Vec::new();
    for (seat, local) in seats.iter().copied().zip(parties) {
        let task = Task::new(ids, seat, all.clone(), local.arguments, local.datasets)?;
        task.check_roles(algorithm.description())?;
        executions.push(Execution {
            task,
            limits: limits.clone(),
            random_key: random_key(seed, ordinal, seat),
            created,
            courier: Box::new(LocalCourier::new(seat, inboxes.clone(), trace.clone())),
            storage: local.storage,
            log: log(seat, observer.clone()),
        });
    }
    let tasks: Vec<_> = executions
        .into_iter()
        .map(|execution| {
            let (algorithm, inboxes, observer) =
                (algorithm.clone(), inboxes.clone(), observer.clone());
            tokio::spawn(async move {
                let seat = execution.task.seat();
                let report = algorithm.execute(execution, std::future::pending()).await;
                // First told here: what others do about it comes after it.
                observer.tell(Event::Ended(seat, report.ending.clone()));
                for inbox in inboxes.iter() {
                    inbox.end(seat, report.ending.for_peers());
                }
                report
            })
        })
        .collect();
    let handles: Vec<_> = tasks.iter().map(|task| task.abort_handle()).collect();
    let reports = async {
        let mut reports = Vec::new();
        for task in tasks {
            let report = task.await;
            let panic = |error: JoinError| std::panic::resume_unwind(error.into_panic());
            reports.push(report.unwrap_or_else(panic));
        }
        reports
    };
    tokio::select! {
        reports = reports => Ok(reports),
        never = stall::watch(&inboxes, &handles, &observer) => match never {},
    }
}

/// When a task with a fixed seed was created, after 1970: guests shall see the same each time.
const FIXED_CREATION: Duration = Duration::from_secs(1_577_836_800);

/// Passes a party's log on.
fn log(seat: Seat, observer: Observer) -> Log {
    Box::new(move |entry| observer.tell(Event::Logged(seat, entry)))
}

/// Returns the ids of a run and its task: hashes, as if of manifests.
fn ids(seed: Seed, ordinal: u32) -> (RunId, TaskId) {
    let run = random_key(seed, u32::MAX, Seat(0));
    let task = random_key(seed, ordinal, Seat(u32::MAX));
    (RunId::from_bytes(run), TaskId::from_bytes(task))
}

/// Returns the key of a party's random numbers; the SDK's lab derives the same from a seed.
fn random_key(seed: Seed, ordinal: u32, seat: Seat) -> [u8; 32] {
    let hash = Sha256::new().chain_update(SEED_DOMAIN);
    let hash = match seed {
        Seed::Fixed(seed) => hash.chain_update(seed.to_le_bytes()),
        Seed::Fresh(seed) => hash.chain_update(seed),
    };
    hash.chain_update(ordinal.to_le_bytes()).chain_update(seat.0.to_le_bytes()).finalize().into()
}
