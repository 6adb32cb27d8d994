//! The server's configuration: one TOML file.

use std::fs;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anchorhold_model::located;
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
    /// After how many seconds without a link a node's executions are lost: the other parties are
    /// told then that it went away. It is between 1 and 86,400; 60 where it is missing.
    #[serde(default = "default_lost_after")]
    pub lost_after: u64,
    /// The certificate with which it serves over TLS. Without it, it listens on this machine only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConfig>,
}

/// Where a server's certificate is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// A PEM file with the server's certificate, and those that lead to its root. It is beside the
    /// configuration where it is not absolute.
    pub certificate: PathBuf,
    /// A PEM file with the certificate's private key, beside the configuration where it is not
    /// absolute. Whoever can read it can pretend to be this server.
    pub key: PathBuf,
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
    /// A time makes no sense.
    #[error("lost_after is between 1 and 86400 seconds, not {0}")]
    LostAfter(u64),
    /// A certificate or a key cannot be used.
    #[error("{path} {problem}")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl Config {
    /// Returns the configuration of a server with nothing but what it must have.
    pub fn new(listen: SocketAddr, database: PathBuf) -> Self {
        Self { listen, origin: None, database, lost_after: default_lost_after(), tls: None }
    }

    /// Reads a configuration, and makes its paths relative to the file's folder.
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
            problem: located(&text, error.span(), error.message()),
        })?;
        let beside = |file: &PathBuf| path.parent().unwrap_or(Path::new("")).join(file);
        let tls = config.tls.as_ref().map(|TlsConfig { certificate, key }| TlsConfig {
            certificate: beside(certificate),
            key: beside(key),
        });
        Self { database: beside(&config.database), tls, ..config }.checked()
    }

    /// Refuses a configuration that would listen in the open.
    ///
    /// # Errors
    ///
    /// Where it would, or a number is none that it may be.
    pub fn checked(self) -> Result<Self, ConfigError> {
        if !(1..=86_400).contains(&self.lost_after) {
            return Err(ConfigError::LostAfter(self.lost_after));
        }
        if self.tls.is_none() && !self.listen.ip().is_loopback() {
            return Err(ConfigError::NotLoopback(self.listen));
        }
        Ok(self)
    }
}

fn default_database() -> PathBuf {
    "server.db".into()
}

fn default_lost_after() -> u64 {
    60
}
