//! Listens and serves, with a limit on every wait.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower_http::timeout::TimeoutLayer;

use crate::api::{Shared, router};
use crate::config::{Config, ConfigError};
use crate::sessions::Sessions;
use crate::store::{Store, StoreError};
use crate::{Clock, system_clock};

/// How long a request's header may take to arrive, and a connection may be idle.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a request may take in all.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// The largest body of a request: a statement has some 2 KB.
const BODY_BYTES: usize = 64 << 10;
/// How many connections are open at once; more wait.
const CONNECTIONS: usize = 4_096;
/// How long open requests have to finish when the server stops.
const STOP_TIME: Duration = Duration::from_secs(5);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
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
        let listen = |source| ServerError::Listen { address: config.listen, source };
        // Before the database is touched: another server may be running on it.
        let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let store = Store::open(&config.database).await?;
        let origin = config.origin.unwrap_or_else(|| format!("http://{address}"));
        let shared = Shared { store, sessions: Sessions::default(), clock, origin };
        let router = router(Arc::new(shared))
            .layer(DefaultBodyLimit::max(BODY_BYTES))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME));
        Ok(Self { listener, address, router })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` completes, and then lets open requests finish for a few seconds.
    ///
    /// Not cancel-safe: dropping the future drops open requests.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let place = places.clone().acquire_owned().await.expect("it is never closed");
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, self.router.clone(), place));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    // Out of files, mostly: others close some.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
        drop(self.listener);
        let finish = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(STOP_TIME, finish).await;
    }
}

async fn connection(stream: TcpStream, router: Router, _place: OwnedSemaphorePermit) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}
