//! A server that cannot be trusted: it passes everything on to an honest one, but for what a test
//! changes on the way to the nodes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anchorhold_client::Origin;
use anchorhold_identity::Fingerprint;
use anchorhold_model::limits;
use anchorhold_model::link::ToNode;
use anchorhold_node::Config;
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};

use crate::network::{Network, Setup};

/// What becomes of a message to the node of an organization.
pub type Change = Arc<dyn Fn(&Fingerprint, ToNode) -> Vec<ToNode> + Send + Sync>;

/// A server that changes what it passes on.
pub struct Tamper {
    origin: Origin,
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    target: Option<SocketAddr>,
    change: Option<Change>,
    /// Whose token each is.
    tokens: HashMap<String, Fingerprint>,
    /// The signed sign-ins that were seen.
    sign_ins: Vec<Vec<u8>>,
    /// Everything that passed, where that is wanted.
    seen: Option<Vec<u8>>,
}

impl Tamper {
    /// Listens. Before there is a target, nothing is answered.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        // Another part of the process may have chosen before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("calls can be made");
        let shared = Arc::new(Shared { http, inner: Mutex::default() });
        let router = Router::new()
            .route("/v1/link", any(link))
            .fallback(pass)
            .layer(DefaultBodyLimit::disable())
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let origin = format!("http://{address}").parse().expect("it is one");
        Self { origin, shared }
    }

    /// Returns where it listens.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Passes on to an honest server from now on.
    fn target(&self, address: SocketAddr) {
        self.shared.inner().target = Some(address);
    }

    /// Sets up a network whose nodes and requesters reach their server through this one.
    pub async fn network(&self, members: usize) -> Network {
        self.set_up(members, |_, config| config).await
    }

    /// As [`Tamper::network`]; `configure` may change the configuration of the node with an index.
    pub async fn set_up(
        &self,
        members: usize,
        configure: impl Fn(usize, Config) -> Config,
    ) -> Network {
        // The honest server's port must be known before it is started.
        let listen = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let listen = listen.expect("there is a free port");
        self.target(listen);
        let setup = Setup { listen, origin: Some(self.origin.clone()), ..Setup::new(members) };
        Network::set_up(setup, configure).await
    }

    /// Changes what nodes are told from now on.
    pub fn change(&self, change: Change) {
        self.shared.inner().change = Some(change);
    }

    /// Returns the signed sign-ins that were seen.
    pub fn sign_ins(&self) -> Vec<Vec<u8>> {
        self.shared.inner().sign_ins.clone()
    }

    /// Keeps everything that passes from now on.
    pub fn watch(&self) {
        self.shared.inner().seen = Some(Vec::new());
    }

    /// Returns everything that passed.
    pub fn seen(&self) -> Vec<u8> {
        self.shared.inner().seen.clone().unwrap_or_default()
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn target(&self) -> Result<SocketAddr, StatusCode> {
        self.inner().target.ok_or(StatusCode::BAD_GATEWAY)
    }

    fn see(&self, bytes: &[u8]) {
        if let Some(seen) = &mut self.inner().seen {
            seen.extend_from_slice(bytes);
        }
    }

    fn changed(&self, whose: &Fingerprint, bytes: &[u8]) -> Vec<Vec<u8>> {
        let change = self.inner().change.clone();
        let (Some(change), Ok(message)) = (change, ToNode::decode(bytes)) else {
            return vec![bytes.to_vec()];
        };
        change(whose, message).iter().map(ToNode::encode).collect()
    }
}

/// Passes a call on.
async fn pass(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("http://{}{path}", shared.target()?);
    headers.remove(HOST);
    shared.see(path.as_bytes());
    shared.see(&body);
    let sent = shared.http.request(method, url).headers(headers).body(body.clone()).send().await;
    let answer = sent.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = answer.bytes().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    shared.see(&bytes);
    if path == "/v1/sign-in" {
        note(&shared, &body, &bytes);
    }
    Ok((status, headers, bytes).into_response())
}

/// Remembers whose the token of a sign-in is.
fn note(shared: &Shared, request: &[u8], answer: &[u8]) -> Option<()> {
    let request: serde_json::Value = serde_json::from_slice(request).ok()?;
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    let organization = request["organization"].as_str()?.parse().ok()?;
    let signed = request["signed"].as_str()?.as_bytes();
    let digits = signed.as_chunks::<2>().0.iter().map(|pair| std::str::from_utf8(pair).ok());
    let byte = |pair: Option<&str>| u8::from_str_radix(pair?, 16).ok();
    let mut inner = shared.inner();
    inner.sign_ins.push(digits.map(byte).collect::<Option<_>>()?);
    inner.tokens.insert(answer["token"].as_str()?.to_owned(), organization);
    Some(())
}

/// Passes a link on, message by message.
async fn link(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let url = format!("ws://{}/v1/link?{}", shared.target()?, query.unwrap_or_default());
    let mut request = url.into_client_request().map_err(|_| StatusCode::BAD_GATEWAY)?;
    let shown = headers.get(AUTHORIZATION).ok_or(StatusCode::UNAUTHORIZED)?;
    request.headers_mut().insert(AUTHORIZATION, shown.clone());
    let token = shown.to_str().unwrap_or_default().trim_start_matches("Bearer ").to_owned();
    let whose = shared.inner().tokens.get(&token).copied().ok_or(StatusCode::UNAUTHORIZED)?;
    let config = WebSocketConfig::default().max_message_size(Some(limits::LINK_MESSAGE_BYTES));
    let connected =
        tokio_tungstenite::connect_async_with_config(request, Some(config), false).await;
    let (server, _) = connected.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let upgrade = upgrade.max_message_size(limits::LINK_MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(async move |node| relay(&shared, &whose, node, server).await))
}

type Server =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn relay(shared: &Shared, whose: &Fingerprint, node: WebSocket, server: Server) {
    let (mut to_node, mut from_node) = node.split();
    let (mut to_server, mut from_server) = server.split();
    let up = async {
        while let Some(Ok(message)) = from_node.next().await {
            if let Message::Binary(bytes) = message {
                shared.see(&bytes);
                if to_server.send(tungstenite::Message::Binary(bytes)).await.is_err() {
                    return;
                }
            }
        }
    };
    let down = async {
        while let Some(Ok(message)) = from_server.next().await {
            match message {
                tungstenite::Message::Binary(bytes) => {
                    for changed in shared.changed(whose, &bytes) {
                        if to_node.send(Message::Binary(changed.into())).await.is_err() {
                            return;
                        }
                    }
                }
                tungstenite::Message::Ping(bytes) => {
                    let _ = to_node.send(Message::Ping(bytes)).await;
                }
                _ => {}
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
