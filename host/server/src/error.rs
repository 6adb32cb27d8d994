//! What a caller is told when a request is not done.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::store::StoreError;

/// Why a request is not done: a status, a kind for machines and a sentence for people.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    message: String,
    /// In how many seconds to try again, where that would help.
    retry_after: Option<u64>,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), retry_after: None }
    }

    /// The request is not one that this server knows.
    pub(crate) fn bad(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, message)
    }

    /// Bytes that are not of their layout.
    pub(crate) fn malformed(error: impl std::fmt::Display) -> Self {
        Self::bad("malformed", error.to_string())
    }

    /// Nobody is signed in, or no more.
    pub(crate) fn not_signed_in(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", message)
    }

    /// Who is signed in may not do this.
    pub(crate) fn not_allowed(who: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-allowed", format!("this is not for this {who}"))
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::missing("not-found", message)
    }

    /// There is no such thing, of a kind of its own.
    pub(crate) fn missing(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, kind, message)
    }

    /// It is against what is there already.
    pub(crate) fn conflict(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, kind, message)
    }

    /// More is sent than is read.
    pub(crate) fn too_large() -> Self {
        let message = "the request has more bytes than this call takes";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    /// Too much is asked for at once.
    pub(crate) fn busy() -> Self {
        let message = "too many are signing in: try again in a minute";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }

    /// One caller asks for too much.
    pub(crate) fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs().saturating_add(1);
        let message = format!("too many requests: try again in {seconds} s");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", message);
        Self { retry_after: Some(seconds), ..error }
    }

    /// The request took too long.
    pub(crate) fn timeout(limit: Duration) -> Self {
        let message = format!("the request was not done after {} s", limit.as_secs());
        Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", message)
    }

    /// The server failed, and has said in its log why.
    pub(crate) fn fault() -> Self {
        let message = "the server failed; its log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "kind": self.kind, "message": self.message } });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
        Self::fault()
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_large();
        }
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_large();
        }
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "malformed", rejection.body_text())
    }
}
