//! `anchorhold algorithm push`: brings a component to a server, for the nodes to fetch.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use crate::component::{full_name, prepare, read_component};
use crate::remote::RemoteOptions;
use crate::{CommandError, runtime};

/// Brings a component to the server
///
/// It is inspected here first, and is called what it calls itself. Nodes fetch it by its digest, and
/// run it only where their own policy allows that digest.
#[derive(Debug, clap::Args)]
pub(crate) struct Push {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Push {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let component = read_component(&self.file)?;
        let bytes = component.len();
        let (name, digest) = runtime()?.block_on(async {
            let algorithm = prepare(self.file.display(), component.clone(), true).await?;
            let name = full_name(algorithm.description());
            let client = self.remote.open().await?.client;
            let digest = client.add_algorithm(&name, component).await?;
            Ok::<_, CommandError>((name, digest))
        })?;
        if self.json {
            let said = json!({ "name": name, "digest": digest, "bytes": bytes });
            return Ok(writeln!(out, "{said:#}")?);
        }
        writeln!(out, "algorithm  {name}")?;
        Ok(writeln!(out, "digest     {digest}")?)
    }
}
