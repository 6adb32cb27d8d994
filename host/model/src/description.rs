//! What an algorithm says of itself, checked: it comes from a guest.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{limits, printable};

/// The most roles or datasets of a description, and the most columns of a dataset.
const ITEMS: usize = 1_000;
/// The longest sentence.
const SENTENCE_BYTES: usize = 4_096;

/// What an algorithm says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    name: String,
    version: String,
    summary: String,
    roles: Vec<Role>,
    arguments: serde_json::Value,
    datasets: Vec<Dataset>,
    security: Security,
}

/// A role that parties play.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    /// The role's name, unique in the description.
    pub name: String,
    /// How many parties play it at the least.
    pub min_parties: u32,
    /// How many parties play it at the most, if there is a bound.
    pub max_parties: Option<u32>,
    /// What a party in this role learns.
    pub learns: String,
}

/// A dataset that an algorithm reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dataset {
    /// The name under which the algorithm reads it.
    pub name: String,
    /// The roles that read it; empty means all.
    pub roles: Vec<String>,
    /// The columns needed whatever the arguments say.
    pub columns: Vec<Column>,
    /// Whether the arguments name further columns.
    pub columns_by_argument: bool,
    /// Whether it may be a file instead of a table.
    pub file: bool,
}

/// A column of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Whether it may have nulls.
    pub nullable: bool,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Signed 64-bit integers.
    Int64,
    /// IEEE 754 double-precision numbers.
    Float64,
    /// UTF-8 text.
    Utf8,
    /// True or false.
    Boolean,
}

/// What a protocol protects, and against whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Security {
    /// What corrupt parties may do.
    pub corruption: CorruptionModel,
    /// Which parties may collude without learning more.
    pub collusion: String,
    /// What is revealed beyond the result.
    pub leaks: String,
}

/// What corrupt parties may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorruptionModel {
    /// They follow the protocol and look at what they receive.
    SemiHonest,
    /// They may send anything.
    Malicious,
}

/// Why a description is not accepted: a sentence that names the part, what was expected and what
/// came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DescriptionError(String);

/// The parts of a description as the guest gave them.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The algorithm's name.
    pub name: String,
    /// The algorithm's version.
    pub version: String,
    /// What it computes.
    pub summary: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// The JSON Schema of the arguments, as text.
    pub arguments: String,
    /// The datasets.
    pub datasets: Vec<Dataset>,
    /// What it protects.
    pub security: Security,
}

impl Description {
    /// Checks what a guest says of itself.
    ///
    /// # Errors
    ///
    /// The first part that is not as the contract says.
    pub fn new(parts: Parts) -> Result<Self, DescriptionError> {
        let Parts { name, version, summary, roles, arguments, datasets, security } = parts;
        if !is_name(&name, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err(error("name", "lower-case letters, digits and hyphens", &name));
        }
        if !is_version(&version) {
            return Err(error("version", "major.minor.patch", &version));
        }
        check_sentence("summary", &summary)?;
        check_roles(&roles)?;
        check_datasets(&datasets, &roles)?;
        check_sentence("security.collusion", &security.collusion)?;
        check_sentence("security.leaks", &security.leaks)?;
        let arguments: serde_json::Value = serde_json::from_str(&arguments).map_err(|cause| {
            DescriptionError(format!("arguments must be a JSON Schema, but: {cause}"))
        })?;
        if !arguments.is_object() {
            return Err(error("arguments", "a JSON Schema, an object", &arguments.to_string()));
        }
        Ok(Self { name, version, summary, roles, arguments, datasets, security })
    }

    /// Returns the algorithm's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the algorithm's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns what it computes, in one sentence.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Returns the roles; at least one.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Returns the JSON Schema of the arguments: an object.
    pub fn arguments(&self) -> &serde_json::Value {
        &self.arguments
    }

    /// Returns the datasets that it reads.
    pub fn datasets(&self) -> &[Dataset] {
        &self.datasets
    }

    /// Returns what it protects.
    pub fn security(&self) -> &Security {
        &self.security
    }
}

impl Role {
    /// Says whether a number of parties may play it.
    pub fn allows(&self, parties: usize) -> bool {
        let at_most = |max| u32::try_from(parties).is_ok_and(|parties| parties <= max);
        u32::try_from(parties).is_ok_and(|parties| parties >= self.min_parties)
            && self.max_parties.is_none_or(at_most)
    }

    /// Says for people how many parties play it.
    pub fn number(&self) -> String {
        match (self.min_parties, self.max_parties) {
            (min, None) => format!("at least {min}"),
            (min, Some(max)) if min == max => format!("exactly {min}"),
            (min, Some(max)) => format!("{min} to {max}"),
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Utf8 => "utf8",
            Self::Boolean => "boolean",
        })
    }
}

impl FromStr for ColumnType {
    type Err = DescriptionError;

    fn from_str(text: &str) -> Result<Self, DescriptionError> {
        [Self::Int64, Self::Float64, Self::Utf8, Self::Boolean]
            .into_iter()
            .find(|known| known.to_string() == text)
            .ok_or_else(|| error("column type", "int64, float64, utf8 or boolean", text))
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nullable = if self.nullable { "?" } else { "" };
        write!(f, "{}:{}{nullable}", self.name, self.column_type)
    }
}

impl fmt::Display for CorruptionModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SemiHonest => "semi-honest",
            Self::Malicious => "malicious",
        })
    }
}

fn check_roles(roles: &[Role]) -> Result<(), DescriptionError> {
    if roles.is_empty() || roles.len() > ITEMS {
        return Err(error("roles", "1 to 1,000 roles", &roles.len().to_string()));
    }
    check_names("role", roles.iter().map(|role| &role.name))?;
    for role in roles {
        check_sentence("what a role learns", &role.learns)?;
        if role.max_parties.is_some_and(|max| max < role.min_parties) {
            let name = &role.name;
            return Err(DescriptionError(format!(
                "role {name:?} has max-parties below min-parties"
            )));
        }
    }
    Ok(())
}

fn check_datasets(datasets: &[Dataset], roles: &[Role]) -> Result<(), DescriptionError> {
    if datasets.len() > ITEMS {
        return Err(error("datasets", "at most 1,000", &datasets.len().to_string()));
    }
    check_names("dataset", datasets.iter().map(|dataset| &dataset.name))?;
    for Dataset { name, roles: readers, columns, .. } in datasets {
        if columns.len() > ITEMS {
            return Err(error("columns", "at most 1,000", &columns.len().to_string()));
        }
        for column in columns {
            check_sentence("the name of a column", &column.name)?;
        }
        let unknown = |reader: &&String| !roles.iter().any(|role| role.name == **reader);
        if let Some(reader) = readers.iter().find(unknown) {
            return Err(error(&format!("a role of dataset {name:?}"), "a role", reader));
        }
    }
    Ok(())
}

fn check_names<'a>(
    what: &str,
    names: impl Iterator<Item = &'a String>,
) -> Result<(), DescriptionError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !is_name(name, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(error(what, "letters, digits, hyphens and underscores", name));
        }
        if !seen.insert(name) {
            return Err(DescriptionError(format!("{what} {name:?} is there twice")));
        }
    }
    Ok(())
}

fn check_sentence(what: &str, text: &str) -> Result<(), DescriptionError> {
    if text.is_empty() || text.len() > SENTENCE_BYTES || printable(text) != text {
        return Err(error(what, "one line of 1 to 4,096 bytes", text));
    }
    Ok(())
}

fn is_name(name: &str, allowed: impl Fn(char) -> bool) -> bool {
    !name.is_empty() && name.len() <= limits::NAME_BYTES && name.chars().all(allowed)
}

fn is_version(version: &str) -> bool {
    let number = |part: &str| part.parse::<u32>().is_ok_and(|number| number.to_string() == part);
    version.split('.').count() == 3 && version.split('.').all(number)
}

fn error(what: &str, expected: &str, actual: &str) -> DescriptionError {
    let actual: String = actual.chars().take(80).collect();
    DescriptionError(format!("{what} must be {expected}, not {actual:?}"))
}

#[cfg(test)]
mod tests;
