//! As hospitals have it: the server on another machine with a certificate of one's own, and the way
//! out through a proxy, which sees nothing but TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use anchorhold_server::{Config, Server, Store, TlsConfig};
use anchorhold_tests::NEIGHBOUR;
use anchorhold_tests::network::now;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const HOST: &str = "anchorhold.test";
const NAMES: [&str; 2] = ["north", "south"];

/// Where the commands run.
struct Place {
    folder: tempfile::TempDir,
    proxy: String,
}

impl Place {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let tests = std::env::current_exe().expect("this is a program");
        let path = tests.parent().and_then(Path::parent).expect("it is in a folder");
        let mut command = Command::new(path.join("anchorhold"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("HTTPS_PROXY", &self.proxy).env_remove("NO_PROXY").env_remove("no_proxy");
        command
    }

    /// Runs a command that is to succeed.
    async fn done(&self, arguments: &[&str]) -> String {
        let mut command = self.command(arguments);
        // The server that it asks is in this process.
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.expect("no panic").expect("it starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// A process that is killed at the end.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Leads whoever asks for the host to an address, and keeps what passes.
async fn proxy(to: std::net::SocketAddr, seen: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = seen.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let line = String::from_utf8_lossy(&head).lines().next().map(str::to_owned);
                seen.lock().expect("no panic").extend(line);
                let mut server = TcpStream::connect(to).await?;
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
                copy_bidirectional(&mut stream, &mut server).await
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_and_requesters_reach_a_server_with_tls_through_a_proxy() {
    let folder = tempfile::tempdir().expect("there is room");
    let made = rcgen::generate_simple_self_signed(vec![HOST.into()]).expect("it can be made");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("cert.pem"), made.cert.pem()).expect("there is room");
    fs::write(path("key.pem"), made.signing_key.serialize_pem()).expect("there is room");
    let origin = format!("https://{HOST}");
    let config = Config {
        origin: Some(origin.clone()),
        tls: Some(TlsConfig { certificate: path("cert.pem"), key: path("key.pem") }),
        ..Config::new("127.0.0.1:0".parse().expect("it is one"), path("server.db"))
    };
    let server = Server::start(config).await.expect("the port is free");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let proxy = proxy(server.address(), seen.clone()).await;
    tokio::spawn(server.serve(std::future::pending()));

    let store = Store::open(&path("server.db")).await.expect("the server made it");
    let admin = store.add_token("admin", None, now() + 1_000).await.expect("it is new");
    fs::write(path("token"), admin.reveal()).expect("there is room");
    fs::write(path("secret"), "a passphrase\n").expect("there is room");
    let place = Place { folder, proxy };
    let ca = ["--ca-file", "cert.pem"];
    let secret = ["--passphrase-file", "secret"];
    for name in NAMES {
        let new = ["org", "new", name, "--name", name, "--bits", "3072"];
        place.done(&[&new[..], &secret, &["--root-passphrase-file", "secret"]].concat()).await;
        let register = ["org", "register", name, "--server", &origin, "--token-file", "token"];
        place.done(&[&register[..], &ca].concat()).await;
    }
    let new = ["collaboration", "new", "both.toml", "--name", "both", "--server", &origin];
    let members = NAMES.map(|name| format!("{name}={name}/1/statement.pem"));
    let members = members.iter().flat_map(|member| ["--organization", member]);
    let algorithm = ["--algorithm", NEIGHBOUR];
    let line: Vec<_> = new.into_iter().chain(members).chain(algorithm).collect();
    place.done(&line).await;
    let mut nodes = Vec::new();
    for name in NAMES {
        let join = ["collaboration", "join", "both.toml", "--org", name];
        place.done(&[&join[..], &secret, &ca].concat()).await;
        let node = format!("{name}-node");
        fs::create_dir(place.path(&node)).expect("it is new");
        let text = format!(
            "organization = \"../{name}\"\ncollaboration = \"../both.toml\"\n\
             passphrase_file = \"../secret\"\nca_file = \"../cert.pem\"\nexecutions = 5\n\
             [[allow]]\nalgorithm = \"guest\"\nrequesters = [\"north\"]\n"
        );
        fs::write(place.path(&node).join("node.toml"), text).expect("there is room");
        place.done(&["node", "check", &node]).await;
        let mut command = place.command(&["node", "run", &node]);
        nodes.push(Running(command.stdout(Stdio::null()).spawn().expect("it starts")));
    }
    let submit = ["task", "submit", "--collaboration", "both.toml", "--org", "north"];
    let parties = ["--party", "north", "--party", "south", "--algorithm", NEIGHBOUR, "--wait"];
    let out = place.done(&[&submit[..], &parties, &secret, &ca].concat()).await;
    assert!(out.lines().any(|line| line == "1"), "{out}");
    // All of it came through the proxy: each call and both links.
    let seen = seen.lock().expect("no panic");
    assert!(seen.len() > 10, "{seen:?}");
    assert!(seen.iter().all(|line| *line == format!("CONNECT {HOST}:443 HTTP/1.1")), "{seen:?}");

    let mut untrusted = place.command(&["task", "list", "--collaboration", "both.toml"]);
    let output = untrusted.args(["--org", "north"]).args(secret).output().expect("it starts");
    assert_eq!(output.status.code(), Some(3), "nobody knows who signed the certificate");
}
