//! The server's configuration: one TOML file.

use std::fs;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The largest configuration file.
const FILE_BYTES: u64 = 64 << 10;

/// How a server is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens. Without TLS only a loopback address is taken; port 0 takes any free one.
    pub listen: SocketAddr,
    /// How nodes and people reach it, such as `https://anchorhold.example.org`: nodes sign it when
    /// they sign in. Where it is missing, it is `http://` and the address on which it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The database's file, beside the configuration where it is not absolute.
    #[serde(default = "default_database")]
    pub database: PathBuf,
}

/// What is wrong with a configuration.
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
    #[error("{path} is no server's configuration: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its place.
        problem: String,
    },
    /// Others than this machine could listen.
    #[error("the server would listen on {0} without TLS, where others could read what passes")]
    NotLoopback(SocketAddr),
}

impl Config {
    /// Reads a configuration, and makes the database's path relative to the file's folder.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, has a key that there is not, or would listen in the open.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let read = |source| ConfigError::Read { path: path.to_owned(), source };
        let mut text = String::new();
        let mut file = fs::File::open(path).map_err(read)?.take(FILE_BYTES);
        file.read_to_string(&mut text).map_err(read)?;
        let config: Self = toml::from_str(&text).map_err(|error| ConfigError::Malformed {
            path: path.to_owned(),
            problem: error.to_string().trim().replace('\n', "; "),
        })?;
        let database = path.parent().unwrap_or(Path::new("")).join(&config.database);
        Self { database, ..config }.checked()
    }

    /// Refuses a configuration that would listen in the open.
    ///
    /// # Errors
    ///
    /// Where it would.
    pub fn checked(self) -> Result<Self, ConfigError> {
        if self.listen.ip().is_loopback() {
            Ok(self)
        } else {
            Err(ConfigError::NotLoopback(self.listen))
        }
    }
}

fn default_database() -> PathBuf {
    "server.db".into()
}
