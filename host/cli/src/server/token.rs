//! `anchorhold server token`: what people show to the server.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anchorhold_identity::{Fingerprint, check_name};
use anchorhold_model::chain;
use anchorhold_server::Store;

use super::config;
use crate::{CommandError, runtime};

/// Makes a token for somebody, and prints it this one time
///
/// It is run on the server's machine, beside a server that runs or not. A token without an
/// organization is an administrator's.
#[derive(Debug, clap::Args)]
pub(crate) struct Token {
    /// Folder that `server init` made
    folder: PathBuf,
    /// Whose token it is
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Fingerprint of the organization for which it speaks
    #[arg(long, value_name = "FINGERPRINT")]
    organization: Option<Fingerprint>,
    /// For how many days it is taken
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Token {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        check_name(&self.name).map_err(|_| {
            CommandError::input(format!(
                "a name has 1 to 64 bytes on one line, not {:?}",
                self.name
            ))
        })?;
        let config = config(&self.folder)?;
        let expires = SystemTime::now() + Duration::from_secs(24 * 3_600) * self.days;
        let expires = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let token = runtime()?.block_on(async {
            let store = Store::open(&config.database).await?;
            if let Some(organization) = &self.organization
                && !store.knows(organization).await?
            {
                let text = format!("the server knows no organization {organization}");
                return Err(CommandError::input(text)
                    .with_hint("`anchorhold org register` makes it known to the server"));
            }
            let expires = expires.as_secs();
            let made = store.add_token(&self.name, self.organization.as_ref(), expires).await;
            made.map_err(|error| CommandError::input(chain(&error)))
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", serde_json::json!({ "token": token.reveal() }))?);
        }
        Ok(writeln!(out, "{}", token.reveal())?)
    }
}
