//! What the operator allows: who may run what on which columns. What no rule allows is refused.

mod allowed;
mod error;
mod offered;
mod unique;

pub use allowed::Allowed;
pub use error::PolicyError;

use std::collections::BTreeMap;
use std::sync::Arc;

use anchorhold_client::CollaborationFile;
use anchorhold_identity::Fingerprint;
use anchorhold_model::{Description, Digest, Limits, description};

use crate::Refusal;
use crate::config::Config;
use crate::dataset::{Dataset, Grant};
use crate::privacy::Spend;
use offered::Offered;

/// The operator's rules with their names resolved and their datasets opened.
#[derive(Debug)]
pub struct Policy {
    rules: Vec<Allowed>,
    datasets: BTreeMap<String, Offered>,
    budgets: BTreeMap<String, Spend>,
    limits: Limits,
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
            if datasets.insert(set.name.clone(), Offered::open(set)?).is_some() {
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

    /// Returns the datasets that the node offers, as they were opened last.
    pub fn datasets(&self) -> impl Iterator<Item = Arc<Dataset>> {
        self.datasets.values().map(Offered::opened)
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
    /// ones. A dataset whose file has changed is opened again: it blocks while that is read.
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
                let (Some(columns), Some(offered)) = (columns, self.datasets.get(name)) else {
                    return Err(refused(format!(
                        "the operator does not allow it the dataset {name}"
                    )));
                };
                let dataset = offered.current()?;
                let chosen = choose(needed, columns, &dataset)?;
                if !dataset.is_file() && dataset.rows() < allowed.rule.minimum_rows {
                    return Err(Refusal::Rows(name.clone()));
                }
                dataset.grant(Some(&chosen)).map_err(|_| {
                    refused(format!("{name} has not all columns any more that the operator allows"))
                })
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

#[cfg(test)]
mod tests;
