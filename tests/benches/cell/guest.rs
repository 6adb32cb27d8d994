//! The kernels' component, run as a node runs it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anchorhold_model::{Ending, Limits, Message, Party, RunId, Seat, Task, TaskId};
use anchorhold_node::storage::TaskStorage;
use anchorhold_sandbox::{
    Algorithm, Allocation, Cache, Courier, Engine, Execution, Inbox, Storage,
};
use anchorhold_storage::{Quota, StorageKey, Store};
use anchorhold_tests::windows::{Echo, InboxOnly, NoStorage};
use tempfile::TempDir;

use crate::table::timed;

/// Sets up an engine.
pub fn engine(cache: Option<Cache>) -> Engine {
    Engine::new(crate::config(cache)).expect("this machine runs WebAssembly")
}

/// The kernels' component.
pub struct Guest {
    engine: Engine,
    algorithm: Arc<Algorithm>,
    store: Option<(Store, TempDir)>,
}

impl Guest {
    /// Loads the component; its storage is empty and takes nothing.
    pub async fn load(path: &str) -> Self {
        let engine = engine(None);
        let component = std::fs::read(path).expect("it was built for the benchmark");
        let algorithm = engine.prepare(component).await.expect("it is an algorithm");
        Self { engine, algorithm, store: None }
    }

    /// Loads the component; its storage is a node's.
    pub async fn load_with_storage(path: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let key = StorageKey::from_bytes([1; 32]);
        let store = Store::open(folder.path(), &key).expect("the folder is new");
        Self { store: Some((store, folder)), ..Self::load(path).await }
    }

    /// Says where memory comes from.
    pub fn allocation(&self) -> Allocation {
        self.engine.allocation()
    }

    /// Runs a kernel and returns how long it took.
    pub async fn run(&self, argument: &str) -> Duration {
        let execution = self.execution(argument, Box::new(Echo::default()));
        let start = std::time::Instant::now();
        let report = self.algorithm.execute(execution, std::future::pending()).await;
        let time = start.elapsed();
        assert!(matches!(report.ending, Ending::Finished(_)), "{argument}: {}", report.ending);
        time
    }

    /// Commits one value of 1 KiB, `n` times.
    pub fn commits(&self, n: u64) -> Duration {
        let (store, _) = self.store.as_ref().expect("it was loaded with storage");
        let mut total = Duration::ZERO;
        for _ in 0..n {
            let mut transaction = run_of(store).begin();
            transaction.set("committed", &[7; 1024]).expect("there is room");
            total += timed(|| transaction.commit().expect("there is room"));
        }
        total
    }

    /// Starts executions that wait for a message, looks, and lets them finish.
    pub async fn wait<T>(&self, executions: u64, look: impl FnOnce() -> T) -> T {
        let inboxes: Vec<_> = (0..executions).map(|_| Inbox::new([Seat(1)], 1 << 20)).collect();
        let waiting: Vec<_> = inboxes
            .iter()
            .map(|inbox| {
                let courier = Box::new(InboxOnly(inbox.clone()));
                let execution = self.execution("wait 0", courier);
                let algorithm = self.algorithm.clone();
                tokio::spawn(
                    async move { algorithm.execute(execution, std::future::pending()).await },
                )
            })
            .collect();
        // On this one thread an execution gives way when it waits, and only a few are run before
        // this future is.
        for _ in 0..executions {
            tokio::task::yield_now().await;
        }
        assert!(inboxes.iter().all(|inbox| inbox.awaited().is_some()), "every execution waits");
        let seen = look();
        for inbox in inboxes {
            inbox.put(Message { sender: Seat(1), topic: String::new(), body: Vec::new() });
        }
        for execution in waiting {
            let report = execution.await.expect("no panic");
            assert!(matches!(report.ending, Ending::Finished(_)), "{}", report.ending);
        }
        seen
    }

    fn execution(&self, argument: &str, courier: Box<dyn Courier>) -> Execution {
        let party = Party { organization: "one".into(), role: "party".into() };
        let ids = (RunId::from_bytes([0; 32]), TaskId::from_bytes([0; 32]));
        let task = Task::new(ids, Seat(0), vec![party.clone(), party], argument.into(), Vec::new());
        let storage: Box<dyn Storage> = match &self.store {
            Some((store, _)) => Box::new(TaskStorage::new(run_of(store).begin(), Vec::new())),
            None => Box::new(NoStorage),
        };
        Execution {
            task: task.expect("it is small"),
            limits: Limits {
                sent_bytes: 1 << 40,
                storage_operations: 1 << 40,
                ..Limits::default()
            },
            random_key: [0; 32],
            created: SystemTime::UNIX_EPOCH,
            courier,
            storage,
            log: Box::new(|_| ()),
        }
    }
}

fn run_of(store: &Store) -> anchorhold_storage::Run {
    let quota = Quota { bytes: 256 << 20, keys: 10_000, value_bytes: 64 << 20 };
    store.run(RunId::from_bytes([0; 32]), quota).expect("it is open once")
}
