//! The operator's configuration: one TOML file, which says what runs and what it may read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anchorhold_model::{Limits, located};
use serde::{Deserialize, Serialize};

use crate::privacy::{Pointers, Spend};

/// The largest configuration file.
const FILE_BYTES: u64 = 1 << 20;

/// How a node is set up. Paths that are not absolute begin at the file's folder. What no rule
/// allows is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder of the organization's key, as `anchorhold org new` made it.
    pub organization: PathBuf,
    /// The collaboration file, the same at all members.
    pub collaboration: PathBuf,
    /// A file with the passphrase of the organization's key, in one line, for a start that nobody
    /// attends. Where it is missing, the environment or the terminal is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase_file: Option<PathBuf>,
    /// A PEM file with the certificate that the server's is signed with, where the operating system
    /// does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The folder of what the node keeps: journal, ledger, storage, components, and what waits to
    /// be sent.
    #[serde(default = "default_state")]
    pub state: PathBuf,
    /// How many executions are in memory at once; more wait for their turn.
    #[serde(default = "default_executions")]
    pub executions: u32,
    /// What bounds each execution, whatever its task says: the narrower of the two counts.
    #[serde(default)]
    pub limits: Limits,
    /// The datasets that the node offers.
    #[serde(default, rename = "dataset")]
    pub datasets: Vec<DatasetConfig>,
    /// What is allowed: the first rule that fits a task counts.
    #[serde(default, rename = "allow")]
    pub rules: Vec<Rule>,
}

/// A dataset that the node offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// The name under which tasks ask for it.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// What the file is to algorithms.
    #[serde(default)]
    pub kind: DatasetKind,
    /// The types of columns, such as `age:int64,wt_loss:float64?`; those of others are inferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// The texts that are null; by default the empty one and `NA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Vec<String>>,
    /// How much all tasks together may spend that promise differential privacy of its records. Without
    /// it, as much as they like, and it is added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy_budget: Option<Spend>,
}

/// What a dataset's file is to algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetKind {
    /// A table of columns, in CSV.
    #[default]
    Table,
    /// A file that they read as it is, such as one of tensors.
    File,
}

/// Allows an algorithm to requesters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The algorithm: its digest, or a name as the collaboration file has it, such as
    /// `secure-sum@0.1.0`, or `secure-sum` where there is one version of it.
    pub algorithm: String,
    /// Who may ask for it: names or fingerprints of members.
    pub requesters: Vec<String>,
    /// Of which datasets it may read which columns; of a file none are named.
    #[serde(default)]
    pub datasets: BTreeMap<String, Vec<String>>,
    /// How many rows each table must have that it reads.
    #[serde(default)]
    pub minimum_rows: u64,
    /// How many parties the task must have.
    #[serde(default)]
    pub minimum_parties: usize,
    /// What the arguments must be beside what the algorithm takes, as a JSON Schema: such as the most
    /// rows that a set may have, or the one output that is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<serde_json::Value>,
    /// How many tasks of this algorithm each requester may have in a year that read one dataset;
    /// refused ones are not counted. Without it, as many as it likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_tasks: Option<u64>,
    /// Where the arguments say how much a task spends of the privacy budgets of the datasets that it reads.
    /// Without it, nothing: an algorithm that promises no differential privacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Pointers>,
    /// Whether the requester is told the text of an error that the algorithm returns, and the words
    /// of its progress beside the numbers: they may tell of the data.
    #[serde(default)]
    pub error_text: bool,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no configuration.
    #[error("{path} is no node's configuration: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its place.
        problem: String,
    },
}

impl Config {
    /// Reads a configuration, and makes its paths begin at the file's folder.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or has a key that there is not.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let read = |source| ConfigError::Read { path: path.to_owned(), source };
        let mut text = String::new();
        let mut file = File::open(path).map_err(read)?.take(FILE_BYTES);
        file.read_to_string(&mut text).map_err(read)?;
        let config: Self = toml::from_str(&text).map_err(|error| ConfigError::Malformed {
            path: path.to_owned(),
            problem: located(&text, error.span(), error.message()),
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let datasets = config.datasets.into_iter();
        Ok(Self {
            organization: base.join(config.organization),
            collaboration: base.join(config.collaboration),
            passphrase_file: config.passphrase_file.map(|file| base.join(file)),
            ca_file: config.ca_file.map(|file| base.join(file)),
            state: base.join(config.state),
            datasets: datasets
                .map(|set| DatasetConfig { file: base.join(&set.file), ..set })
                .collect(),
            ..config
        })
    }
}

fn default_state() -> PathBuf {
    "state".into()
}

fn default_executions() -> u32 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_files_folder_and_a_misspelt_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("node.toml");
        let text = r#"
            organization = "org"
            collaboration = "/etc/lung.toml"
            [limits]
            cpu_time = 60
            [[dataset]]
            name = "patients"
            file = "north.csv"
            [[allow]]
            algorithm = "secure-sum"
            requesters = ["north"]
            datasets = { patients = ["status"] }
        "#;
        std::fs::write(&path, text).unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.organization, folder.path().join("org"));
        assert_eq!(config.collaboration, Path::new("/etc/lung.toml"));
        assert_eq!(config.datasets[0].file, folder.path().join("north.csv"));
        assert_eq!(config.limits.cpu_time.as_secs(), 60);
        assert!(!config.rules[0].error_text);

        std::fs::write(&path, text.replace("requesters", "requester")).unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 11: unknown field `requester`, expected"), "{error}");
    }
}
