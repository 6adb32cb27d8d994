//! A server that runs, and its clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anchorhold_client::{Client, Origin, Token};
use anchorhold_identity::Fingerprint;
use anchorhold_server::{Config, Server, Store};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::http::Api;

pub const NOW: u64 = 1_800_000_000;
pub const VALID: (u64, u64) = (NOW - 10, NOW + 1_000_000);
/// For how long a token is taken, in seconds.
pub const TOKEN_TIME: u64 = 100_000;

/// A server that runs.
pub struct Running {
    pub folder: TempDir,
    pub origin: Origin,
    pub address: SocketAddr,
    now: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    pub async fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap(), NOW).await
    }

    pub async fn on(folder: TempDir, now: u64) -> Self {
        let database = folder.path().join("server.db");
        let config = Config::new("127.0.0.1:0".parse().unwrap(), database);
        Self::with(folder, config, now).await
    }

    pub async fn with(folder: TempDir, config: Config, now: u64) -> Self {
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let now = Arc::new(AtomicU64::new(now));
        let clock = now.clone();
        let server = Server::start_at(config, Arc::new(move || clock.load(Ordering::Relaxed)));
        let server = server.await.unwrap();
        let address = server.address();
        let origin = format!("{scheme}://{address}").parse().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(async {
            let _ = stopped.await;
        }));
        Self { folder, origin, address, now, stop, serving }
    }

    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn stop(self) -> TempDir {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.folder
    }

    /// Ends the server at once: what is not committed is gone.
    pub async fn crash(self) -> TempDir {
        self.serving.abort();
        assert!(self.serving.await.unwrap_err().is_cancelled());
        self.folder
    }

    pub async fn token(&self, organization: Option<&Fingerprint>) -> String {
        let store = Store::open(&self.folder.path().join("server.db")).await.unwrap();
        let token = store.add_token("somebody", organization, NOW + TOKEN_TIME).await.unwrap();
        token.reveal()
    }

    pub fn client(&self, token: Option<&str>) -> Client {
        let token = token.map(|token| Token::new(token).unwrap());
        Client::new(self.origin.clone(), token, None).unwrap()
    }

    pub async fn admin(&self) -> Client {
        self.client(Some(&self.token(None).await))
    }

    /// Returns calls without a type, in the name of a token.
    pub fn api(&self, token: Option<&str>) -> Api {
        Api::new(format!("http://{}", self.address), token)
    }

    /// Sends bytes and returns all that is answered.
    pub async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
