//! Whether a server is there at all.

use serde::Deserialize;

use super::Client;
use crate::error::ClientError;

impl Client {
    /// Returns what time it is at the server, in seconds after 1970. It needs no token.
    ///
    /// # Errors
    ///
    /// Where the server is away.
    pub async fn time(&self) -> Result<u64, ClientError> {
        let health: Health = self.get("/healthz").await?;
        Ok(health.time)
    }
}

#[derive(Deserialize)]
struct Health {
    time: u64,
}
