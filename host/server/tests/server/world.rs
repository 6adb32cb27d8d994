//! Three organizations that are members of one collaboration, and what they sign.

use std::sync::LazyLock;

use anchorhold_identity::{Fingerprint, OrganizationKey, RootKey, Signed, Statement};
use anchorhold_model::layout::{Encoder, RunEnd, RunManifest, SignIn, TaskManifest, TaskParty};
use anchorhold_model::{Collaboration, CollaborationId, Digest, Limits, Member, RunId, TaskId};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Api;
use crate::running::{NOW, Running, VALID};

/// Keys for the tests of a process: making one takes a second.
pub static KEYS: LazyLock<[OrganizationKey; 3]> = LazyLock::new(|| {
    std::thread::scope(|scope| {
        let keys = [(); 3].map(|()| scope.spawn(|| OrganizationKey::generate(3072)));
        keys.map(|key| key.join().unwrap())
    })
});

pub const NAMES: [&str; 3] = ["north", "middle", "south"];
pub const NORTH: usize = 0;
pub const MIDDLE: usize = 1;
pub const SOUTH: usize = 2;

/// An organization.
pub struct Organization {
    pub root: RootKey,
    pub statement: Statement,
    /// The token of a person.
    pub token: String,
}

/// A server with three organizations.
pub struct World {
    pub running: Running,
    pub organizations: Vec<Organization>,
    pub collaboration: Collaboration,
    pub component: Vec<u8>,
}

pub fn component() -> Vec<u8> {
    let text = r#"(component
        (core module (func (export "f")))
        (core instance (instantiate 0))
        (alias core export 0 "f" (core func))
        (func (canon lift (core func 0)))
        (export "describe" (func 0))
        (export "run" (func 0)))"#;
    wat::parse_str(text).unwrap()
}

impl World {
    /// Registers the organizations, of which none has joined.
    pub async fn registered(running: Running) -> Self {
        let admin = running.admin().await;
        let mut organizations = Vec::new();
        for (name, key) in NAMES.iter().zip(KEYS.iter()) {
            let root = RootKey::generate();
            let statement = root.state(name, 1, key, VALID);
            admin.add_organization(&statement).await.unwrap();
            let token = running.token(Some(&root.fingerprint())).await;
            organizations.push(Organization { root, statement, token });
        }
        let member = |(name, organization): (&&str, &Organization)| Member {
            name: (*name).to_owned(),
            organization: *organization.root.fingerprint().as_bytes(),
        };
        let members = NAMES.iter().zip(&organizations).map(member).collect();
        let collaboration = Collaboration::new("lung".into(), members, Vec::new()).unwrap();
        Self { running, organizations, collaboration, component: component() }
    }

    /// Registers them, joins all and uploads a component.
    pub async fn start() -> Self {
        Self::on(Running::start().await).await
    }

    pub async fn on(running: Running) -> Self {
        let world = Self::registered(running).await;
        for index in [NORTH, MIDDLE, SOUTH] {
            let api = world.api(index);
            api.post("/v1/collaborations", world.collaboration.encode()).await.json();
        }
        let path = format!("/v1/algorithms/{}?name=nothing@0.1.0", world.digest());
        world.api(NORTH).put(&path, world.component.clone()).await.json();
        world
    }

    /// Starts the server again; `crash` loses what is not committed.
    pub async fn again(self, crash: bool) -> Self {
        let now = self.running.now();
        let folder: TempDir =
            if crash { self.running.crash().await } else { self.running.stop().await };
        Self { running: Running::on(folder, now).await, ..self }
    }

    pub fn digest(&self) -> Digest {
        Digest::of(&self.component)
    }

    pub fn id(&self) -> CollaborationId {
        self.collaboration.id()
    }

    pub fn fingerprint(&self, index: usize) -> Fingerprint {
        self.organizations[index].root.fingerprint()
    }

    /// Returns the calls of a person of an organization.
    pub fn api(&self, index: usize) -> Api {
        self.running.api(Some(&self.organizations[index].token))
    }

    /// Signs a node in, and returns its token.
    pub async fn sign_in(&self, index: usize) -> String {
        let api = self.running.api(None);
        let challenge = api.post("/v1/sign-in/challenge", "").await.json();
        let nonce: Digest = challenge["nonce"].as_str().unwrap().parse().unwrap();
        let organization = self.fingerprint(index);
        let signed = KEYS[index].sign(SignIn {
            origin: self.running.origin.to_string(),
            server_nonce: *nonce.as_bytes(),
            node_nonce: [7; 32],
            organization: *organization.as_bytes(),
        });
        let signed: String = signed.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        let body = json!({ "organization": organization, "signed": signed }).to_string();
        let answer = api.call_json("/v1/sign-in", body).await.json();
        answer["token"].as_str().unwrap().to_owned()
    }

    pub fn run_manifest(&self) -> RunManifest {
        let organization = &self.organizations[NORTH];
        RunManifest {
            collaboration: *self.id().as_bytes(),
            requester: *organization.root.fingerprint().as_bytes(),
            statement: organization.statement.hash(),
            digests: vec![self.digest()],
            created: NOW,
            expires: NOW + 10_000,
            nonce: [9; 32],
        }
    }

    pub fn task_manifest(&self, run: RunId, ordinal: u32, parties: &[usize]) -> TaskManifest {
        let party = |index: &usize| TaskParty {
            organization: *self.fingerprint(*index).as_bytes(),
            statement: self.organizations[*index].statement.hash(),
            role: "party".into(),
            datasets: Vec::new(),
            arguments: [1; 32],
        };
        TaskManifest {
            run,
            ordinal,
            digest: self.digest(),
            requester: self.organizations[NORTH].statement.hash(),
            parties: parties.iter().map(party).collect(),
            limits: Limits::default(),
            created: NOW,
            deadline: NOW + 5_000,
        }
    }

    /// Adds a run of the first organization.
    pub async fn run(&self) -> RunId {
        let signed = KEYS[NORTH].sign(self.run_manifest());
        self.api(NORTH).post("/v1/runs", signed.encode()).await.json();
        RunId::from_bytes(signed.hash())
    }

    /// Adds a task whose arguments are missing.
    pub async fn prepare(&self, manifest: TaskManifest) -> TaskId {
        let signed: Signed<TaskManifest> = KEYS[NORTH].sign(manifest);
        let added = self.api(NORTH).post("/v1/tasks", signed.encode()).await.json();
        assert_eq!(added["state"], "preparing");
        TaskId::from_bytes(signed.hash())
    }

    /// Adds a task with arguments for all parties: it is offered.
    pub async fn task(&self, manifest: TaskManifest) -> TaskId {
        let parties = manifest.parties.len();
        let task = self.prepare(manifest).await;
        for seat in 0..parties {
            let path = arguments(&task, seat);
            let put = self.api(NORTH).put(&path, sealed(b"grant", b"envelope")).await;
            assert_eq!(put.status, 204);
        }
        assert_eq!(self.state(&task).await, "running");
        task
    }

    /// Starts with a run, and a task of it that is offered to these parties.
    pub async fn with_task(parties: &[usize]) -> (Self, RunId, TaskId) {
        let world = Self::start().await;
        let run = world.run().await;
        let task = world.task(world.task_manifest(run, 0, parties)).await;
        (world, run, task)
    }

    pub async fn show(&self, task: &TaskId) -> Value {
        self.api(NORTH).get(&format!("/v1/tasks/{task}")).await.json()
    }

    pub async fn state(&self, task: &TaskId) -> String {
        self.show(task).await["state"].as_str().unwrap().to_owned()
    }

    /// Asks until a task is as it should be.
    pub async fn until(&self, task: &TaskId, wanted: impl Fn(&Value) -> bool) -> Value {
        self.ask_until(&format!("/v1/tasks/{task}"), wanted).await
    }

    /// Asks until a node's link is up, or down. The members are sorted by their names.
    pub async fn until_linked(&self, member: usize, linked: bool) {
        let path = format!("/v1/collaborations/{}", self.id());
        self.ask_until(&path, |shown| shown["members"][member]["node"] == linked).await;
    }

    async fn ask_until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let api = self.api(NORTH);
        for _ in 0..1_000 {
            let shown = api.get(path).await.json();
            if wanted(&shown) {
                return shown;
            }
            // A caller is not to ask too often.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{}", api.get(path).await.json())
    }

    pub async fn close(&self, run: RunId, tasks: u32) -> crate::http::Answer {
        let signed = KEYS[NORTH].sign(RunEnd { run, tasks });
        self.api(NORTH).post(&format!("/v1/runs/{run}/close"), signed.encode()).await
    }
}

pub fn arguments(task: &TaskId, seat: usize) -> String {
    format!("/v1/tasks/{task}/arguments/{seat}")
}

/// Returns a grant and an envelope as they are put and fetched.
pub fn sealed(grant: &[u8], envelope: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::default();
    encoder.bytes(grant).bytes(envelope);
    encoder.finish()
}
