//! Runs.

use anchorhold_identity::{Fingerprint, Signed};
use anchorhold_model::layout::{RunEnd, RunManifest};
use anchorhold_model::{CollaborationId, Digest, RunId};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::Client;
use crate::error::ClientError;

/// A run as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStatus {
    /// Its id.
    pub id: RunId,
    /// The collaboration in which it is.
    pub collaboration: CollaborationId,
    /// Who asked for it.
    pub requester: Fingerprint,
    /// When it was created, in seconds after 1970.
    pub created: u64,
    /// Until when tasks may be added, in seconds after 1970.
    pub expires: u64,
    /// How many tasks it has.
    pub tasks: u32,
    /// Whether it is closed.
    pub closed: bool,
    /// The algorithms that it may use.
    pub digests: Vec<Digest>,
}

impl Client {
    /// Adds a run. To do it again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_run(&self, run: &Signed<RunManifest>) -> Result<RunStatus, ClientError> {
        let answer = self.send_bytes(Method::POST, "/v1/runs", run.encode()).await?;
        let status: RunStatus = self.json(&answer)?;
        self.about(&RunId::from_bytes(run.hash()), &status.id)?;
        Ok(status)
    }

    /// Lists the runs that the caller's organization asked for or takes part in.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn runs(&self) -> Result<Vec<RunStatus>, ClientError> {
        let list: List = self.get("/v1/runs").await?;
        Ok(list.runs)
    }

    /// Returns what the server knows of a run.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses, or does not know it.
    pub async fn run(&self, id: &RunId) -> Result<RunStatus, ClientError> {
        let status: RunStatus = self.get(&format!("/v1/runs/{id}")).await?;
        self.about(id, &status.id)?;
        Ok(status)
    }

    /// Closes a run: its storage is destroyed at all parties. To do it again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses, since a task has not ended or the number of tasks is
    /// another.
    pub async fn close_run(&self, end: &Signed<RunEnd>) -> Result<RunStatus, ClientError> {
        let id = end.value().run;
        let path = format!("/v1/runs/{id}/close");
        let answer = self.send_bytes(Method::POST, &path, end.encode()).await?;
        let status: RunStatus = self.json(&answer)?;
        self.about(&id, &status.id)?;
        Ok(status)
    }
}

#[derive(Deserialize)]
struct List {
    runs: Vec<RunStatus>,
}
