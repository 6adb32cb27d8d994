//! Tasks: defined by what a requester signs, offered when all sealed arguments are there.

use std::collections::HashSet;

use anchorhold_identity::Fingerprint;
use anchorhold_model::layout::{Layout as _, TaskManifest};
use anchorhold_model::{ExecutionState, RunId, TaskId};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::collaborations::{self, check_joined};
use super::runs::{self, claimed, current, verify};
use super::{Caller, Octets, Shared, State, parse, to_the_end};
use crate::access::Action;
use crate::error::ApiError;
use crate::store::{AddedTask, TaskRow};

pub(super) async fn add(
    shared: State,
    caller: Caller,
    Octets(bytes): Octets,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (claimed, id) = claimed::<TaskManifest>(&bytes)?;
    let id = TaskId::from_bytes(id);
    let run = runs::find(&shared, &claimed.run).await?;
    caller.may(Action::Request(run.requester))?;
    if let Some(row) = shared.store.task(&id).await? {
        return Ok((StatusCode::CREATED, Json(said(&shared, &row))));
    }
    let statement = current(&shared, &run.requester, &claimed.requester).await?;
    let signed = verify::<TaskManifest>(&bytes, &statement)?;
    let manifest = signed.value();
    let now = (shared.clock)();
    if run.manifest.expires <= now {
        return Err(ApiError::conflict("expired", "the run has expired"));
    }
    if manifest.deadline <= now {
        return Err(ApiError::bad("expired", "the task's deadline is over already"));
    }
    if !run.manifest.digests.contains(&manifest.digest) {
        let text = format!("the run does not allow {}", manifest.digest);
        return Err(ApiError::bad("algorithm-not-allowed", text));
    }
    if shared.store.algorithm(&manifest.digest).await?.is_none() {
        let text = format!("the component {} was not uploaded", manifest.digest);
        return Err(ApiError::conflict("no-algorithm", text));
    }
    let mut statements = vec![statement];
    let collaboration = collaborations::find(&shared, &run.collaboration).await?;
    check_parties(manifest)?;
    for party in &manifest.parties {
        let organization = Fingerprint::from_bytes(party.organization);
        check_joined(&collaboration, &organization)?;
        statements.push(current(&shared, &organization, &party.statement).await?);
    }
    match shared.store.add_task(&id, manifest, &bytes, &statements).await? {
        AddedTask::Yes => {
            Ok((StatusCode::CREATED, Json(said(&shared, &find(&shared, &id).await?))))
        }
        AddedTask::Closed => Err(ApiError::conflict("closed", "the run is closed")),
        AddedTask::Ordinal(next) => {
            let text = format!("the run's next task is number {next}, not {}", manifest.ordinal);
            Err(ApiError::conflict("ordinal", text))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Of {
    run: Option<RunId>,
}

pub(super) async fn list(
    shared: State,
    caller: Caller,
    of: Result<Query<Of>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let organization = caller.acts(Action::ListRuns)?;
    let Query(Of { run }) = of?;
    if let Some(run) = &run {
        runs::readable(&shared, &caller, run).await?;
    }
    let rows = shared.store.tasks(run.as_ref(), &organization).await?;
    Ok(Json(json!({ "tasks": rows.iter().map(|row| said(&shared, row)).collect::<Vec<_>>() })))
}

pub(super) async fn show(
    shared: State,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(said(&shared, &readable(&shared, &caller, &parse(&id)?).await?)))
}

/// Answers with what the task's id is the hash of.
pub(super) async fn manifest(
    shared: State,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Vec<u8>, ApiError> {
    Ok(readable(&shared, &caller, &parse(&id)?).await?.manifest.encode())
}

pub(super) async fn kill(
    shared: State,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let row = find(&shared, &parse(&id)?).await?;
    caller.may(Action::Request(row.requester))?;
    let shared = shared.0.clone();
    to_the_end(async move {
        shared.store.kill(&row.id, (shared.clock)()).await?;
        shared.mailbox.kill(&row.id);
        Ok(Json(said(&shared, &find(&shared, &row.id).await?)))
    })
    .await
}

/// Returns a task that there is.
pub(super) async fn find(shared: &Shared, id: &TaskId) -> Result<TaskRow, ApiError> {
    let row = shared.store.task(id).await?;
    row.ok_or_else(|| ApiError::not_found(format!("there is no task {id}")))
}

/// Returns a task that concerns the caller.
async fn readable(shared: &Shared, caller: &Caller, id: &TaskId) -> Result<TaskRow, ApiError> {
    let row = find(shared, id).await?;
    let parties = row.executions.iter().map(|execution| execution.organization);
    let concerned: Vec<_> = parties.chain([row.requester]).collect();
    caller.may(Action::Read(&concerned))?;
    Ok(row)
}

fn check_parties(manifest: &TaskManifest) -> Result<(), ApiError> {
    if manifest.parties.is_empty() {
        return Err(ApiError::bad("no-parties", "a task has at least one party"));
    }
    let mut seen = HashSet::new();
    match manifest.parties.iter().find(|party| !seen.insert(party.organization)) {
        None => Ok(()),
        Some(party) => {
            let organization = Fingerprint::from_bytes(party.organization);
            let text = format!("{organization} has two seats, and may have one");
            Err(ApiError::bad("repeated-party", text))
        }
    }
}

fn said(shared: &Shared, row: &TaskRow) -> Value {
    let executions = row.executions.iter().map(|execution| {
        json!({
            "seat": execution.seat,
            "organization": execution.organization,
            "role": execution.role,
            "state": execution.state,
            "kind": execution.kind,
            "result": execution.result,
        })
    });
    json!({
        "id": row.id,
        "run": row.manifest.run,
        "ordinal": row.manifest.ordinal,
        "collaboration": row.collaboration,
        "requester": row.requester,
        "algorithm": row.manifest.digest,
        "algorithm_name": row.algorithm_name,
        "created": row.manifest.created,
        "deadline": row.manifest.deadline,
        "state": state(row),
        "killed": row.killed,
        "progress": shared.mailbox.reports(&row.id),
        "executions": executions.collect::<Vec<_>>(),
    })
}

fn state(row: &TaskRow) -> &'static str {
    let finished = |state| state == ExecutionState::Finished;
    match (row.ended, row.offered) {
        (true, _) if row.executions.iter().all(|execution| finished(execution.state)) => "finished",
        (true, _) => "failed",
        (false, true) => "running",
        (false, false) => "preparing",
    }
}
