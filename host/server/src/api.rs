//! The calls over HTTP: JSON under `/v1`.

mod organizations;
mod sign_in;

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Clock;
use crate::access::{Action, Identity, may};
use crate::error::ApiError;
use crate::sessions::Sessions;
use crate::store::{Secret, Store};

/// What all calls share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    pub(crate) clock: Clock,
    /// How nodes reach the server: what they sign when they sign in.
    pub(crate) origin: String,
}

type State = axum::extract::State<Arc<Shared>>;

/// Returns all calls.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let v1 = Router::new()
        .route("/me", get(me))
        .route("/organizations", get(organizations::list).post(organizations::add))
        .route("/organizations/{fingerprint}", get(organizations::show))
        .route("/organizations/{fingerprint}/statements", post(organizations::add_statement))
        .route("/sign-in/challenge", post(sign_in::challenge))
        .route("/sign-in", post(sign_in::answer));
    Router::new()
        .route("/healthz", get(healthz))
        .nest("/v1", v1)
        .fallback(async || ApiError::not_found("there is no such call"))
        .method_not_allowed_fallback(async || {
            ApiError::bad("no-such-method", "this call is made with another method")
        })
        .with_state(shared)
}

async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
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

/// Who makes a request: whoever the bearer's token stands for.
pub(crate) struct Caller(Identity);

impl Caller {
    /// Lets the caller do something, or says that it may not.
    pub(crate) fn may(&self, action: Action) -> Result<&Identity, ApiError> {
        if may(&self.0, action) { Ok(&self.0) } else { Err(ApiError::not_allowed(self.0.kind())) }
    }
}

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let token = token.ok_or_else(|| {
            ApiError::not_signed_in("the request has no header `Authorization: Bearer TOKEN`")
        })?;
        let unknown = || ApiError::not_signed_in("the token is not one of this server");
        let token: Secret = token.parse().map_err(|()| unknown())?;
        let now = (shared.clock)();
        if let Some(organization) = shared.sessions.find(now, &token) {
            return Ok(Self(Identity::Node { organization }));
        }
        match shared.store.find_token(&token).await? {
            Some((identity, expires)) if now <= expires => Ok(Self(identity)),
            Some(_) => Err(ApiError::not_signed_in("the token has expired")),
            None => Err(unknown()),
        }
    }
}

/// A JSON body, refused in this server's words where it is none.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Shared>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, shared).await;
        Ok(Self(read?.0))
    }
}
