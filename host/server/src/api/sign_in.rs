//! How a node signs in: it asks for a challenge and answers it with the organization's key.

use anchorhold_identity::{Fingerprint, Signed};
use anchorhold_model::layout::SignIn;
use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Stranger;
use super::{Read, State};
use crate::error::ApiError;
use crate::store::hex;

pub(super) async fn challenge(shared: State, _: Stranger) -> Result<Json<Value>, ApiError> {
    let nonce = shared.sessions.challenge((shared.clock)()).ok_or_else(ApiError::busy)?;
    Ok(Json(json!({ "nonce": hex(&nonce), "origin": shared.origin })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// Whose node it is.
    organization: Fingerprint,
    /// The signed [`SignIn`], in hexadecimal.
    signed: String,
}

/// What is said whatever is wrong: who tries shall not learn how far it came.
const REFUSED: &str = "the sign-in is not taken: the organization must be known here, the \
                       challenge fresh, the origin this server's and the key the current one";

pub(super) async fn answer(
    shared: State,
    _: Stranger,
    Read(answer): Read<Answer>,
) -> Result<Json<Value>, ApiError> {
    let refused = || ApiError::not_signed_in(REFUSED);
    let now = (shared.clock)();
    let bytes = decode(&answer.signed).ok_or_else(refused)?;
    let statement = shared.store.statement(&answer.organization).await?.ok_or_else(refused)?;
    statement.check_time(now).map_err(|_| refused())?;
    let signed = Signed::<SignIn>::verify(&bytes, statement.signing()).map_err(|_| refused())?;
    let SignIn { origin, server_nonce, organization, .. } = signed.value();
    let expected = (shared.origin.as_str(), answer.organization.as_bytes());
    if (origin.as_str(), organization) != expected || !shared.sessions.take(now, server_nonce) {
        return Err(refused());
    }
    let opened = shared.sessions.open(now, answer.organization);
    let (token, expires) = opened.ok_or_else(ApiError::busy)?;
    Ok(Json(json!({ "token": token.reveal(), "expires": expires })))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(high)? * 16 + digit(low)?).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}
