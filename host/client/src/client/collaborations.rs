//! Collaborations: who joined them, and whose nodes are there.

use anchorhold_identity::Fingerprint;
use anchorhold_model::{Collaboration, CollaborationId, Digest};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::Client;
use crate::error::ClientError;

/// A collaboration as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollaborationStatus {
    /// Its id.
    pub id: CollaborationId,
    /// What it is called.
    pub name: String,
    /// Its members.
    pub members: Vec<MemberStatus>,
    /// The algorithms that it allows; where there is none, all.
    pub algorithms: Vec<Digest>,
}

/// A member of a collaboration as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberStatus {
    /// What the others call it.
    pub name: String,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether it joined.
    pub joined: bool,
    /// Whether its node is linked to the server.
    pub node: bool,
}

impl Client {
    /// Lets the caller's organization join a collaboration. To do it again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn join(
        &self,
        collaboration: &Collaboration,
    ) -> Result<CollaborationStatus, ClientError> {
        let bytes = collaboration.encode();
        let answer = self.send_bytes(Method::POST, "/v1/collaborations", bytes).await?;
        let status: CollaborationStatus = self.json(&answer)?;
        self.about(&collaboration.id(), &status.id)?;
        Ok(status)
    }

    /// Lists the collaborations of the caller's organization; for an administrator, all.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn collaborations(&self) -> Result<Vec<CollaborationStatus>, ClientError> {
        let list: List = self.get("/v1/collaborations").await?;
        Ok(list.collaborations)
    }

    /// Returns what the server knows of a collaboration.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses, or does not know it.
    pub async fn collaboration(
        &self,
        id: &CollaborationId,
    ) -> Result<CollaborationStatus, ClientError> {
        let status: CollaborationStatus = self.get(&format!("/v1/collaborations/{id}")).await?;
        self.about(id, &status.id)?;
        Ok(status)
    }
}

#[derive(Deserialize)]
struct List {
    collaborations: Vec<CollaborationStatus>,
}
