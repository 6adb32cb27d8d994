//! What the operator allows: who may run what on which columns. What no rule allows is refused.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anchorhold_client::{AmbiguousName, CollaborationFile};
use anchorhold_identity::Fingerprint;
use anchorhold_model::{Description, Digest, Limits, description};
use jsonschema::Validator;

use crate::Refusal;
use crate::config::{Config, DatasetConfig, DatasetKind, Rule};
use crate::dataset::{Dataset, DatasetError, DeclarationError, Grant, NULL_TEXTS, parse_columns};
use crate::privacy::Spend;

/// The operator's rules with their names resolved and their datasets opened.
#[derive(Debug)]
pub struct Policy {
    rules: Vec<Allowed>,
    datasets: BTreeMap<String, Arc<Dataset>>,
    budgets: BTreeMap<String, Spend>,
    limits: Limits,
}

/// A rule whose names are resolved.
#[derive(Debug, Clone)]
pub struct Allowed {
    rule: Rule,
    digest: Digest,
    requesters: Vec<Fingerprint>,
    arguments: Option<Arc<Validator>>,
}

/// Why the operator's rules cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A dataset cannot be opened.
    #[error("the dataset {name} cannot be offered")]
    Dataset {
        /// Its name.
        name: String,
        /// What is wrong.
        source: DatasetError,
    },
    /// The types of a dataset's columns are none.
    #[error("the dataset {name} cannot be offered")]
    Types {
        /// Its name.
        name: String,
        /// What is wrong.
        source: DeclarationError,
    },
    /// Columns are described of what has none.
    #[error("the dataset {0} is a file: it has no columns whose types or nulls could be told")]
    NotATable(String),
    /// A budget is none.
    #[error(
        "the privacy budget of {0} must have an epsilon that is finite and not negative, and a delta from 0 \
         to below 1"
    )]
    Budget(String),
    /// Two datasets have one name.
    #[error("two datasets are called {0}")]
    Repeated(String),
    /// A rule names an algorithm that the collaboration file has not.
    #[error("a rule allows {algorithm:?}, which is no digest and no algorithm of {collaboration}")]
    Algorithm {
        /// What the rule says.
        algorithm: String,
        /// The collaboration file.
        collaboration: PathBuf,
    },
    /// A rule names an algorithm of which there are several versions.
    #[error(transparent)]
    Ambiguous(#[from] AmbiguousName),
    /// A rule names somebody who is no member.
    #[error("a rule allows {algorithm} to {requester:?}, who is no member of the collaboration")]
    Requester {
        /// The algorithm.
        algorithm: String,
        /// What the rule says.
        requester: String,
    },
    /// What a rule says of arguments is no JSON Schema.
    #[error("what a rule says of the arguments of {algorithm} is no JSON Schema: {problem}")]
    Schema {
        /// The algorithm.
        algorithm: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A rule names a dataset or a column that the node does not offer.
    #[error("a rule allows {algorithm} {what}, which this node does not offer")]
    NotOffered {
        /// The algorithm.
        algorithm: String,
        /// The dataset or column.
        what: String,
    },
}

impl Policy {
    /// Resolves the names of a configuration and opens its datasets.
    ///
    /// # Errors
    ///
    /// Where a dataset cannot be opened, or a rule names what is not there.
    pub fn new(config: &Config, file: &CollaborationFile) -> Result<Self, PolicyError> {
        let mut datasets = BTreeMap::new();
        let mut budgets = BTreeMap::new();
        for set in &config.datasets {
            if let Some(budget) = set.privacy_budget {
                if !budget.is_valid() {
                    return Err(PolicyError::Budget(set.name.clone()));
                }
                budgets.insert(set.name.clone(), budget);
            }
            if datasets.insert(set.name.clone(), Arc::new(open(set)?)).is_some() {
                return Err(PolicyError::Repeated(set.name.clone()));
            }
        }
        let rules: Result<Vec<_>, _> = config
            .rules
            .iter()
            .map(|rule| Allowed::new(rule, file, &datasets, &config.collaboration))
            .collect();
        Ok(Self { rules: rules?, datasets, budgets, limits: config.limits.clone() })
    }

    /// Returns the datasets that the node offers.
    pub fn datasets(&self) -> impl Iterator<Item = &Arc<Dataset>> {
        self.datasets.values()
    }

    /// Returns how much all tasks together may spend of a dataset, if the operator says.
    pub fn privacy_budget(&self, dataset: &str) -> Option<&Spend> {
        self.budgets.get(dataset)
    }

    /// Returns the limits of an execution whose task wants others.
    pub fn limits(&self, wanted: &Limits) -> Limits {
        wanted.within(&self.limits)
    }

    /// Returns the rule that lets a requester run an algorithm among so many parties.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn rule(
        &self,
        requester: &Fingerprint,
        digest: &Digest,
        parties: usize,
    ) -> Result<&Allowed, Refusal> {
        let mut of_algorithm = self.rules.iter().filter(|rule| rule.digest == *digest).peekable();
        if of_algorithm.peek().is_none() {
            return Err(Refusal::Algorithm("the operator has no rule for it".into()));
        }
        let rule = of_algorithm.find(|rule| rule.requesters.contains(requester));
        let rule = rule.ok_or(Refusal::Requester)?;
        let expected = rule.rule.minimum_parties;
        if parties < expected {
            return Err(Refusal::Parties { expected, actual: parties });
        }
        Ok(rule)
    }

    /// Returns what an execution is granted of the datasets that its task asks for: the columns
    /// that the algorithm says it needs, or all that the rule allows where arguments name further
    /// ones.
    ///
    /// # Errors
    ///
    /// Where a dataset or a column is not there, not allowed or not as the algorithm needs it, or a
    /// dataset has too few rows.
    pub fn grants(
        &self,
        allowed: &Allowed,
        wanted: &[String],
        (description, role): (&Description, &str),
    ) -> Result<Vec<Grant>, Refusal> {
        let refused = |text: String| Refusal::Dataset(text);
        for needed in description.datasets().iter().filter(|set| is_read_by(set, role)) {
            if !wanted.contains(&needed.name) {
                let text = format!("the task asks for no dataset {}, which is needed", needed.name);
                return Err(refused(text));
            }
        }
        let mut names = std::collections::BTreeSet::new();
        if let Some(twice) = wanted.iter().find(|name| !names.insert(*name)) {
            return Err(refused(format!("the task asks twice for the dataset {twice}")));
        }
        wanted
            .iter()
            .map(|name| {
                let needed = description.datasets().iter().find(|set| set.name == *name);
                let needed = needed.filter(|set| is_read_by(set, role)).ok_or_else(|| {
                    refused(format!("the algorithm reads no dataset {name} in the role {role}"))
                })?;
                let columns = allowed.rule.datasets.get(name);
                let (Some(columns), Some(dataset)) = (columns, self.datasets.get(name)) else {
                    return Err(refused(format!(
                        "the operator does not allow it the dataset {name}"
                    )));
                };
                let chosen = choose(needed, columns, dataset)?;
                if !dataset.is_file() && dataset.rows() < allowed.rule.minimum_rows {
                    return Err(Refusal::Rows(name.clone()));
                }
                dataset.grant(Some(&chosen)).map_err(|error| refused(error.to_string()))
            })
            .collect()
    }
}

fn is_read_by(dataset: &description::Dataset, role: &str) -> bool {
    dataset.roles.is_empty() || dataset.roles.iter().any(|name| name == role)
}

/// Chooses the columns that an algorithm gets, and checks that they are as it needs them.
fn choose(
    needed: &description::Dataset,
    allowed: &[String],
    dataset: &Dataset,
) -> Result<Vec<String>, Refusal> {
    let name = &needed.name;
    if dataset.is_file() {
        return match needed.file {
            true => Ok(Vec::new()),
            false => Err(Refusal::Dataset(format!(
                "{name} is a file at this node, and the algorithm needs a table"
            ))),
        };
    }
    for column in &needed.columns {
        if !allowed.contains(&column.name) {
            let text =
                format!("the operator does not allow it the column {} of {name}", column.name);
            return Err(Refusal::Dataset(text));
        }
        let offered = dataset.columns().iter().find(|offered| offered.column.name == column.name);
        let problem = match offered {
            None => "is not there",
            Some(offered) if offered.column.column_type != column.column_type => {
                "has another type than the algorithm needs"
            }
            Some(offered) if offered.nulls > 0 && !column.nullable => {
                "has nulls, of which the algorithm accepts none"
            }
            Some(_) => continue,
        };
        let text = format!("the column {} of {name} {problem}", column.name);
        return Err(Refusal::Dataset(text));
    }
    if needed.columns_by_argument {
        return Ok(allowed.to_vec());
    }
    Ok(needed.columns.iter().map(|column| column.name.clone()).collect())
}

impl Allowed {
    fn new(
        rule: &Rule,
        file: &CollaborationFile,
        datasets: &BTreeMap<String, Arc<Dataset>>,
        path: &std::path::Path,
    ) -> Result<Self, PolicyError> {
        let algorithm = || PolicyError::Algorithm {
            algorithm: rule.algorithm.clone(),
            collaboration: path.to_owned(),
        };
        let digest = match rule.algorithm.parse() {
            Ok(digest) => digest,
            Err(_) => file.digest_of(&rule.algorithm)?.ok_or_else(algorithm)?,
        };
        let requesters: Result<Vec<_>, _> = rule
            .requesters
            .iter()
            .map(|name| {
                file.fingerprint_of(name).ok_or_else(|| PolicyError::Requester {
                    algorithm: rule.algorithm.clone(),
                    requester: name.clone(),
                })
            })
            .collect();
        for (name, columns) in &rule.datasets {
            let not_offered =
                |what| PolicyError::NotOffered { algorithm: rule.algorithm.clone(), what };
            let dataset = datasets.get(name);
            let dataset = dataset.ok_or_else(|| not_offered(format!("the dataset {name}")))?;
            let offers = |column: &&String| {
                !dataset.columns().iter().any(|offered| offered.column.name == **column)
            };
            if let Some(column) = columns.iter().find(offers) {
                return Err(not_offered(format!("the column {column} of {name}")));
            }
        }
        let schema = rule.arguments.as_ref().map(jsonschema::validator_for).transpose();
        let arguments = schema.map_err(|error| PolicyError::Schema {
            algorithm: rule.algorithm.clone(),
            problem: error.to_string(),
        })?;
        Ok(Self {
            rule: rule.clone(),
            digest,
            requesters: requesters?,
            arguments: arguments.map(Arc::new),
        })
    }

    /// Checks that the operator allows what the arguments ask for. They must then be as the algorithm's own
    /// schema says, too: it reads an object also from an array of its values, of which a rule's schema says
    /// nothing.
    ///
    /// # Errors
    ///
    /// Where they do not fit one of the schemas.
    pub fn check_arguments(
        &self,
        arguments: &[u8],
        description: &Description,
    ) -> Result<(), Refusal> {
        if self.arguments.is_none() && self.rule.privacy.is_none() {
            return Ok(());
        }
        let refused = |text: String| Refusal::NotAllowed(text);
        let arguments: serde_json::Value = serde_json::from_slice(arguments)
            .map_err(|error| refused(format!(": they are not JSON: {error}")))?;
        if !arguments.is_object() {
            return Err(refused(": they are no object".to_owned()));
        }
        let own = jsonschema::validator_for(description.arguments())
            .map_err(|error| refused(format!(": the algorithm's own schema is none: {error}")))?;
        for schema in self.arguments.as_deref().into_iter().chain([&own]) {
            schema.validate(&arguments).map_err(|error| {
                let path = error.instance_path().to_string();
                let place = if path.is_empty() { String::new() } else { format!(" at {path}") };
                refused(format!("{place}: {error}"))
            })?;
        }
        Ok(())
    }

    /// Returns how much a task spends of the privacy budgets, where its algorithm promises privacy.
    ///
    /// # Errors
    ///
    /// Where the arguments do not say.
    pub fn spend(&self, arguments: &[u8]) -> Result<Option<Spend>, Refusal> {
        let Some(pointers) = &self.rule.privacy else { return Ok(None) };
        let arguments = serde_json::from_slice(arguments).unwrap_or_default();
        let spend = pointers.read(&arguments).map_err(|pointer| {
            Refusal::NotAllowed(format!(" at {pointer}: it must say how much privacy is spent"))
        });
        spend.map(Some)
    }

    /// Checks that the requester may have one more task that reads these datasets.
    ///
    /// # Errors
    ///
    /// Where it has had as many of one of them as the rule allows.
    pub fn check_tasks(
        &self,
        datasets: &[String],
        had: impl Fn(&str) -> u64,
    ) -> Result<(), Refusal> {
        let Some(expected) = self.rule.maximum_tasks else { return Ok(()) };
        match datasets.iter().find(|dataset| had(dataset) >= expected) {
            None => Ok(()),
            Some(dataset) => Err(Refusal::Often { dataset: dataset.clone(), expected }),
        }
    }

    /// Says whether the requester is told the text of an error that the algorithm returns.
    pub fn error_text(&self) -> bool {
        self.rule.error_text
    }
}

fn open(set: &DatasetConfig) -> Result<Dataset, PolicyError> {
    let name = || set.name.clone();
    if set.kind == DatasetKind::File {
        if set.types.is_some() || set.nulls.is_some() {
            return Err(PolicyError::NotATable(name()));
        }
        return Dataset::open_file(&set.name, &set.file)
            .map_err(|source| PolicyError::Dataset { name: name(), source });
    }
    let declared = match &set.types {
        Some(types) => {
            parse_columns(types).map_err(|source| PolicyError::Types { name: name(), source })?
        }
        None => Vec::new(),
    };
    let opened = match &set.nulls {
        Some(nulls) => Dataset::open(&set.name, &set.file, &declared, nulls),
        None => Dataset::open(&set.name, &set.file, &declared, &NULL_TEXTS),
    };
    opened.map_err(|source| PolicyError::Dataset { name: name(), source })
}

#[cfg(test)]
mod tests;
