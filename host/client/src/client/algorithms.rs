//! Algorithms: components by their digests.

use anchorhold_identity::Fingerprint;
use anchorhold_model::{Digest, limits};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::Client;
use crate::error::ClientError;

/// An algorithm as the server lists it. Its name is what whoever uploaded it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAlgorithm {
    /// The digest of its component.
    pub digest: Digest,
    /// `name@version`.
    pub name: String,
    /// The component's size.
    pub bytes: u64,
    /// Whose member uploaded it; none where an administrator did.
    #[serde(default)]
    pub organization: Option<Fingerprint>,
    /// When, in seconds after 1970.
    #[serde(default)]
    pub added: u64,
}

impl Client {
    /// Uploads a component under a `name@version`, and returns its digest. To do it again changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_algorithm(
        &self,
        name: &str,
        component: Vec<u8>,
    ) -> Result<Digest, ClientError> {
        let digest = Digest::of(&component);
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let path = format!("/v1/algorithms/{digest}?name={name}");
        let answer = self.send_bytes(Method::PUT, &path, component).await?;
        let stored: StoredAlgorithm = self.json(&answer)?;
        self.about(&digest, &stored.digest)?;
        Ok(digest)
    }

    /// Lists the algorithms.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn algorithms(&self) -> Result<Vec<StoredAlgorithm>, ClientError> {
        let list: List = self.get("/v1/algorithms").await?;
        Ok(list.algorithms)
    }

    /// Returns a component, checked against its digest.
    ///
    /// # Errors
    ///
    /// Where the server is away, refuses, does not have it, or returns another.
    pub async fn component(&self, digest: &Digest) -> Result<Vec<u8>, ClientError> {
        let most = usize::try_from(limits::COMPONENT_BYTES).expect("it is 32 MiB");
        let component = self.get_bytes(&format!("/v1/algorithms/{digest}"), most).await?;
        self.about(digest, &Digest::of(&component))?;
        Ok(component)
    }
}

#[derive(Deserialize)]
struct List {
    algorithms: Vec<StoredAlgorithm>,
}
