//! The components that the node has, by their digests: fetched from the server once, and whatever
//! is in the folder is checked against its digest each time.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use anchorhold_client::{Client, ClientError};
use anchorhold_model::{Digest, limits};
use anchorhold_sandbox::{Algorithm, Engine, PrepareError};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// The components that the node has.
pub(crate) struct Components {
    pub(crate) folder: PathBuf,
    pub(crate) engine: Engine,
    /// The client that is signed in, while there is one.
    pub(crate) client: watch::Receiver<Option<Client>>,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComponentError {
    /// The server does not give it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It cannot be run.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The node ends.
    #[error("the node ends")]
    Ends,
}

impl Components {
    /// Returns an algorithm, ready to run. While the server is away it waits.
    pub(crate) async fn get(&self, digest: Digest) -> Result<Arc<Algorithm>, ComponentError> {
        let path = self.folder.join(format!("{digest}.wasm"));
        let kept = path.clone();
        let read = spawn_blocking(move || read(&kept)).await.map_err(|_| ComponentError::Ends)?;
        let bytes = match read {
            Ok(bytes) if Digest::of(&bytes) == digest => bytes,
            _ => {
                let bytes = self.fetch(digest).await?;
                let (path, copy) = (path, bytes.clone());
                let written = spawn_blocking(move || write(&path, &copy)).await;
                if let Ok(Err(error)) = written {
                    tracing::warn!(%error, %digest, "a component cannot be kept");
                }
                bytes
            }
        };
        Ok(self.engine.prepare(bytes).await?)
    }

    async fn fetch(&self, digest: Digest) -> Result<Vec<u8>, ComponentError> {
        let mut client = self.client.clone();
        loop {
            let signed_in = client.wait_for(Option::is_some).await;
            let signed_in = signed_in.map_err(|_| ComponentError::Ends)?.clone();
            let Some(signed_in) = signed_in else { continue };
            match signed_in.component(&digest).await {
                Err(ClientError::Unreachable { .. }) => {
                    client.mark_unchanged();
                    client.changed().await.map_err(|_| ComponentError::Ends)?;
                }
                other => return Ok(other?),
            }
        }
    }
}

fn read(path: &std::path::Path) -> io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(limits::COMPONENT_BYTES.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes the file whole or not at all.
fn write(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
