//! The server from the outside: through the typed client, and byte by byte.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use anchorhold_client::{Client, ClientError, Origin, Token};
use anchorhold_identity::{Fingerprint, OrganizationKey, RootKey, Statement};
use anchorhold_server::{Config, Server, ServerError, Store};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const NOW: u64 = 1_800_000_000;
const VALID: (u64, u64) = (NOW - 10, NOW + 1_000_000);

/// A key for the tests of a process: making one takes a second.
fn key() -> &'static OrganizationKey {
    static KEY: OnceLock<OrganizationKey> = OnceLock::new();
    KEY.get_or_init(|| OrganizationKey::generate(3072))
}

/// A server that runs, and its clock.
struct Running {
    folder: TempDir,
    origin: Origin,
    address: std::net::SocketAddr,
    now: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    async fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap()).await
    }

    async fn on(folder: TempDir) -> Self {
        let database = folder.path().join("server.db");
        let listen = "127.0.0.1:0".parse().unwrap();
        let now = Arc::new(AtomicU64::new(NOW));
        let clock = now.clone();
        let server = Server::start_at(
            Config { listen, origin: None, database },
            Arc::new(move || clock.load(Ordering::Relaxed)),
        );
        let server = server.await.unwrap();
        let address = server.address();
        let origin = format!("http://{address}").parse().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(async {
            let _ = stopped.await;
        }));
        Self { folder, origin, address, now, stop, serving }
    }

    async fn stop(self) -> TempDir {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.folder
    }

    async fn token(&self, organization: Option<&Fingerprint>) -> Token {
        let store = Store::open(&self.folder.path().join("server.db")).await.unwrap();
        let token = store.add_token("somebody", organization, NOW + 100).await.unwrap();
        Token::new(&token.reveal()).unwrap()
    }

    fn client(&self, token: Option<Token>) -> Client {
        Client::new(self.origin.clone(), token).unwrap()
    }

    async fn admin(&self) -> Client {
        self.client(Some(self.token(None).await))
    }

    /// Sends bytes and returns all that is answered.
    async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

fn north() -> (RootKey, Statement) {
    let root = RootKey::generate();
    let statement = root.state("North", 1, key(), VALID);
    (root, statement)
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer.unwrap_err() {
        ClientError::Refused { status, kind, .. } => (status, kind),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_organization_is_added_once_and_survives_a_restart() {
    let running = Running::start().await;
    let (root, statement) = north();
    let admin = running.admin().await;
    let added = admin.add_organization(&statement).await.unwrap();
    assert_eq!(added.fingerprint, root.fingerprint());
    assert_eq!(admin.add_organization(&statement).await.unwrap(), added);

    let running = Running::on(running.stop().await).await;
    let admin = running.admin().await;
    assert_eq!(admin.organizations().await.unwrap(), [added]);
    assert_eq!(admin.statement(&root.fingerprint()).await.unwrap(), statement);
}

#[tokio::test]
async fn the_highest_number_counts_and_two_with_one_number_are_an_alarm() {
    let running = Running::start().await;
    let (root, statement) = north();
    let admin = running.admin().await;
    admin.add_organization(&statement).await.unwrap();
    let third = root.state("North", 3, key(), VALID);
    let second = root.state("North", 2, key(), VALID);
    admin.add_statement(&third).await.unwrap();
    admin.add_statement(&second).await.unwrap();
    assert_eq!(admin.statement(&root.fingerprint()).await.unwrap(), third);
    let other = root.state("Other", 2, key(), VALID);
    let answer = refusal(admin.add_statement(&other).await);
    assert_eq!(answer, (409, "other-statement".into()));
}

#[tokio::test]
async fn a_node_signs_in_with_the_current_key() {
    let running = Running::start().await;
    let (root, statement) = north();
    let organization = root.fingerprint();
    running.admin().await.add_organization(&statement).await.unwrap();
    let stranger = running.client(None);
    let node = stranger.sign_in(&organization, key()).await.unwrap();
    let who = node.who().await.unwrap();
    assert_eq!((who.kind.as_str(), who.organization), ("node", Some(organization)));

    let other = RootKey::generate().fingerprint();
    let refused = (401, "not-signed-in".to_owned());
    assert_eq!(refusal(stranger.sign_in(&other, key()).await), refused);
    let other_key = OrganizationKey::generate(3072);
    assert_eq!(refusal(stranger.sign_in(&organization, &other_key).await), refused);

    running.now.store(NOW + 3_601, Ordering::Relaxed);
    assert_eq!(refusal(node.who().await), refused);
    running.now.store(VALID.1 + 1, Ordering::Relaxed);
    assert_eq!(refusal(stranger.sign_in(&organization, key()).await), refused);
}

#[tokio::test]
async fn what_was_signed_for_another_server_or_before_is_refused() {
    let running = Running::start().await;
    let (root, statement) = north();
    running.admin().await.add_organization(&statement).await.unwrap();
    // The same server under a name that it does not have.
    let elsewhere = format!("http://localhost:{}", running.address.port()).parse().unwrap();
    let client = Client::new(elsewhere, None).unwrap();
    let answer = refusal(client.sign_in(&root.fingerprint(), key()).await);
    assert_eq!(answer, (401, "not-signed-in".into()));

    let sign_in = anchorhold_model::layout::SignIn {
        origin: running.origin.to_string(),
        server_nonce: [1; 32],
        node_nonce: [2; 32],
        organization: *root.fingerprint().as_bytes(),
    };
    let signed = key().sign(sign_in).encode();
    let signed: String = signed.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = format!(r#"{{"organization":"{}","signed":"{signed}"}}"#, root.fingerprint());
    let answer = running.raw(&post("/v1/sign-in", &body)).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn each_may_do_what_the_table_says() {
    let running = Running::start().await;
    let (root, statement) = north();
    let (other_root, other) = north();
    let admin = running.admin().await;
    admin.add_organization(&statement).await.unwrap();
    admin.add_organization(&other).await.unwrap();
    let person = running.client(Some(running.token(Some(&root.fingerprint())).await));
    let who = person.who().await.unwrap();
    assert_eq!((who.kind.as_str(), who.name.as_deref()), ("person", Some("somebody")));

    let next = root.state("North", 2, key(), VALID);
    let others = other_root.state("North", 2, key(), VALID);
    person.add_statement(&next).await.unwrap();
    let not_allowed = (403, "not-allowed".to_owned());
    assert_eq!(refusal(person.add_statement(&others).await), not_allowed);
    assert_eq!(refusal(person.add_organization(&north().1).await), not_allowed);

    let not_signed_in = (401, "not-signed-in".to_owned());
    assert_eq!(refusal(running.client(None).organizations().await), not_signed_in);
    let unknown = running.client(Token::new(&"0".repeat(64)));
    assert_eq!(refusal(unknown.organizations().await), not_signed_in);
    running.now.store(NOW + 101, Ordering::Relaxed);
    assert_eq!(refusal(person.organizations().await), not_signed_in);
}

#[tokio::test]
async fn statements_that_are_wrong_are_refused_with_the_reason() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let (root, _) = north();
    let late = root.state("North", 1, key(), (NOW + 1, NOW + 2));
    let huge = root.state("North", u64::MAX, key(), VALID);
    for statement in [late, huge] {
        let answer = refusal(admin.add_organization(&statement).await);
        assert_eq!(answer, (400, "statement".into()));
    }
    let unknown = root.state("North", 1, key(), VALID);
    let answer = refusal(admin.add_statement(&unknown).await);
    assert_eq!(answer, (404, "not-found".into()));
    let answer = refusal(admin.statement(&root.fingerprint()).await);
    assert_eq!(answer, (404, "not-found".into()));
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn malformed_requests_get_a_kind_and_a_sentence() {
    let running = Running::start().await;
    let huge = format!(r#"{{"organization":"{}"}}"#, "0".repeat(100_000));
    for (request, status) in [
        (post("/v1/sign-in", "{"), 400),
        (post("/v1/sign-in", "{}"), 422),
        (post("/v1/sign-in", r#"{"organization":"x","signed":"y"}"#), 422),
        (post("/v1/sign-in", &huge), 413),
        (post("/v1/nothing", "{}"), 404),
        (post("/v1/me", "{}"), 400),
        (post("/v1/organizations", "{}"), 401),
        ("GET /v1/organizations/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".into(), 401),
    ] {
        let answer = running.raw(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(r#"{"error":{"kind":""#), "{answer}");
    }
    let healthy = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(running.raw(healthy).await.ends_with(r#""version":"0.1.0"}"#));
}

#[tokio::test]
async fn what_keeps_it_from_listening_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start().await;
    let config = |listen: String, database| Config {
        listen: listen.parse().unwrap(),
        origin: None,
        database,
    };
    let database = folder.path().join("server.db");
    let open = Server::start(config("0.0.0.0:0".into(), database.clone())).await.unwrap_err();
    assert!(matches!(open, ServerError::Config(_)), "{open}");
    let used = Server::start(config(running.address.to_string(), database)).await.unwrap_err();
    assert!(used.to_string().starts_with("the server cannot listen on 127.0.0.1:"), "{used}");
    let text = folder.path().join("text");
    std::fs::write(&text, "this is no database, but a text that is long enough\n".repeat(50))
        .unwrap();
    let no_database = Server::start(config("127.0.0.1:0".into(), text)).await.unwrap_err();
    assert!(matches!(no_database, ServerError::Store(_)), "{no_database}");
}

#[test]
fn the_sample_configuration_is_read_and_a_wrong_key_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:8080\"\n").unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.database, folder.path().join("server.db"));
    for (text, problem) in [
        ("listen = \"127.0.0.1:8080\"\nlisten_on = 1\n", "unknown field `listen_on`"),
        ("listen = \"here\"\n", "invalid socket address syntax"),
        ("", "missing field `listen`"),
        ("listen = \"0.0.0.0:8080\"\n", "without TLS"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
