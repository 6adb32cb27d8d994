//! `anchorhold node init`: a folder for a node.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf, absolute};

use anchorhold_client::CollaborationFile;
use anchorhold_identity::OrganizationFolder;
use anchorhold_model::chain;

use super::CONFIG;
use crate::CommandError;

/// Makes a folder with a configuration for a node
///
/// The configuration allows nothing: the operator adds datasets, and rules that say who may run what
/// on which of their columns.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// Folder to make
    folder: PathBuf,
    /// Folder of the organization's key
    #[arg(long, value_name = "FOLDER")]
    org: PathBuf,
    /// The collaboration file
    #[arg(long, value_name = "FILE")]
    collaboration: PathBuf,
    /// File with the passphrase of the organization's key, for a start that nobody attends
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        // What is misspelt is better said now than when the node starts.
        OrganizationFolder::new(&self.org).current()?;
        CollaborationFile::read(&self.collaboration)
            .map_err(|error| CommandError::input(chain(&error)))?;
        let path = self.folder.join(CONFIG);
        let problem = |error: io::Error| {
            CommandError::input(format!("{} cannot be made: {error}", path.display()))
        };
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(problem)?;
        let text = self.sample().map_err(problem)?;
        let mut file = File::create_new(&path).map_err(problem)?;
        file.write_all(text.as_bytes()).map_err(problem)?;
        if self.json {
            writeln!(out, "{:#}", serde_json::json!({ "configuration": path }))?;
        } else {
            writeln!(out, "configuration  {}", path.display())?;
        }
        Ok(())
    }

    fn sample(&self) -> io::Result<String> {
        let (org, collaboration) = (quoted(&self.org)?, quoted(&self.collaboration)?);
        let passphrase = match &self.passphrase_file {
            Some(file) => format!("passphrase_file = {}", quoted(file)?),
            None => "# passphrase_file = \"/etc/anchorhold/passphrase\"".to_owned(),
        };
        Ok(format!(
            "# Whose node it is, and with whom it computes.\n\
             organization = {org}\n\
             collaboration = {collaboration}\n\
             {passphrase}\n\
             {REST}"
        ))
    }
}

/// The part of the configuration that is the same for all.
const REST: &str = r#"
# Where the server's certificate is not one that the operating system knows.
# ca_file = "/etc/anchorhold/ca.pem"

# What the node keeps: journal, ledger, storage, components.
state = "state"

# How many executions are in memory at once; more wait for their turn.
executions = 100

# What bounds each execution, whatever its task says.
[limits]
# memory_bytes = 536870912
# cpu_time = 600
# deadline = 86400

# A table that the node offers. `anchorhold node data show` shows what algorithms would see of it.
# [[dataset]]
# name = "patients"
# file = "patients.csv"
# kind = "table"                    # or "file": bytes as they are, such as tensors, without columns
# types = "age:int64,wt_loss:float64?"
# privacy_budget = { epsilon = 8, delta = 1e-5 } # for all tasks together that promise differential privacy

# What is allowed; what no rule allows is refused.
# [[allow]]
# algorithm = "secure-sum"          # a name of the collaboration file, or a digest
# requesters = ["north"]            # members who may ask for it
# datasets = { patients = ["age"] } # the columns that it may read
# minimum_rows = 10                 # fewer rows are refused
# minimum_parties = 3               # fewer parties are refused
# maximum_tasks = 100               # of this algorithm, of each requester in a year on each dataset
# arguments = { required = ["maximum"], properties = { maximum = { type = "integer", maximum = 120 } } }
#                                   # what arguments must be, as a JSON Schema; names are not checked
# privacy = { epsilon = "/privacy/epsilon", delta = "/privacy/delta" }
#                                   # where arguments say what a task spends of privacy budgets
# error_text = false                # whether requesters are told the algorithm's own words: of errors, of progress
"#;

/// Returns an absolute path as a TOML string.
fn quoted(path: &Path) -> io::Result<String> {
    let path = absolute(path)?;
    let text = path
        .to_str()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a path in it is not UTF-8"))?;
    Ok(toml::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use anchorhold_node::Config;

    use super::*;

    #[test]
    fn the_sample_is_a_configuration_with_and_without_its_comments() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CONFIG);
        let init = Init {
            folder: folder.path().to_owned(),
            org: "org \"north\"".into(),
            collaboration: "lung.toml".into(),
            passphrase_file: None,
            json: false,
        };
        let sample = init.sample().unwrap();
        fs::write(&path, &sample).unwrap();
        let config = Config::read(&path).unwrap();
        assert!(config.organization.ends_with("org \"north\""));
        assert!(config.rules.is_empty() && config.limits == Default::default());

        let lines = sample.lines().map(|line| match line.strip_prefix("# ") {
            Some(line) if line.contains(" = ") || line.starts_with("[[") => line,
            _ => line,
        });
        fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!((config.rules.len(), config.datasets.len()), (1, 1));
    }
}
