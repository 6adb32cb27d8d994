//! `anchorhold node check`.

use std::io::Write;
use std::time::SystemTime;

use anchorhold_model::chain;
use anchorhold_node::{Checked, Finding};
use serde_json::json;

use super::Folder;
use crate::passphrase::{Whose, passphrase};
use crate::{CommandError, runtime};

/// Tells everything that would keep a node from working, before it starts
///
/// It changes nothing and takes no task.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    folder: Folder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        let passphrase = passphrase(Whose::Organization, config.passphrase_file.as_deref());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let checking = config.check(passphrase.as_ref().ok(), now.as_secs());
        let mut checked = runtime()?.block_on(checking);
        if let Err(error) = &passphrase {
            let found = Err(chain(error));
            checked.findings.push(Finding { what: "passphrase".into(), found });
        }
        let good = checked.is_good();
        if self.json {
            print_json(out, &checked, good)?;
        } else {
            for finding in &checked.findings {
                let (sign, text) = match &finding.found {
                    Ok(text) => ("ok   ", text),
                    Err(text) => ("WRONG", text),
                };
                writeln!(
                    out,
                    "{sign}  {:24}  {}",
                    finding.what,
                    anchorhold_model::printable(text)
                )?;
            }
        }
        passphrase?;
        if good { Ok(()) } else { Err(CommandError::input("the node would not work")) }
    }
}

fn print_json(out: &mut dyn Write, checked: &Checked, good: bool) -> std::io::Result<()> {
    let findings: Vec<_> = checked
        .findings
        .iter()
        .map(|finding| {
            let (Ok(text) | Err(text)) = &finding.found;
            json!({ "what": finding.what, "good": finding.found.is_ok(), "found": text })
        })
        .collect();
    writeln!(out, "{:#}", json!({ "good": good, "findings": findings }))
}
