//! Collaborations: which organizations agreed on one, and who of them has joined.

use anchorhold_identity::Fingerprint;
use anchorhold_model::{Collaboration, CollaborationId};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Caller, Octets, Shared, State, parse};
use crate::access::{Action, Identity};
use crate::error::ApiError;
use crate::mailbox::Place;
use crate::store::CollaborationRow;

pub(super) async fn join(
    shared: State,
    caller: Caller,
    Octets(bytes): Octets,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let collaboration = Collaboration::decode(&bytes).map_err(ApiError::malformed)?;
    let organization = caller.acts(Action::Join(&collaboration))?;
    let missing = shared.store.join(&collaboration, &organization, (shared.clock)()).await?;
    if let Some(missing) = missing {
        let text = format!("the member {missing} is not registered here");
        return Err(ApiError::bad("unknown-organization", text));
    }
    let row = find(&shared, &collaboration.id()).await?;
    Ok((StatusCode::CREATED, Json(said(&shared, &row))))
}

pub(super) async fn list(shared: State, caller: Caller) -> Result<Json<Value>, ApiError> {
    let identity: &Identity = caller.may(Action::ListCollaborations)?;
    let rows = shared.store.collaborations(identity.organization().as_ref()).await?;
    let said: Vec<_> = rows.iter().map(|row| said(&shared, row)).collect();
    Ok(Json(json!({ "collaborations": said })))
}

pub(super) async fn show(
    shared: State,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let row = find(&shared, &parse(&id)?).await?;
    caller.may(Action::ReadCollaboration(&row.value))?;
    Ok(Json(said(&shared, &row)))
}

/// Returns a collaboration that there is.
pub(super) async fn find(
    shared: &Shared,
    id: &CollaborationId,
) -> Result<CollaborationRow, ApiError> {
    let row = shared.store.collaboration(id).await?;
    row.ok_or_else(|| ApiError::not_found(format!("there is no collaboration {id}")))
}

/// Refuses an organization that has not joined.
pub(super) fn check_joined(
    row: &CollaborationRow,
    organization: &Fingerprint,
) -> Result<(), ApiError> {
    if row.joined.contains(organization) {
        return Ok(());
    }
    let text = format!("{organization} has not joined the collaboration {}", row.value.name());
    Err(ApiError::conflict("not-joined", text))
}

fn said(shared: &Shared, row: &CollaborationRow) -> Value {
    let collaboration = row.value.id();
    let members = row.value.members().iter().map(|member| {
        let organization = Fingerprint::from_bytes(member.organization);
        json!({
            "name": member.name,
            "fingerprint": organization,
            "joined": row.joined.contains(&organization),
            "node": shared.mailbox.is_linked(Place { collaboration, organization }),
        })
    });
    json!({
        "id": collaboration,
        "name": row.value.name(),
        "members": members.collect::<Vec<_>>(),
        "algorithms": row.value.algorithms(),
    })
}
