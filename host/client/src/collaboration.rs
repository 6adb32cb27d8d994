//! The collaboration file, which members give each other outside the server: whom each of them
//! pinned, and on which algorithms they agreed.

mod error;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use anchorhold_identity::Fingerprint;
use anchorhold_model::{Collaboration, Digest, Member, located};
use serde::{Deserialize, Serialize};

use crate::origin::Origin;

pub use error::{AmbiguousName, CollaborationFileError, InvalidCollaboration};

/// The largest file: 256 organizations and 64 algorithms have 60 KB.
const FILE_BYTES: u64 = 1 << 20;
/// The longest `name@version`.
const ALGORITHM_BYTES: usize = 128;

/// A collaboration, where its server is, and what its algorithms are called.
///
/// What the members agree on, and what the id is of, is the [`Collaboration`]; server and names are
/// for convenience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollaborationFile {
    server: Origin,
    collaboration: Collaboration,
    algorithms: Vec<NamedAlgorithm>,
}

/// An algorithm under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedAlgorithm {
    /// `name@version`.
    pub name: String,
    /// The digest of its component.
    pub digest: Digest,
}

impl CollaborationFile {
    /// Puts a file together.
    ///
    /// # Errors
    ///
    /// Where names are none, or something is there twice.
    pub fn new(
        name: &str,
        server: Origin,
        members: Vec<(String, Fingerprint)>,
        mut algorithms: Vec<NamedAlgorithm>,
    ) -> Result<Self, InvalidCollaboration> {
        algorithms.sort_unstable_by(|a, b| (&a.name, a.digest).cmp(&(&b.name, b.digest)));
        for (position, NamedAlgorithm { name, digest }) in algorithms.iter().enumerate() {
            if !is_algorithm_name(name) {
                return Err(InvalidCollaboration::AlgorithmName(name.chars().take(80).collect()));
            }
            if algorithms.iter().skip(position + 1).any(|other| other.digest == *digest) {
                return Err(InvalidCollaboration::Repeated(digest.to_string()));
            }
        }
        let member = |(name, fingerprint): (String, Fingerprint)| Member {
            name,
            organization: *fingerprint.as_bytes(),
        };
        let members = members.into_iter().map(member).collect();
        let digests = algorithms.iter().map(|algorithm| algorithm.digest).collect();
        let collaboration = Collaboration::new(name.to_owned(), members, digests)?;
        Ok(Self { server, collaboration, algorithms })
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, is too large, or is no collaboration.
    pub fn read(path: &Path) -> Result<Self, CollaborationFileError> {
        let mut text = String::new();
        let failed = |source| CollaborationFileError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("this is not a file")));
        }
        file.take(FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if u64::try_from(text.len()).is_ok_and(|length| length > FILE_BYTES) {
            return Err(failed(io::Error::other(format!("it has more than {FILE_BYTES} bytes"))));
        }
        Self::parse(&text)
            .map_err(|source| CollaborationFileError::Invalid { path: path.to_owned(), source })
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// Where it is no collaboration.
    pub fn parse(text: &str) -> Result<Self, InvalidCollaboration> {
        let file: FileText = toml::from_str(text).map_err(|error| {
            InvalidCollaboration::Toml(located(text, error.span(), error.message()))
        })?;
        let members =
            file.organization.into_iter().map(|MemberText { name, fingerprint }| match fingerprint
                .parse()
            {
                Ok(fingerprint) => Ok((name, fingerprint)),
                Err(source) => {
                    Err(InvalidCollaboration::Fingerprint { organization: shown(&name), source })
                }
            });
        let members = members.collect::<Result<_, _>>()?;
        let algorithms =
            file.algorithm.into_iter().map(|AlgorithmText { name, digest }| match digest.parse() {
                Ok(digest) => Ok(NamedAlgorithm { name, digest }),
                Err(source) => {
                    Err(InvalidCollaboration::Digest { algorithm: shown(&name), source })
                }
            });
        let algorithms = algorithms.collect::<Result<_, _>>()?;
        Self::new(&file.name, file.server.parse()?, members, algorithms)
    }

    /// Returns the text that [`CollaborationFile::parse`] reads.
    pub fn to_toml(&self) -> String {
        // Names and texts here need no escape: their characters were checked.
        let mut toml =
            format!("name = \"{}\"\nserver = \"{}\"\n", self.collaboration.name(), self.server);
        for (name, fingerprint) in self.members() {
            let item = format!("name = \"{name}\"\nfingerprint = \"{fingerprint}\"");
            write!(toml, "\n[[organization]]\n{item}\n").expect("a text takes all");
        }
        for NamedAlgorithm { name, digest } in &self.algorithms {
            let item = format!("name = \"{name}\"\ndigest = \"{digest}\"");
            write!(toml, "\n[[algorithm]]\n{item}\n").expect("a text takes all");
        }
        toml
    }

    /// Returns what the members agreed on.
    pub fn collaboration(&self) -> &Collaboration {
        &self.collaboration
    }

    /// Returns where the server is.
    pub fn server(&self) -> &Origin {
        &self.server
    }

    /// Returns the names and fingerprints of the members, in the order of their names.
    pub fn members(&self) -> impl Iterator<Item = (&str, Fingerprint)> {
        let members = self.collaboration.members().iter();
        members.map(|member| (&*member.name, Fingerprint::from_bytes(member.organization)))
    }

    /// Returns what a member is called.
    pub fn member_name(&self, organization: &Fingerprint) -> Option<&str> {
        Some(&self.collaboration.member(organization.as_bytes())?.name)
    }

    /// Returns the fingerprint of a member.
    pub fn fingerprint_of(&self, name: &str) -> Option<Fingerprint> {
        self.members().find(|(member, _)| *member == name).map(|(_, fingerprint)| fingerprint)
    }

    /// Returns the algorithms, in the order of their names.
    pub fn algorithms(&self) -> &[NamedAlgorithm] {
        &self.algorithms
    }

    /// Returns the `name@version` of an algorithm.
    pub fn algorithm_name(&self, digest: &Digest) -> Option<&str> {
        let algorithm = self.algorithms.iter().find(|algorithm| algorithm.digest == *digest)?;
        Some(&algorithm.name)
    }

    /// Returns the digest of an algorithm by its `name@version`, or by its name where it is there
    /// in one version.
    ///
    /// # Errors
    ///
    /// Where several are called so.
    pub fn digest_of(&self, name: &str) -> Result<Option<Digest>, AmbiguousName> {
        let called = |algorithm: &&NamedAlgorithm| match name.contains('@') {
            true => algorithm.name == name,
            false => algorithm.name.split('@').next() == Some(name),
        };
        let found: Vec<&NamedAlgorithm> = self.algorithms.iter().filter(called).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.digest)),
            several => {
                let said = |algorithm: &&NamedAlgorithm| {
                    format!("{} ({})", algorithm.name, algorithm.digest)
                };
                let algorithms = several.iter().map(said).collect();
                Err(AmbiguousName { name: name.to_owned(), algorithms })
            }
        }
    }
}

/// Says whether a text is `name@version`, of characters that a description allows.
fn is_algorithm_name(text: &str) -> bool {
    let Some((name, version)) = text.split_once('@') else { return false };
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let in_version = |c: char| c.is_ascii_digit() || c == '.';
    let fits = !name.is_empty() && !version.is_empty() && text.len() <= ALGORITHM_BYTES;
    fits && name.chars().all(in_name) && version.chars().all(in_version)
}

fn shown(name: &str) -> String {
    anchorhold_model::printable(&name.chars().take(80).collect::<String>())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    name: String,
    server: String,
    #[serde(default)]
    organization: Vec<MemberText>,
    #[serde(default)]
    algorithm: Vec<AlgorithmText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberText {
    name: String,
    fingerprint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlgorithmText {
    name: String,
    digest: String,
}

#[cfg(test)]
mod tests;
