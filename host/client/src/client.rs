//! The calls.

use std::fmt;
use std::time::Duration;

use anchorhold_identity::{Fingerprint, OrganizationKey, Statement};
use anchorhold_model::layout::SignIn;
use anchorhold_model::printable;
use reqwest::{Method, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::ClientError;
use crate::origin::Origin;

/// How long a connection may take to be made, and a call in all.
const CONNECT_TIME: Duration = Duration::from_secs(10);
const CALL_TIME: Duration = Duration::from_secs(60);
/// The largest answer that is read.
const ANSWER_BYTES: usize = 16 << 20;

/// What a caller shows of itself: whoever has it is who it stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes the text of a token; what is not printable ASCII cannot be one.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Who a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// `admin`, `person` or `node`.
    pub kind: String,
    /// What the token is called.
    pub name: Option<String>,
    /// The organization.
    pub organization: Option<Fingerprint>,
}

/// An organization as the server lists it. Whether it is the one that it says is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What it calls itself.
    pub name: String,
    /// The number of its key statement.
    pub number: u64,
    /// Its key statement in PEM.
    pub statement: String,
}

/// Calls one server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: Origin,
    token: Option<Token>,
}

impl Client {
    /// Sets up calls to a server.
    ///
    /// # Errors
    ///
    /// Where the operating system's certificates cannot be read.
    pub fn new(origin: Origin, token: Option<Token>) -> Result<Self, ClientError> {
        // Another part of the process may have chosen before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(CALL_TIME)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Ok(Self { http: http.map_err(ClientError::Setup)?, origin, token })
    }

    /// Says who the token stands for.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn who(&self) -> Result<Who, ClientError> {
        self.call(Method::GET, "/v1/me", None::<&()>).await
    }

    /// Adds an organization with its key statement.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_organization(&self, statement: &Statement) -> Result<Listed, ClientError> {
        let stated = Stated { statement: statement.to_pem() };
        self.call(Method::POST, "/v1/organizations", Some(&stated)).await
    }

    /// Adds a further key statement of an organization.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_statement(&self, statement: &Statement) -> Result<Listed, ClientError> {
        let path = format!("/v1/organizations/{}/statements", statement.organization());
        let stated = Stated { statement: statement.to_pem() };
        self.call(Method::POST, &path, Some(&stated)).await
    }

    /// Lists the organizations.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn organizations(&self) -> Result<Vec<Listed>, ClientError> {
        let list: List = self.call(Method::GET, "/v1/organizations", None::<&()>).await?;
        Ok(list.organizations)
    }

    /// Returns an organization's current key statement, checked against its fingerprint.
    ///
    /// # Errors
    ///
    /// Where the server is away, refuses, or returns a statement that is not the organization's.
    pub async fn statement(&self, pin: &Fingerprint) -> Result<Statement, ClientError> {
        let path = format!("/v1/organizations/{pin}");
        let listed: Listed = self.call(Method::GET, &path, None::<&()>).await?;
        let statement = Statement::from_pem(&listed.statement)
            .map_err(|error| self.not_a_server(format!("its statement of {pin}: {error}")))?;
        if statement.organization() != *pin {
            let problem = format!("its statement of {pin} is of {}", statement.organization());
            return Err(self.not_a_server(problem));
        }
        Ok(statement)
    }

    /// Signs in as the node of an organization, and returns a client that is signed in. What is
    /// signed names this server as the caller knows it, so that nobody can use it elsewhere.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub async fn sign_in(
        &self,
        organization: &Fingerprint,
        key: &OrganizationKey,
    ) -> Result<Self, ClientError> {
        let challenge: Challenge =
            self.call(Method::POST, "/v1/sign-in/challenge", None::<&()>).await?;
        let server_nonce: anchorhold_model::Digest = challenge
            .nonce
            .parse()
            .map_err(|_| self.not_a_server("its challenge has not 32 bytes".into()))?;
        let mut node_nonce = [0; 32];
        getrandom::fill(&mut node_nonce).expect("the operating system has random numbers");
        let signed = key.sign(SignIn {
            origin: self.origin.to_string(),
            server_nonce: *server_nonce.as_bytes(),
            node_nonce,
            organization: *organization.as_bytes(),
        });
        let signed = signed.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        let answer = Answer { organization: *organization, signed };
        let session: Session = self.call(Method::POST, "/v1/sign-in", Some(&answer)).await?;
        let token = Token::new(&session.token);
        let token = token.ok_or_else(|| self.not_a_server("its session has no token".into()))?;
        Ok(Self { token: Some(token), ..self.clone() })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let unreachable = |source| ClientError::Unreachable { origin: self.origin.clone(), source };
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        if let Some(Token(token)) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let bytes = self.read(&mut response).await?;
        if status.is_success() {
            return serde_json::from_slice(&bytes)
                .map_err(|error| self.not_a_server(error.to_string()));
        }
        let refused: Refused = serde_json::from_slice(&bytes)
            .map_err(|_| self.not_a_server(format!("status {status}")))?;
        Err(ClientError::Refused {
            status: status.as_u16(),
            kind: printable(&refused.error.kind),
            message: printable(&refused.error.message),
        })
    }

    /// Reads an answer, and no more of it than an answer has.
    async fn read(&self, response: &mut Response) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|source| ClientError::Unreachable {
                origin: self.origin.clone(),
                source,
            })?;
            let Some(chunk) = chunk else { return Ok(bytes) };
            if bytes.len().saturating_add(chunk.len()) > ANSWER_BYTES {
                return Err(self.not_a_server("its answer is too large".into()));
            }
            bytes.extend_from_slice(&chunk);
        }
    }

    fn not_a_server(&self, problem: String) -> ClientError {
        let problem = printable(&problem.chars().take(200).collect::<String>());
        ClientError::NotAServer { origin: self.origin.clone(), problem }
    }
}

#[derive(Serialize)]
struct Stated {
    statement: String,
}

#[derive(Deserialize)]
struct List {
    organizations: Vec<Listed>,
}

#[derive(Deserialize)]
struct Challenge {
    nonce: String,
}

#[derive(Serialize)]
struct Answer {
    organization: Fingerprint,
    signed: String,
}

#[derive(Deserialize)]
struct Session {
    token: String,
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
