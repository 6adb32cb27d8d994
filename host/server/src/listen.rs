//! Listens and serves, with a limit on every wait.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::api::{Connection, Shared, UPLOADS, router};
use crate::config::{Config, ConfigError};
use crate::mailbox::Mailbox;
use crate::rate::Rates;
use crate::sessions::Sessions;
use crate::store::{Store, StoreError};
use crate::{Clock, system_clock, tls};

/// How long a TLS handshake may take, and a request's header, and how long a connection may be
/// idle.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How many connections are open at once, links among them; more wait.
const CONNECTIONS: u32 = 4_096;
/// How long open requests and links have to finish when the server stops, and then what they
/// brought to be committed.
const STOP_TIME: Duration = Duration::from_secs(5);

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    mailbox: Arc<Mailbox>,
    stop: watch::Sender<bool>,
}

/// Why a server does not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address.
    #[error("the server cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Server {
    /// Opens the store and listens; requests wait until [`Server::serve`].
    ///
    /// # Errors
    ///
    /// Where the configuration is not taken, the database cannot be opened, or the address is in
    /// use.
    pub async fn start(config: Config) -> Result<Self, ServerError> {
        Self::start_at(config, system_clock()).await
    }

    /// The same with another clock.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    pub async fn start_at(config: Config, clock: Clock) -> Result<Self, ServerError> {
        let config = config.checked()?;
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let listen = |source| ServerError::Listen { address: config.listen, source };
        // Before the database is touched: another server may be running on it.
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let store = Store::open(&config.database).await?;
        let mailbox = Mailbox::open(store.clone(), clock.clone(), config.lost_after).await?;
        let mailbox = Arc::new(mailbox);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (stop, stopped) = watch::channel(false);
        let shared = Shared {
            store,
            sessions: Sessions::default(),
            rates: Rates::default(),
            mailbox: mailbox.clone(),
            clock,
            origin: config.origin.unwrap_or_else(|| format!("{scheme}://{address}")),
            uploads: Semaphore::new(UPLOADS),
            stop: stopped,
        };
        Ok(Self { listener, address, tls, router: router(Arc::new(shared)), mailbox, stop })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes, then lets open requests finish for a few seconds, ends the
    /// links, and commits what came.
    ///
    /// Not cancel-safe: dropping the future drops open requests and what is not committed.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let (done, commits) = watch::channel(false);
        let mut background = JoinSet::new();
        let (mailbox, stopped) = (self.mailbox.clone(), self.stop.subscribe());
        background.spawn(async move { mailbox.sweep_until(is_true(stopped)).await });
        let mailbox = self.mailbox.clone();
        background.spawn(async move { mailbox.commit_until(is_true(commits)).await });

        let places = Arc::new(Semaphore::new(usize::try_from(CONNECTIONS).unwrap_or(usize::MAX)));
        let mut connections = JoinSet::new();
        self.accept(&places, &mut connections, stop).await;
        drop(self.listener);
        self.stop.send_replace(true);
        // Connections that became links are tasks of their own, and each has its place still.
        let _ = timeout(STOP_TIME, places.acquire_many(CONNECTIONS)).await;
        connections.shutdown().await;
        done.send_replace(true);
        let committed = async { while background.join_next().await.is_some() {} };
        let _ = timeout(STOP_TIME, committed).await;
        let _ = timeout(STOP_TIME, self.mailbox.close_store()).await;
    }

    async fn accept(
        &self,
        places: &Arc<Semaphore>,
        connections: &mut JoinSet<()>,
        stop: impl Future<Output = ()>,
    ) {
        tokio::pin!(stop);
        loop {
            let place = tokio::select! {
                () = &mut stop => return,
                place = places.clone().acquire_owned() => place.expect("it is never closed"),
            };
            let accepted = tokio::select! {
                () = &mut stop => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let place = Connection { peer: peer.ip(), _place: Arc::new(place) };
                    let (tls, router) = (self.tls.clone(), self.router.clone());
                    let stopped = is_true(self.stop.subscribe());
                    connections.spawn(connection(stream, tls, router, place, stopped));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    // Out of files, mostly: others close some.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Waits until a value is true, or nobody can make it so.
async fn is_true(mut value: watch::Receiver<bool>) {
    let _ = value.wait_for(|value| *value).await;
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    place: Connection,
    stopped: impl Future<Output = ()>,
) {
    // Small messages are not held back for more to come.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve_connection(stream, router, place, stopped).await,
        Some(tls) => match timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_connection(stream, router, place, stopped).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        },
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    router: Router,
    place: Connection,
    stopped: impl Future<Output = ()>,
) {
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(place.clone());
        service.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(served, stopped);
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = stopped => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
