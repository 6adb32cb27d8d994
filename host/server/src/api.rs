//! The calls over HTTP: JSON under `/v1`, or bytes where something signed or sealed passes.

mod algorithms;
mod caller;
mod collaborations;
mod link;
mod organizations;
mod parcels;
mod runs;
mod sign_in;
mod tasks;

pub(crate) use caller::{Caller, Connection};

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::limits;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post, put};
use axum::{Json, Router};
use futures_util::Stream;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use crate::Clock;
use crate::access::{Action, Identity};
use crate::error::ApiError;
use crate::mailbox::Mailbox;
use crate::rate::Rates;
use crate::sessions::Sessions;
use crate::store::{Store, StoreError};

/// How long a request may take in all, and how long one with a component.
const REQUEST_TIME: Duration = Duration::from_secs(30);
const COMPONENT_TIME: Duration = Duration::from_secs(300);
/// The largest body of a request unless something larger is expected: a statement has some 2 KB.
const BODY_BYTES: usize = 64 << 10;
/// How many components are read at once: each is in memory while it is inspected.
pub(crate) const UPLOADS: usize = 8;

/// What all calls share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    pub(crate) rates: Rates,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) clock: Clock,
    /// How nodes reach the server: what they sign when they sign in.
    pub(crate) origin: String,
    pub(crate) uploads: Semaphore,
    /// Becomes true, or ends, when the server stops.
    pub(crate) stop: watch::Receiver<bool>,
}

type State = axum::extract::State<Arc<Shared>>;

/// Returns all calls.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let signed = limits::SIGNED_BYTES + 128;
    let v1 = Router::new()
        .route("/me", get(me))
        .route("/organizations", get(organizations::list).post(organizations::add))
        .route("/organizations/{fingerprint}", get(organizations::show))
        .route("/organizations/{fingerprint}/statements", post(organizations::add_statement))
        .route("/sign-in/challenge", post(sign_in::challenge))
        .route("/sign-in", post(sign_in::answer))
        .route("/collaborations", get(collaborations::list).post(collaborations::join))
        .route("/collaborations/{id}", get(collaborations::show))
        .route("/algorithms", get(algorithms::list))
        .route("/runs", get(runs::list).merge(takes(signed, post(runs::add))))
        .route("/runs/{id}", get(runs::show))
        .route("/runs/{id}/close", post(runs::close))
        .route("/tasks", get(tasks::list).merge(takes(signed, post(tasks::add))))
        .route("/tasks/{id}", get(tasks::show))
        .route("/tasks/{id}/manifest", get(tasks::manifest))
        .route("/tasks/{id}/kill", post(tasks::kill))
        .route("/tasks/{id}/progress", get(parcels::fetch_progress))
        .route("/tasks/{id}/results/{seat}", get(parcels::fetch_result))
        .route(
            "/tasks/{id}/arguments/{seat}",
            takes(parcels::ARGUMENTS_BYTES, put(parcels::put_arguments)),
        )
        .route("/link", get(link::link))
        .layer(from_fn(|request, next| within(REQUEST_TIME, request, next)));
    let component = usize::try_from(limits::COMPONENT_BYTES).unwrap_or(usize::MAX);
    let components = Router::new()
        .route(
            "/algorithms/{digest}",
            get(algorithms::fetch).merge(takes(component, put(algorithms::add))),
        )
        .layer(from_fn(|request, next| within(COMPONENT_TIME, request, next)));
    Router::new()
        .route("/healthz", get(healthz))
        .nest("/v1", v1.merge(components))
        .fallback(async || ApiError::not_found("there is no such call"))
        .method_not_allowed_fallback(async || {
            ApiError::bad("no-such-method", "this call is made with another method")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(shared)
}

/// Lets a call take more than others.
fn takes(bytes: usize, call: MethodRouter<Arc<Shared>>) -> MethodRouter<Arc<Shared>> {
    call.layer(DefaultBodyLimit::max(bytes))
}

/// Ends a request that takes too long.
async fn within(time: Duration, request: Request, next: Next) -> Response {
    let response = tokio::time::timeout(time, next.run(request)).await;
    response.unwrap_or_else(|_| ApiError::timeout(time).into_response())
}

/// Does something to its end, even where the caller goes away meanwhile: the store and the mailbox
/// stay of one mind.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::spawn(work).await.map_err(|_| ApiError::fault())?
}

/// Answers with bytes that are fetched piece by piece.
fn octets(
    length: u64,
    pieces: impl Stream<Item = Result<Vec<u8>, StoreError>> + Send + 'static,
) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_LENGTH, length.to_string()),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// Reads an id of a path.
fn parse<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error| ApiError::malformed(format!("the path: {error}")))
}

async fn healthz(shared: State) -> Json<Value> {
    let time = (shared.clock)();
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "time": time }))
}

async fn me(caller: Caller) -> Result<Json<Value>, ApiError> {
    let identity = caller.may(Action::WhoAmI)?;
    let name = match identity {
        Identity::Admin { name } | Identity::Person { name, .. } => Some(name),
        Identity::Node { .. } => None,
    };
    let organization = identity.organization();
    Ok(Json(json!({ "kind": identity.kind(), "name": name, "organization": organization })))
}

/// A JSON body, refused in this server's words where it is none.
struct Read<T>(T);

impl<T: DeserializeOwned> FromRequest<Arc<Shared>> for Read<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, shared).await;
        Ok(Self(read?.0))
    }
}

/// A body of bytes, of the size that the call takes.
struct Octets(Bytes);

impl FromRequest<Arc<Shared>> for Octets {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        Ok(Self(Bytes::from_request(request, shared).await?))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::routing::any;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_told_so() {
        let call = any(async || std::future::pending::<()>().await);
        let call = call.layer(from_fn(|request, next| within(Duration::ZERO, request, next)));
        let router = TowerToHyperService::new(Router::new().route("/", call));
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        let response = router.call(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"]["kind"], "timeout");
    }
}
