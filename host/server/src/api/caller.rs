//! Who makes a request, and how many.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use anchorhold_identity::Fingerprint;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tokio::sync::OwnedSemaphorePermit;

use super::Shared;
use crate::access::{Action, Identity, may};
use crate::error::ApiError;
use crate::rate::network;
use crate::store::{Secret, StoreError};

/// The connection on which a request comes.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) peer: IpAddr,
    /// Its place among those that the server has at once; a link keeps it.
    pub(crate) _place: Arc<OwnedSemaphorePermit>,
}

/// Who makes a request: whoever the bearer's token stands for.
pub(crate) struct Caller(Identity);

/// Somebody who is not signed in: told apart by the address.
pub(super) struct Stranger;

const UNKNOWN: &str = "the token is not one of this server";

impl Caller {
    /// Lets the caller do something, or says that it may not.
    pub(super) fn may(&self, action: Action<'_>) -> Result<&Identity, ApiError> {
        if may(&self.0, action) { Ok(&self.0) } else { Err(ApiError::not_allowed(self.0.kind())) }
    }

    /// Lets the caller do something in the name of its organization.
    pub(super) fn acts(&self, action: Action<'_>) -> Result<Fingerprint, ApiError> {
        let organization = self.may(action)?.organization();
        organization.ok_or_else(|| ApiError::not_allowed(self.0.kind()))
    }

    pub(super) fn organization(&self) -> Option<Fingerprint> {
        self.0.organization()
    }
}

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        let problem = match token.map(str::parse::<Secret>) {
            None => "the request has no header `Authorization: Bearer TOKEN`",
            Some(Err(())) => UNKNOWN,
            Some(Ok(token)) => match find(shared, &token).await? {
                Ok(identity) => {
                    let taken = shared.rates.callers.take(token.hash(), Instant::now());
                    taken.map_err(ApiError::too_many)?;
                    return Ok(Self(identity));
                }
                Err(problem) => problem,
            },
        };
        // Whoever tries tokens is slowed down.
        Stranger::from_request_parts(parts, shared).await?;
        Err(ApiError::not_signed_in(problem))
    }
}

/// Finds who a token stands for, or says why nobody.
async fn find(
    shared: &Shared,
    token: &Secret,
) -> Result<Result<Identity, &'static str>, StoreError> {
    let now = (shared.clock)();
    if let Some(organization) = shared.sessions.find(now, token) {
        return Ok(Ok(Identity::Node { organization }));
    }
    Ok(match shared.store.find_token(token).await? {
        Some((identity, expires)) if now <= expires => Ok(identity),
        Some(_) => Err("the token has expired"),
        None => Err(UNKNOWN),
    })
}

impl FromRequestParts<Arc<Shared>> for Stranger {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let connection = Connection::from_request_parts(parts, shared).await?;
        let taken = shared.rates.strangers.take(network(connection.peer), Instant::now());
        taken.map(|()| Self).map_err(ApiError::too_many)
    }
}

impl FromRequestParts<Arc<Shared>> for Connection {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::fault)
    }
}
