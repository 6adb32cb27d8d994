//! A node: what it needs to run, and how it runs and stops.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anchorhold_client::{
    Client, ClientError, CollaborationFile, CollaborationFileError, LinkError,
};
use anchorhold_identity::{FolderError, OrganizationFolder, Passphrase};
use anchorhold_model::ExecutionState;
use anchorhold_sandbox::{Cache, CacheError, CacheKey, Engine, EngineConfig, EngineError};
use anchorhold_storage::{OpenError, Store, StoreError};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::Clock;
use crate::checks::Checks;
use crate::components::Components;
use crate::config::Config;
use crate::dispatch::{Dispatch, RESTARTED};
use crate::journal::{self, Journal};
use crate::ledger::Ledger;
use crate::lines::LinesError;
use crate::link;
use crate::outbox::Outbox;
use crate::outgoing::Post;
use crate::policy::{Policy, PolicyError};
use crate::runs::Runs;
use crate::shared::{Shared, Tasks};
use crate::storage_key::{self, StorageKeyError};
use crate::told::Stopped;

/// How long executions have to tell that the node stops.
const STOP_TIME: Duration = Duration::from_secs(5);

/// A node, ready to run.
pub struct Node {
    shared: Arc<Shared>,
    client: Client,
    signed_in: watch::Sender<Option<Client>>,
}

/// Why a node does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The collaboration file.
    #[error(transparent)]
    Collaboration(#[from] CollaborationFileError),
    /// The organization's key.
    #[error(transparent)]
    Organization(#[from] FolderError),
    /// The organization is none of the collaboration's.
    #[error("{name} with the fingerprint {fingerprint} is no member of the collaboration")]
    NotAMember {
        /// What the organization calls itself.
        name: String,
        /// Its fingerprint.
        fingerprint: anchorhold_identity::Fingerprint,
    },
    /// The operator's rules.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A folder cannot be made.
    #[error("the folder {path} cannot be made")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Journal or ledger.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The storage key.
    #[error(transparent)]
    StorageKey(#[from] StorageKeyError),
    /// Another node runs on the state folder.
    #[error("another node runs on {0}")]
    InUse(PathBuf),
    /// The storage.
    #[error("the storage cannot be opened")]
    Storage(#[from] OpenError),
    /// The storage of a closed run.
    #[error("the storage of a closed run cannot be destroyed")]
    Close(#[source] StoreError),
    /// The cache of compiled components.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The runtime.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Calls cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Another node took over.
    #[error(transparent)]
    Link(LinkError),
}

/// Returns where the ledger of a node is.
pub fn ledger_file(config: &Config) -> PathBuf {
    config.state.join("ledger.jsonl")
}

impl Node {
    /// Opens everything that a node needs. Only one node is in a state folder at a time.
    ///
    /// # Errors
    ///
    /// What is missing or wrong.
    pub fn open(config: &Config, passphrase: &Passphrase) -> Result<Self, NodeError> {
        Self::open_at(config, passphrase, system_clock())
    }

    /// The same with another clock.
    ///
    /// # Errors
    ///
    /// As [`Node::open`].
    pub fn open_at(
        config: &Config,
        passphrase: &Passphrase,
        clock: Clock,
    ) -> Result<Self, NodeError> {
        let file = CollaborationFile::read(&config.collaboration)?;
        let organization = OrganizationFolder::new(&config.organization);
        let own = organization.current()?;
        let fingerprint = own.organization();
        if file.member_name(&fingerprint).is_none() {
            return Err(NodeError::NotAMember { name: own.value().name.clone(), fingerprint });
        }
        let policy = Policy::new(config, &file)?;
        let key = organization.key(&own, passphrase)?;
        let folder = |name: &str| make(&config.state.join(name));
        let (storage, spool) = (folder("storage")?, folder("spool")?);
        let storage_key = config.state.join("storage.key");
        let storage_key = storage_key::open(&storage_key, &organization, (&own, &key), passphrase)?;
        // It holds the lock on the state folder: before journal and ledger are touched.
        let store = Store::open(&storage, &storage_key).map_err(|error| match error {
            OpenError::InUse(_) => NodeError::InUse(config.state.clone()),
            other => NodeError::Storage(other),
        })?;
        let cache_key = CacheKey::open(&config.state.join("cache.key"))?;
        let cache = Some(Cache::open(&config.state.join("compiled"), cache_key)?);
        let engine = Engine::new(EngineConfig { executions: config.executions, cache })?;
        let journal = Journal::open(&config.state.join(journal::FILE), clock())?;
        let outbox = Outbox::default();
        for accepted in journal.interrupted() {
            let task = accepted.task;
            tracing::warn!(%task, "the node was killed while this task ran: it has failed");
            journal.end(task, ExecutionState::Failed, clock())?;
            outbox.state(task, ExecutionState::Failed, RESTARTED);
        }
        for run in journal.closed() {
            // The node may have ended before it was destroyed.
            store.close_run(run).map_err(NodeError::Close)?;
        }
        let client = Client::new(file.server().clone(), None, config.ca_file.as_deref())?;
        let (signed_in, current) = watch::channel(None);
        let components = Components { folder: folder("components")?, engine, client: current };
        let post = Post {
            key: Arc::new(key),
            ledger: Arc::new(Ledger::open(&ledger_file(config))?),
            outbox,
            spool: Arc::new(spool),
            clock,
        };
        let (runs, tasks, checks) = (Runs::default(), Tasks::default(), Checks::default());
        let running = watch::Sender::new(0);
        let shared = Shared {
            file,
            own,
            policy,
            post,
            journal,
            components,
            store,
            runs,
            checks,
            tasks,
            running,
        };
        Ok(Self { shared: Arc::new(shared), client, signed_in })
    }

    /// Runs until `stop` completes: then the executions are ended, and their peers and requesters
    /// told.
    ///
    /// Not cancel-safe: dropping the future ends executions without telling anybody.
    ///
    /// # Errors
    ///
    /// Where another node of the organization took over.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), NodeError> {
        let Self { shared, client, signed_in } = self;
        let mut dispatch = Dispatch::new(shared.clone());
        let leave = async {
            stop.await;
            shared.tasks.stop_all(&Stopped::NodeStops);
            let _ = timeout(STOP_TIME, shared.told_everything()).await;
        };
        tokio::select! {
            error = link::keep(&shared, &client, &signed_in, &mut dispatch) => {
                Err(NodeError::Link(error))
            }
            () = leave => Ok(()),
        }
    }
}

fn make(path: &Path) -> Result<PathBuf, NodeError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| NodeError::Folder { path: path.to_owned(), source })?;
    Ok(path.to_owned())
}

fn system_clock() -> Clock {
    Arc::new(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.unwrap_or_default().as_secs()
    })
}
