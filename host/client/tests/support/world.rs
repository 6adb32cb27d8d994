//! A server that runs over TLS, two organizations, and nodes that do what nodes do on a link.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anchorhold_client::requester::{PartyRequest, Requester, SignedTask, TaskRequest, commitment};
use anchorhold_client::{Client, Link, LinkReceiver, LinkSender, Origin, Token};
use anchorhold_identity::{Fingerprint, OrganizationKey, RootKey, Signed, Statement};
use anchorhold_model::layout::{ClosingEnding, Content, Outcome, REQUESTER, TaskManifest};
use anchorhold_model::link::{Frame, Offer, ParcelKind, Stream, ToNode, ToServer};
use anchorhold_model::{
    Collaboration, Digest, ExecutionState, Limits, Member, RunId, Seat, TaskId,
};
use anchorhold_seal::{Channel, Pair, Place};
use anchorhold_server::{Config, Server, Store, TlsConfig};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub const NOW: u64 = 1_800_000_000;
/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const NORTH: usize = 0;
pub const SOUTH: usize = 1;

/// An organization of the tests: making its key takes a second.
pub struct Organization {
    key: OrganizationKey,
    pub statement: Statement,
}

pub fn organizations() -> &'static [Organization; 2] {
    static ORGANIZATIONS: OnceLock<[Organization; 2]> = OnceLock::new();
    ORGANIZATIONS.get_or_init(|| {
        ["north", "south"].map(|name| {
            let key = OrganizationKey::generate(3072);
            let valid = (NOW - 10, NOW + 100_000);
            Organization { statement: RootKey::generate().state(name, 1, &key, valid), key }
        })
    })
}

/// A server that runs, and its members.
pub struct World {
    folder: TempDir,
    origin: Origin,
    pub ca_file: PathBuf,
    pub collaboration: Collaboration,
    _stop: oneshot::Sender<()>,
    _serving: JoinHandle<()>,
}

impl World {
    /// Starts a server that knows nobody.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
        let (ca_file, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        std::fs::write(&ca_file, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            tls: Some(TlsConfig { certificate: ca_file.clone(), key }),
            ..Config::new(listen, folder.path().join("server.db"))
        };
        let server = Server::start_at(config, Arc::new(|| NOW)).await.unwrap();
        let origin = format!("https://{}", server.address()).parse().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(async {
            let _ = stopped.await;
        }));
        let members = organizations().iter().map(|organization| Member {
            name: organization.statement.value().name.clone(),
            organization: *organization.statement.organization().as_bytes(),
        });
        let collaboration =
            Collaboration::new("lung".into(), members.collect(), vec![digest()]).unwrap();
        Self { folder, origin, ca_file, collaboration, _stop: stop, _serving: serving }
    }

    /// Starts a server at which all is ready for a task.
    pub async fn ready() -> Self {
        let world = Self::empty().await;
        let admin = world.client(Some(&world.token(None).await), Some(&world.ca_file));
        for organization in organizations() {
            admin.add_organization(&organization.statement).await.unwrap();
        }
        admin.add_algorithm("nothing@0.1.0", component()).await.unwrap();
        for index in [NORTH, SOUTH] {
            world.member(index).await.join(&world.collaboration).await.unwrap();
        }
        world
    }

    pub fn client(&self, token: Option<&str>, ca_file: Option<&Path>) -> Client {
        let token = token.map(|token| Token::new(token).unwrap());
        Client::new(self.origin.clone(), token, ca_file).unwrap()
    }

    pub async fn token(&self, organization: Option<&Fingerprint>) -> String {
        let store = Store::open(&self.folder.path().join("server.db")).await.unwrap();
        store.add_token("somebody", organization, NOW + 100).await.unwrap().reveal()
    }

    /// Signs an organization in.
    pub async fn member(&self, index: usize) -> Client {
        let organization = &organizations()[index];
        let fingerprint = organization.statement.organization();
        let stranger = self.client(None, Some(&self.ca_file));
        stranger.sign_in(&fingerprint, &organization.key).await.unwrap()
    }

    /// Links a node that has nothing.
    pub async fn link(&self, index: usize) -> (LinkSender, LinkReceiver) {
        let client = self.member(index).await;
        let (mut sender, mut receiver) =
            Link::connect(&client, &self.collaboration.id()).await.unwrap();
        sender.send(&ToServer::Resume(Vec::new())).await.unwrap();
        assert_eq!(next(&mut receiver).await, ToNode::Welcome(Vec::new()));
        (sender, receiver)
    }

    /// Signs and adds a run of north.
    pub async fn run(&self, client: &Client) -> RunId {
        let run = north().sign_run(&self.collaboration.id(), vec![digest()], (NOW, NOW + 1_000));
        client.add_run(&run).await.unwrap().id
    }
}

pub fn north() -> Requester<'static> {
    let Organization { statement, key } = &organizations()[NORTH];
    Requester { statement, key }
}

/// Signs a task of both organizations.
pub fn task(run: RunId, ordinal: u32) -> SignedTask {
    let party = |organization: &Organization| PartyRequest {
        statement: organization.statement.clone(),
        role: "contributor".into(),
        datasets: Vec::new(),
        arguments: b"{}".to_vec(),
    };
    north().sign_task(&TaskRequest {
        run,
        ordinal,
        digest: digest(),
        parties: organizations().iter().map(party).collect(),
        limits: Limits::default(),
        created: NOW,
        deadline: NOW + 1_000,
    })
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

pub fn digest() -> Digest {
    Digest::of(&component())
}

pub async fn next(receiver: &mut LinkReceiver) -> ToNode {
    timeout(PATIENCE, receiver.next()).await.unwrap().unwrap()
}

/// Does what the node at a seat does, from its link to the end: takes the task on, opens its
/// arguments, and seals a result.
pub async fn take_part(world: &World, seat: u32, result: &[u8]) -> (LinkSender, LinkReceiver) {
    let (mut sender, mut receiver) = world.link(usize::try_from(seat).unwrap()).await;
    let organization = &organizations()[usize::try_from(seat).unwrap()];
    let ToNode::Offer(Offer { task, task_manifest, .. }) = next(&mut receiver).await else {
        panic!("there is an offer")
    };
    let requester = organizations()[NORTH].statement.signing();
    let manifest = Signed::<TaskManifest>::verify(&task_manifest, requester).unwrap();
    assert_eq!(TaskId::from_bytes(manifest.hash()), task);

    let own = Place { seat: Seat(seat), statement: &organization.statement };
    let asks = Place { seat: REQUESTER, statement: &organizations()[NORTH].statement };
    let [grant, envelope] = [next(&mut receiver).await, next(&mut receiver).await];
    let (ToNode::Frame(grant), ToNode::Frame(envelope)) = (grant, envelope) else {
        panic!("there are arguments")
    };
    assert_eq!((grant.kind, envelope.kind), (ParcelKind::Grant, ParcelKind::Arguments));
    let pair = Pair { task, sender: asks, receiver: own };
    let channel = Channel::accept(&pair, &grant.bytes, &organization.key).unwrap();
    let mut body = Vec::new();
    channel.open((Content::Arguments, 0), &*envelope.bytes, &mut body).unwrap();
    let (key, arguments) = body.split_first_chunk().unwrap();
    let party = &manifest.value().parties[usize::try_from(seat).unwrap()];
    assert_eq!((arguments, party.arguments), (&b"{}"[..], commitment(key, arguments)));
    sender.send(&ToServer::Received(grant.stream, 2)).await.unwrap();
    sender.send(&ToServer::State(task, ExecutionState::Running, String::new())).await.unwrap();

    let pair = Pair { task, sender: own, receiver: asks };
    let (channel, grant) = Channel::grant(&pair, &organization.key);
    let outcome = Outcome {
        ending: ClosingEnding::Finished,
        kind: "finished".into(),
        text: String::new(),
        result: result.to_vec(),
    };
    let mut envelope = Vec::new();
    let body = std::io::Cursor::new(outcome.encode());
    channel.seal((Content::Result, 0), "", body, &mut envelope).unwrap();
    let stream = Stream { task, sender: Seat(seat), receiver: REQUESTER };
    for (number, kind, bytes) in [(0, ParcelKind::Grant, grant), (1, ParcelKind::Result, envelope)]
    {
        let frame = Frame { stream, number, kind, sequence: 0, index: 0, count: 1, bytes };
        sender.send(&ToServer::Frame(frame)).await.unwrap();
    }
    loop {
        match next(&mut receiver).await {
            ToNode::Stored(of, 2) if of == stream => break,
            ToNode::Stored(..) | ToNode::Ended(..) => {}
            other => panic!("{other:?}"),
        }
    }
    sender.send(&ToServer::State(task, ExecutionState::Finished, String::new())).await.unwrap();
    (sender, receiver)
}
