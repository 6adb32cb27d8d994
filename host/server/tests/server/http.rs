//! Calls without a type: bytes in, bytes out.

use reqwest::Method;
use serde_json::Value;

use crate::node::PATIENCE;

/// Calls a server in the name of a token.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    origin: String,
    token: Option<String>,
}

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub retry_after: Option<u64>,
}

impl Api {
    pub fn new(origin: String, token: Option<&str>) -> Self {
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { http, origin, token: token.map(str::to_owned) }
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    /// Posts JSON.
    pub async fn call_json(&self, path: &str, body: String) -> Answer {
        let request = self.http.post(format!("{}{path}", self.origin));
        let request = request.header("content-type", "application/json").body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.call(Method::POST, path, Some(body.into())).await
    }

    pub async fn put(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.call(Method::PUT, path, Some(body.into())).await
    }
}

impl Answer {
    async fn of(answer: reqwest::Response) -> Self {
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.map(|value| value.to_str().unwrap().parse().unwrap());
        Self { status, body: answer.bytes().await.unwrap().to_vec(), retry_after }
    }

    /// Returns the JSON of an answer that is none of a refusal.
    pub fn json(&self) -> Value {
        let value = serde_json::from_slice(&self.body).unwrap();
        assert!((200..300).contains(&self.status), "{} {value}", self.status);
        value
    }

    /// Returns the status and the kind of a refusal.
    pub fn refusal(&self) -> (u16, String) {
        let value: Value = serde_json::from_slice(&self.body).unwrap();
        assert!(self.status >= 400, "{} {value}", self.status);
        assert!(!value["error"]["message"].as_str().unwrap().is_empty());
        (self.status, value["error"]["kind"].as_str().unwrap().to_owned())
    }
}

/// Asserts how a call is refused.
pub fn refused(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.refusal(), (status, kind.to_owned()));
}
