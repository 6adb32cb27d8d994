//! A server and nodes in this process, each with folders and keys of its own, over real sockets.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use anchorhold_client::requester::Requester;
use anchorhold_client::{Client, CollaborationFile, Origin, Token};
use anchorhold_identity::{
    Fingerprint, OrganizationFolder, OrganizationKey, Passphrase, RootKey, Statement,
};
use anchorhold_model::{Digest, RunId};
use anchorhold_node::{Config, Node, NodeError, Rule};
use anchorhold_server::{Config as ServerConfig, Server, Store};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::requested::Requested;

/// An organization of the tests: made once for all of a process.
pub struct Organization {
    /// Its name.
    pub name: String,
    /// Its root key.
    pub root: RootKey,
    /// Its key statement.
    pub statement: Statement,
    /// Its private keys.
    pub key: OrganizationKey,
}

/// Ten organizations; more than any test needs.
pub static ORGANIZATIONS: LazyLock<Vec<Organization>> = LazyLock::new(|| {
    let names = ["north", "middle", "south", "east", "west", "a", "b", "c", "d", "e"];
    let threads = names.map(|name| {
        std::thread::spawn(move || {
            let (root, key) = (RootKey::generate(), OrganizationKey::generate(3072));
            let statement = root.state(name, 1, &key, (0, 1 << 40));
            Organization { name: name.into(), root, statement, key }
        })
    });
    threads.into_iter().map(|thread| thread.join().expect("a key can be made")).collect()
});

impl Organization {
    /// Returns its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.statement.organization()
    }

    /// Returns it as a requester.
    pub fn requester(&self) -> Requester<'_> {
        Requester { statement: &self.statement, key: &self.key }
    }
}

/// A server, a collaboration and a node for each of its members.
pub struct Network {
    folder: TempDir,
    members: usize,
    server: Option<Running>,
    /// Where nodes and requesters reach the server.
    origin: Origin,
    file: CollaborationFile,
    nodes: Vec<Option<Running>>,
}

/// Something that runs until it is told to stop.
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }

    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// How a network is set up.
pub struct Setup {
    /// How many organizations there are.
    pub members: usize,
    /// Where nodes reach the server, where that is not where it listens.
    pub origin: Option<Origin>,
    /// Where the server listens.
    pub listen: std::net::SocketAddr,
    /// After how many seconds a node without a link is lost.
    pub lost_after: u64,
}

impl Setup {
    /// The usual way: on any free port.
    pub fn new(members: usize) -> Self {
        let listen = "127.0.0.1:0".parse().expect("it is an address");
        Self { members, origin: None, listen, lost_after: 60 }
    }
}

impl Network {
    /// Starts a server and a node for each of so many organizations, each of which allows all to
    /// everybody.
    pub async fn new(members: usize) -> Self {
        Self::set_up(Setup::new(members), |_, config| config).await
    }

    /// Starts a server and nodes; `configure` may change the configuration of the node with an
    /// index.
    pub async fn set_up(setup: Setup, configure: impl Fn(usize, Config) -> Config) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let database = folder.path().join("server.db");
        let (server, origin) = serve(&setup, database).await;
        let organizations = &ORGANIZATIONS[..setup.members];
        let named = organizations.iter().map(|one| (one.name.clone(), one.fingerprint()));
        let file = CollaborationFile::new("tests", origin.clone(), named.collect(), Vec::new());
        let file = file.expect("the names are good");
        fs::write(folder.path().join("collaboration.toml"), file.to_toml()).expect("there is room");
        let nodes = Vec::new();
        let server = Some(server);
        let members = setup.members;
        let mut network = Self { folder, members, server, origin, file, nodes };
        network.register().await;
        for index in 0..members {
            network.make_folder(index, &configure);
            let node = network.run_node(index);
            network.nodes.push(Some(node));
        }
        network
    }

    /// Makes the organizations known to the server, and lets them join.
    async fn register(&self) {
        let store = Store::open(&self.database()).await.expect("the server made it");
        let admin = store.add_token("admin", None, 1 << 40).await.expect("it is new");
        let token = Token::new(&admin.reveal());
        let admin = Client::new(self.origin.clone(), token, None).expect("calls can be made");
        for one in self.organizations() {
            admin.add_organization(&one.statement).await.expect("it is new");
        }
        for index in 0..self.members {
            let client = self.client(index).await;
            client.join(self.file.collaboration()).await.expect("it is a member");
        }
    }

    fn make_folder(&self, index: usize, configure: impl Fn(usize, Config) -> Config) {
        let one = &ORGANIZATIONS[index];
        let folder = self.node_folder(index);
        fs::create_dir_all(&folder).expect("there is room");
        let organization = OrganizationFolder::new(folder.join("org"));
        let created = organization.create((&one.statement, &one.key), &passphrase());
        created.expect("there is room");
        fs::write(folder.join("patients.csv"), patients(index)).expect("there is room");
        let text = "organization = \"org\"\ncollaboration = \"../collaboration.toml\"\n\
                    executions = 60\n[[dataset]]\nname = \"patients\"\nfile = \"patients.csv\"\n";
        fs::write(folder.join("node.toml"), text).expect("there is room");
        let config = Config::read(&folder.join("node.toml")).expect("it is one");
        let config = configure(index, config);
        let text = toml::to_string(&config).expect("it can be written");
        fs::write(folder.join("node.toml"), text).expect("there is room");
    }

    fn run_node(&self, index: usize) -> Running {
        let mut config =
            Config::read(&self.node_folder(index).join("node.toml")).expect("it is one");
        // Whatever a test runs is allowed to everybody, where the test does not say otherwise.
        if config.rules.is_empty() {
            let requesters: Vec<_> = self.organizations().map(|one| one.name.clone()).collect();
            let allow = |path| rule(path, "patients", &["age", "name"]);
            config.rules = ALLOWED
                .map(|path| Rule {
                    requesters: requesters.clone(),
                    error_text: true,
                    ..allow(path)
                })
                .into();
        }
        let node = loop {
            match Node::open(&config, &passphrase()) {
                // The one that was killed is not all gone.
                Err(NodeError::InUse(_)) => std::thread::yield_now(),
                node => break node.expect("it can run"),
            }
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopped = async {
                // Where the test ends, nobody says so.
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            if let Err(error) = node.run(stopped).await {
                panic!("the node ended: {error}");
            }
        });
        Running { stop, task }
    }

    /// Returns the organizations.
    pub fn organizations(&self) -> impl Iterator<Item = &'static Organization> {
        ORGANIZATIONS[..self.members].iter()
    }

    /// Returns where nodes and requesters reach the server.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the collaboration file.
    pub fn file(&self) -> &CollaborationFile {
        &self.file
    }

    /// Returns the server's database.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("server.db")
    }

    /// Returns the folder of the server and of all nodes.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Returns a node's folder.
    pub fn node_folder(&self, index: usize) -> PathBuf {
        self.folder.path().join(&ORGANIZATIONS[index].name)
    }

    /// Signs in as an organization.
    pub async fn client(&self, index: usize) -> Client {
        let one = &ORGANIZATIONS[index];
        let client = Client::new(self.origin.clone(), None, None).expect("calls can be made");
        client.sign_in(&one.fingerprint(), &one.key).await.expect("it is registered")
    }

    /// Stops a node as an operator does.
    pub async fn stop_node(&mut self, index: usize) {
        self.nodes[index].take().expect("it runs").stop().await;
    }

    /// Ends a node without a word.
    pub async fn kill_node(&mut self, index: usize) {
        self.nodes[index].take().expect("it runs").kill().await;
    }

    /// Starts a node again.
    pub fn start_node(&mut self, index: usize) {
        let node = self.run_node(index);
        self.nodes[index] = Some(node);
    }

    /// Ends the server without a word and starts it again at the same address.
    pub async fn restart_server(&mut self) {
        self.server.take().expect("it runs").kill().await;
        let listen = self.origin.to_string().replace("http://", "").parse();
        let setup = Setup { listen: listen.expect("it is an address"), ..Setup::new(self.members) };
        let (server, origin) = serve(&setup, self.database()).await;
        assert_eq!(origin, self.origin);
        self.server = Some(server);
    }

    /// Begins a run of the first organization with one algorithm.
    pub async fn run(&self, path: &str) -> Requested {
        self.run_as(Arc::new(self.client(0).await), path).await
    }

    /// Begins a run of the first organization with several algorithms; its next task is of the first.
    pub async fn run_of(&self, paths: &[&str]) -> Requested {
        self.run_with(Arc::new(self.client(0).await), paths).await
    }

    /// Begins a run with a client of the first organization that is signed in.
    pub async fn run_as(&self, client: Arc<Client>, path: &str) -> Requested {
        self.run_with(client, &[path]).await
    }

    async fn run_with(&self, client: Arc<Client>, paths: &[&str]) -> Requested {
        let mut digests = Vec::new();
        for path in paths {
            let bytes = fs::read(path).expect("the component was built with the tests");
            digests.push(Digest::of(&bytes));
            client.add_algorithm("guest@0.1.0", bytes).await.expect("it is a component");
        }
        let now = now();
        let collaboration = self.file.collaboration().id();
        let requester = ORGANIZATIONS[0].requester();
        let run = requester.sign_run(&collaboration, digests.clone(), (now, now + 86_400));
        client.add_run(&run).await.expect("it is new");
        let run = RunId::from_bytes(run.hash());
        Requested::new(client, run, digests[0], &ORGANIZATIONS[..self.members])
    }
}

/// The components that nodes of the tests allow.
const ALLOWED: [&str; 12] = [
    crate::SECURE_SUM,
    crate::SECURE_MEDIAN,
    crate::ANCHORHOLD_BENCH_PROTOCOLS,
    crate::SHAMIR_SUM,
    crate::NEIGHBOUR,
    crate::BULK,
    crate::MARKED,
    crate::PING,
    crate::WAITS,
    crate::ENDLESS_LOOP,
    crate::WILD_POINTER,
    crate::WHAT_IS_LEFT,
];

/// Returns a rule that allows the first organization a component on some columns of a dataset, and that
/// limits nothing.
pub fn rule(path: &str, dataset: &str, columns: &[&str]) -> Rule {
    let component = fs::read(path).expect("the component was built with the tests");
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    Rule {
        algorithm: Digest::of(&component).to_string(),
        requesters: vec![ORGANIZATIONS[0].name.clone()],
        datasets: [(dataset.to_owned(), columns)].into(),
        minimum_rows: 0,
        minimum_parties: 0,
        arguments: None,
        maximum_tasks: None,
        privacy: None,
        error_text: false,
    }
}

/// The ages at a member: what sums are of.
pub fn ages(index: usize) -> Vec<i64> {
    let first = i64::try_from(index).expect("there are ten") * 7;
    (0..20).map(|row| 40 + (first + row * 3) % 50).collect()
}

fn patients(index: usize) -> String {
    let rows = ages(index).into_iter().enumerate();
    let rows: String = rows.map(|(row, age)| format!("{age},name-{index}-{row}\n")).collect();
    format!("age,name\n{rows}")
}

/// Returns the passphrase of all keys of the tests.
pub fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").expect("it is one")
}

/// Returns what time it is, in seconds after 1970.
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.expect("it is after 1970").as_secs()
}

async fn serve(setup: &Setup, database: PathBuf) -> (Running, Origin) {
    let origin = setup.origin.as_ref().map(Origin::to_string);
    let (listen, lost_after) = (setup.listen, setup.lost_after);
    let config = ServerConfig { listen, origin, database, lost_after, tls: None };
    let server = Server::start(config).await.expect("the port is free");
    let reached = format!("http://{}", server.address());
    let origin = setup.origin.clone();
    let origin = origin.unwrap_or_else(|| reached.parse().expect("it is one"));
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(server.serve(async {
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
    }));
    (Running { stop, task }, origin)
}
