//! Components, which are public: whoever fetches one compares its digest.

use anchorhold_model::inspection::inspect;
use anchorhold_model::{Digest, limits, printable};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest as _, Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Octets, State, octets, parse};
use crate::access::Action;
use crate::error::ApiError;
use crate::store::{AlgorithmRow, PIECE_BYTES};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    name: String,
}

pub(super) async fn add(
    shared: State,
    Path(digest): Path<String>,
    caller: Caller,
    named: Result<Query<Named>, QueryRejection>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let identity = caller.may(Action::AddAlgorithm)?;
    let digest: Digest = parse(&digest)?;
    let Query(Named { name }) = named?;
    check_name(&name)?;
    // Few are in memory at once, and nothing is read before.
    let _place = shared.uploads.acquire().await.map_err(|_| ApiError::fault())?;
    let Octets(component) = Octets::from_request(request, &shared).await?;
    let bytes = component.clone();
    let inspected = tokio::task::spawn_blocking(move || inspect(&bytes)).await;
    let inspected = inspected.map_err(|_| ApiError::fault())?;
    let inspection =
        inspected.map_err(|refusal| ApiError::bad("refused", printable(&refusal.to_string())))?;
    if inspection.digest != digest {
        let text = format!("the component has the digest {}, not {digest}", inspection.digest);
        return Err(ApiError::bad("other-digest", text));
    }
    let row = AlgorithmRow {
        digest,
        name,
        bytes: inspection.bytes,
        organization: identity.organization(),
        added: (shared.clock)(),
    };
    shared.store.add_algorithm(&row, &component).await?;
    let row = shared.store.algorithm(&digest).await?.unwrap_or(row);
    let said = json!({ "digest": row.digest, "name": row.name, "bytes": row.bytes });
    Ok((StatusCode::CREATED, Json(said)))
}

pub(super) async fn list(shared: State, caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.may(Action::ReadAlgorithms)?;
    let rows = shared.store.algorithms().await?;
    let said = rows.iter().map(|row| {
        json!({
            "digest": row.digest,
            "name": row.name,
            "bytes": row.bytes,
            "organization": row.organization,
            "added": row.added,
        })
    });
    Ok(Json(json!({ "algorithms": said.collect::<Vec<_>>() })))
}

pub(super) async fn fetch(
    shared: State,
    Path(digest): Path<String>,
    caller: Caller,
) -> Result<Response, ApiError> {
    caller.may(Action::ReadAlgorithms)?;
    let digest: Digest = parse(&digest)?;
    let row = shared.store.algorithm(&digest).await?;
    let row = row.ok_or_else(|| ApiError::not_found(format!("there is no algorithm {digest}")))?;
    let pieces = row.bytes.div_ceil(u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX));
    let store = shared.store.clone();
    let pieces = stream::iter(0..pieces).then(move |piece| {
        let store = store.clone();
        async move { store.component_piece(&digest, piece).await }
    });
    Ok(octets(row.bytes, pieces.map_ok(Option::unwrap_or_default)))
}

/// Refuses what is no `name@version`: an algorithm says both of itself, and the server does not run
/// it to compare.
fn check_name(name: &str) -> Result<(), ApiError> {
    let part = |text: &str, more: u8| {
        (1..=limits::NAME_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase() || b == more)
    };
    if name.split_once('@').is_some_and(|(name, version)| part(name, b'-') && part(version, b'.')) {
        return Ok(());
    }
    let shown = printable(&name.chars().take(limits::NAME_BYTES).collect::<String>());
    Err(ApiError::bad("name", format!("an algorithm is called name@version, not {shown:?}")))
}
