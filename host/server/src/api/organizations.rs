//! Organizations and the statements of their keys. The server checks what it stores, so that
//! mistakes are found early; nobody relies on that.

use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::chain;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Read, State, parse};
use crate::access::Action;
use crate::error::ApiError;
use crate::store::Added;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stated {
    /// The key statement in PEM.
    statement: String,
}

pub(super) async fn add(
    shared: State,
    caller: Caller,
    Read(stated): Read<Stated>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.may(Action::AddOrganization)?;
    let statement = read(&stated, (shared.clock)())?;
    let added = shared.store.add_organization(&statement, (shared.clock)()).await?;
    answer(added, &statement)
}

pub(super) async fn add_statement(
    shared: State,
    Path(fingerprint): Path<String>,
    caller: Caller,
    Read(stated): Read<Stated>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let fingerprint: Fingerprint = parse(&fingerprint)?;
    caller.may(Action::AddStatement(fingerprint))?;
    let statement = read(&stated, (shared.clock)())?;
    let actual = statement.organization();
    if actual != fingerprint {
        let text = format!("the key statement is of {actual}, not of {fingerprint}");
        return Err(ApiError::bad("other-organization", text));
    }
    answer(shared.store.add_statement(&statement).await?, &statement)
}

pub(super) async fn list(shared: State, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.may(Action::ReadOrganizations)?;
    let statements = shared.store.statements().await?;
    Ok(Json(json!({ "organizations": statements.iter().map(said).collect::<Vec<_>>() })))
}

pub(super) async fn show(
    shared: State,
    Path(fingerprint): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    caller.may(Action::ReadOrganizations)?;
    let fingerprint: Fingerprint = parse(&fingerprint)?;
    let statement = shared.store.statement(&fingerprint).await?;
    let unknown = || ApiError::not_found(format!("there is no organization {fingerprint}"));
    Ok(Json(said(&statement.ok_or_else(unknown)?)))
}

fn said(statement: &Statement) -> Value {
    json!({
        "fingerprint": statement.organization(),
        "name": statement.value().name,
        "number": statement.value().number,
        "statement": statement.to_pem(),
    })
}

fn answer(added: Added, statement: &Statement) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (organization, number) = (statement.organization(), statement.value().number);
    match added {
        Added::Yes => Ok((StatusCode::CREATED, Json(said(statement)))),
        Added::OtherWithNumber => {
            let text = format!("{organization} has another statement with the number {number}");
            Err(ApiError::conflict("other-statement", text))
        }
        Added::NoOrganization => {
            Err(ApiError::not_found(format!("there is no organization {organization}")))
        }
    }
}

/// Reads a statement that is valid now.
fn read(stated: &Stated, now: u64) -> Result<Statement, ApiError> {
    let refused = |error: &dyn std::error::Error| ApiError::bad("statement", chain(error));
    let statement = Statement::from_pem(&stated.statement).map_err(|error| refused(&error))?;
    statement.check_time(now).map_err(|error| refused(&error))?;
    if i64::try_from(statement.value().number).is_err() {
        return Err(ApiError::bad("statement", "its number is above 2^63"));
    }
    Ok(statement)
}
