//! `anchorhold collaboration join`: an organization takes part.

use std::io::Write;
use std::path::PathBuf;

use anchorhold_client::CollaborationFile;
use serde_json::json;

use crate::member::KeyOptions;
use crate::{CommandError, runtime};

/// Lets an organization join a collaboration at its server
///
/// All members must be registered there. Tasks are taken for an organization once it joined.
#[derive(Debug, clap::Args)]
pub(crate) struct Join {
    /// File of the collaboration
    file: PathBuf,
    #[command(flatten)]
    key: KeyOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Join {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let member = self.key.open(CollaborationFile::read(&self.file)?)?;
        let collaboration = member.file.collaboration();
        let status = runtime()?.block_on(async {
            member.sign_in().await?.join(collaboration).await.map_err(|error| {
                let unknown = error.kind() == Some("unknown-organization");
                let error = CommandError::from(error);
                match unknown {
                    true => error.with_hint("`anchorhold org register` makes it known"),
                    false => error,
                }
            })
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(status))?);
        }
        let (name, id) = (collaboration.name(), collaboration.id());
        Ok(writeln!(out, "{} joined {name} ({id})", member.name())?)
    }
}
