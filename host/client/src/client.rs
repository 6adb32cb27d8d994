//! The calls: how one is made here, and what there is to call in a file for each noun.

mod algorithms;
mod collaborations;
mod health;
mod organizations;
mod runs;
mod sign_in;
mod tasks;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anchorhold_model::printable;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Certificate, Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::ClientError;
use crate::origin::Origin;
use crate::token::Token;

pub use algorithms::StoredAlgorithm;
pub use collaborations::{CollaborationStatus, MemberStatus};
pub use organizations::{Listed, Who};
pub use runs::RunStatus;
pub use tasks::{ExecutionStatus, SealedParcel, TaskState, TaskStatus};

/// How long a connection may take to be made, and a call in all.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(10);
const CALL_TIME: Duration = Duration::from_secs(60);
/// How long a call may take in which a component, arguments or a result passes: the largest result
/// over a line of 1 Mbit/s.
const TRANSFER_TIME: Duration = Duration::from_secs(11 * 60);
/// The largest JSON answer that is read.
const ANSWER_BYTES: usize = 16 << 20;
/// The largest file of certificates: the bundle of an operating system has 200 KB.
const CA_FILE_BYTES: u64 = 1 << 20;

/// Calls one server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: Origin,
    token: Option<Token>,
}

impl Client {
    /// Sets up calls to a server. The certificates in `ca_file`, in PEM, are trusted beside those of
    /// the operating system. The proxy of `HTTPS_PROXY` is used, but never to this machine.
    ///
    /// # Errors
    ///
    /// Where the file holds no certificates, or those of the operating system cannot be read.
    pub fn new(
        origin: Origin,
        token: Option<Token>,
        ca_file: Option<&Path>,
    ) -> Result<Self, ClientError> {
        // Another part of the process may have chosen before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(CALL_TIME)
            .redirect(reqwest::redirect::Policy::none());
        if origin.is_local() {
            http = http.no_proxy();
        }
        if let Some(path) = ca_file {
            let problem = |problem| ClientError::CaFile { path: path.to_owned(), problem };
            http = http.tls_certs_merge(certificates(path).map_err(problem)?);
        }
        Ok(Self { http: http.build().map_err(ClientError::Setup)?, origin, token })
    }

    /// Returns where the server is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Begins a request, which shows the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    /// Asks for something in JSON.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.json(&self.answer(self.request(Method::GET, path), ANSWER_BYTES).await?)
    }

    /// Asks for bytes, and no more of them than they may be.
    async fn get_bytes(&self, path: &str, most: usize) -> Result<Vec<u8>, ClientError> {
        self.answer(self.request(Method::GET, path).timeout(TRANSFER_TIME), most).await
    }

    /// Sends something in JSON, or nothing.
    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let mut request = self.request(Method::POST, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.json(&self.answer(request, ANSWER_BYTES).await?)
    }

    /// Sends bytes.
    async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        let request = self.request(method, path).timeout(TRANSFER_TIME);
        let request = request.header(CONTENT_TYPE, "application/octet-stream").body(bytes);
        self.answer(request, ANSWER_BYTES).await
    }

    /// Sends a request and reads the answer, at most so many bytes, or why it is refused. A server
    /// that was asked too much is asked again when it says so, for as long as a call may take.
    async fn answer(
        &self,
        mut request: RequestBuilder,
        most: usize,
    ) -> Result<Vec<u8>, ClientError> {
        let until = Instant::now() + CALL_TIME;
        loop {
            let again = request.try_clone();
            let response = request.send().await.map_err(|source| self.unreachable(source))?;
            if response.status().is_success() {
                return self.read(response, most).await;
            }
            match (retry_after(&response), again) {
                (Some(pause), Some(again)) if Instant::now() + pause < until => {
                    tokio::time::sleep(pause).await;
                    request = again;
                }
                _ => return Err(self.refusal(response).await),
            }
        }
    }

    /// Reads a refusal.
    pub(crate) async fn refusal(&self, response: Response) -> ClientError {
        let status = response.status();
        let bytes = match self.read(response, ANSWER_BYTES).await {
            Ok(bytes) => bytes,
            Err(error) => return error,
        };
        match serde_json::from_slice::<Refused>(&bytes) {
            Ok(Refused { error }) => ClientError::Refused {
                status: status.as_u16(),
                kind: printable(&error.kind),
                message: printable(&error.message),
            },
            Err(_) => self.not_a_server(format!("status {status}")),
        }
    }

    /// Reads an answer, and no more of it than it may have.
    async fn read(&self, mut response: Response, most: usize) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| self.unreachable(source))? {
            if bytes.len().saturating_add(chunk.len()) > most {
                return Err(self.not_a_server("its answer is too large".into()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn json<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(bytes).map_err(|error| self.not_a_server(error.to_string()))
    }

    pub(crate) fn unreachable(&self, source: reqwest::Error) -> ClientError {
        // The origin is said already, and an address would be said twice.
        ClientError::Unreachable { origin: self.origin.clone(), source: source.without_url() }
    }

    pub(crate) fn not_a_server(&self, problem: String) -> ClientError {
        let problem = printable(&problem.chars().take(200).collect::<String>());
        ClientError::NotAServer { origin: self.origin.clone(), problem }
    }

    /// Lets an answer pass that is about what was asked for.
    fn about<I: PartialEq + std::fmt::Display>(
        &self,
        asked: &I,
        got: &I,
    ) -> Result<(), ClientError> {
        if asked == got {
            return Ok(());
        }
        Err(self.not_a_server(format!("it was asked about {asked} and answers about {got}")))
    }
}

/// Returns when a server that was asked too much wants to be asked again.
fn retry_after(response: &Response) -> Option<Duration> {
    let too_much = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let after = response.headers().get(RETRY_AFTER).filter(|_| too_much)?.to_str().ok()?;
    after.parse().ok().map(|seconds: u32| Duration::from_secs(seconds.into()))
}

/// Reads certificates in PEM; at least one.
fn certificates(path: &Path) -> io::Result<Vec<Certificate>> {
    let mut pem = Vec::new();
    File::open(path)?.take(CA_FILE_BYTES + 1).read_to_end(&mut pem)?;
    if u64::try_from(pem.len()).is_ok_and(|length| length > CA_FILE_BYTES) {
        return Err(io::Error::other("it is too large"));
    }
    let certificates = Certificate::from_pem_bundle(&pem).map_err(io::Error::other)?;
    if certificates.is_empty() {
        return Err(io::Error::other("it holds no certificate in PEM"));
    }
    Ok(certificates)
}

#[derive(Deserialize)]
struct Refused {
    error: RefusedError,
}

#[derive(Deserialize)]
struct RefusedError {
    kind: String,
    message: String,
}

#[cfg(test)]
mod tests;
