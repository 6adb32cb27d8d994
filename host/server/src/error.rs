//! What a caller is told when a request is not done.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::store::StoreError;

/// Why a request is not done: a status, a kind for machines and a sentence for people.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl ApiError {
    /// The request is not one that this server knows.
    pub(crate) fn bad(kind: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind, message: message.into() }
    }

    /// Nobody is signed in, or no more.
    pub(crate) fn not_signed_in(message: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, kind: "not-signed-in", message: message.into() }
    }

    /// Who is signed in may not do this.
    pub(crate) fn not_allowed(who: &str) -> Self {
        let message = format!("this is not for a {who}");
        Self { status: StatusCode::FORBIDDEN, kind: "not-allowed", message }
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, kind: "not-found", message: message.into() }
    }

    /// It is against what is there already.
    pub(crate) fn conflict(kind: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, kind, message: message.into() }
    }

    /// Too much is asked for at once.
    pub(crate) fn busy() -> Self {
        let message = "too many are signing in: try again in a minute".into();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, kind: "busy", message }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "kind": self.kind, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
        let message = "the server failed; its log says why".into();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, kind: "fault", message }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self { status: rejection.status(), kind: "malformed", message: rejection.body_text() }
    }
}
