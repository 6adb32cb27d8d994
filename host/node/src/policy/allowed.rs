//! A rule of the operator's: who may run an algorithm, with which arguments, and how often.

use std::collections::BTreeMap;
use std::sync::Arc;

use anchorhold_client::CollaborationFile;
use anchorhold_identity::Fingerprint;
use anchorhold_model::{Description, Digest};
use jsonschema::Validator;

use super::PolicyError;
use super::offered::Offered;
use super::unique::Unique;
use crate::Refusal;
use crate::config::Rule;
use crate::privacy::Spend;

/// A rule whose names are resolved.
#[derive(Debug, Clone)]
pub struct Allowed {
    pub(super) rule: Rule,
    pub(super) digest: Digest,
    pub(super) requesters: Vec<Fingerprint>,
    arguments: Option<Arc<Validator>>,
}

impl Allowed {
    pub(super) fn new(
        rule: &Rule,
        file: &CollaborationFile,
        datasets: &BTreeMap<String, Offered>,
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
            let dataset =
                dataset.ok_or_else(|| not_offered(format!("the dataset {name}")))?.opened();
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

    /// Says whether the operator limits the arguments, so that they must be checked.
    pub fn limits_arguments(&self) -> bool {
        self.arguments.is_some() || self.rule.privacy.is_some()
    }

    /// Checks that the operator allows what the arguments ask for, and returns how much that spends of
    /// privacy budgets, where the algorithm promises privacy. Limited arguments must then be as the
    /// algorithm's own schema says, too: it reads an object also from an array of its values, of which
    /// a rule's schema says nothing.
    ///
    /// # Errors
    ///
    /// Where they do not fit one of the schemas, or do not say what is spent.
    pub fn check_arguments(
        &self,
        arguments: &[u8],
        description: &Description,
    ) -> Result<Option<Spend>, Refusal> {
        if !self.limits_arguments() {
            return Ok(None);
        }
        let refused = |text: String| Refusal::NotAllowed(text);
        let Unique(arguments) = serde_json::from_slice(arguments)
            .map_err(|error| refused(format!(": they are not JSON as it must be: {error}")))?;
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
        let Some(pointers) = &self.rule.privacy else { return Ok(None) };
        let spend = pointers.read(&arguments).map_err(|pointer| {
            refused(format!(" at {pointer}: it must say how much privacy is spent"))
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

    /// Says whether the requester is told the algorithm's own words, of an error or of its
    /// progress.
    pub fn error_text(&self) -> bool {
        self.rule.error_text
    }
}
