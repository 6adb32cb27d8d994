//! Runs: the scope of storage, defined and closed by what a requester signs.

use anchorhold_identity::{Fingerprint, Signed, Statement, signed_hash};
use anchorhold_model::layout::{Decoder, Layout, RunEnd, RunManifest};
use anchorhold_model::{CollaborationId, RunId, limits};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::collaborations::{self, check_joined};
use super::{Caller, Octets, Shared, State, parse, to_the_end};
use crate::access::Action;
use crate::error::ApiError;
use crate::store::{ClosedRun, RunRow};

pub(super) async fn add(
    shared: State,
    caller: Caller,
    Octets(bytes): Octets,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (claimed, id) = claimed::<RunManifest>(&bytes)?;
    let (id, requester) = (RunId::from_bytes(id), Fingerprint::from_bytes(claimed.requester));
    caller.may(Action::Request(requester))?;
    if let Some(row) = shared.store.run(&id).await? {
        return Ok((StatusCode::CREATED, Json(said(&row))));
    }
    let statement = current(&shared, &requester, &claimed.statement).await?;
    let signed = verify::<RunManifest>(&bytes, &statement)?;
    let manifest = signed.value();
    let collaboration = CollaborationId::from_bytes(manifest.collaboration);
    let row = collaborations::find(&shared, &collaboration).await?;
    check_joined(&row, &requester)?;
    if let Some(digest) = manifest.digests.iter().find(|digest| !row.value.allows(digest)) {
        let text = format!("the collaboration {} does not allow {digest}", row.value.name());
        return Err(ApiError::bad("algorithm-not-allowed", text));
    }
    if manifest.expires <= (shared.clock)() {
        return Err(ApiError::bad("expired", "the run has expired already"));
    }
    shared.store.add_run(&id, manifest, &bytes, &statement).await?;
    Ok((StatusCode::CREATED, Json(said(&find(&shared, &id).await?))))
}

pub(super) async fn list(shared: State, caller: Caller) -> Result<Json<Value>, ApiError> {
    let organization = caller.acts(Action::ListRuns)?;
    let rows = shared.store.runs(&organization).await?;
    Ok(Json(json!({ "runs": rows.iter().map(said).collect::<Vec<_>>() })))
}

pub(super) async fn show(
    shared: State,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(said(&readable(&shared, &caller, &parse(&id)?).await?)))
}

pub(super) async fn close(
    shared: State,
    Path(id): Path<String>,
    caller: Caller,
    Octets(bytes): Octets,
) -> Result<Json<Value>, ApiError> {
    let row = find(&shared, &parse(&id)?).await?;
    caller.may(Action::Request(row.requester))?;
    // The key under which the run was begun may be gone. Nodes take the current one.
    let current = shared.store.statement(&row.requester).await?.ok_or_else(ApiError::fault)?;
    let signed = match verify::<RunEnd>(&bytes, &current) {
        Ok(signed) => signed,
        Err(_) if row.closed => return Ok(Json(said(&row))),
        Err(error) => return Err(error),
    };
    let RunEnd { run, tasks } = *signed.value();
    if run != row.id {
        return Err(ApiError::bad("other-run", format!("the statement closes the run {run}")));
    }
    let shared = shared.0.clone();
    to_the_end(async move {
        let parties = match shared.store.close_run(&row.id, &bytes, u64::from(tasks)).await? {
            ClosedRun::Yes(parties) => parties,
            ClosedRun::OtherNumber(actual) => {
                let text = format!("the run has {actual} tasks, not {tasks}");
                return Err(ApiError::conflict("other-number", text));
            }
            ClosedRun::OpenTasks(open) => {
                let text = format!("{open} of the run's tasks have not ended");
                return Err(ApiError::conflict("open-tasks", text));
            }
        };
        shared.mailbox.close(row.id, row.collaboration, &parties);
        Ok(Json(said(&find(&shared, &row.id).await?)))
    })
    .await
}

/// Returns a run that there is.
pub(super) async fn find(shared: &Shared, id: &RunId) -> Result<RunRow, ApiError> {
    let row = shared.store.run(id).await?;
    row.ok_or_else(|| ApiError::not_found(format!("there is no run {id}")))
}

/// Returns a run that concerns the caller.
pub(super) async fn readable(
    shared: &Shared,
    caller: &Caller,
    id: &RunId,
) -> Result<RunRow, ApiError> {
    let row = find(shared, id).await?;
    let mut concerned = vec![row.requester];
    if let Some(organization) = caller.organization()
        && shared.store.is_party(id, &organization).await?
    {
        concerned.push(organization);
    }
    caller.may(Action::Read(&concerned))?;
    Ok(row)
}

/// Reads what signed bytes claim to be, and the hash that identifies it.
pub(super) fn claimed<L: Layout>(bytes: &[u8]) -> Result<(L, [u8; 32]), ApiError> {
    let claimed = Signed::<L>::claimed(bytes).map_err(ApiError::malformed)?;
    let body = Decoder::new(L::KIND.name(), bytes).bytes(limits::SIGNED_BYTES);
    Ok((claimed, signed_hash(L::KIND, body.map_err(ApiError::malformed)?)))
}

pub(super) fn verify<L: Layout>(
    bytes: &[u8],
    statement: &Statement,
) -> Result<Signed<L>, ApiError> {
    let signed = Signed::<L>::verify(bytes, statement.signing());
    signed.map_err(|error| ApiError::bad("signature", error.to_string()))
}

/// Returns an organization's key statement, which must be the one that a manifest names.
pub(super) async fn current(
    shared: &Shared,
    organization: &Fingerprint,
    named: &[u8; 32],
) -> Result<Statement, ApiError> {
    let other = |problem: &str| {
        ApiError::conflict(
            "other-statement",
            format!("the key statement of {organization} {problem}"),
        )
    };
    let statement = shared.store.statement(organization).await?;
    let statement = statement.ok_or_else(|| other("is not known here"))?;
    if statement.hash() != *named {
        return Err(other("that the manifest names is not the current one"));
    }
    if statement.check_time((shared.clock)()).is_err() {
        return Err(other("is not valid now"));
    }
    Ok(statement)
}

fn said(row: &RunRow) -> Value {
    json!({
        "id": row.id,
        "collaboration": row.collaboration,
        "requester": row.requester,
        "created": row.manifest.created,
        "expires": row.manifest.expires,
        "tasks": row.tasks,
        "closed": row.closed,
        "digests": row.manifest.digests,
    })
}
