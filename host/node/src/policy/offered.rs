//! A dataset as the operator declares it, opened again when its file has changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PolicyError;
use crate::Refusal;
use crate::config::{DatasetConfig, DatasetKind};
use crate::dataset::{Dataset, NULL_TEXTS, parse_columns};

/// A dataset that a node offers.
#[derive(Debug)]
pub(super) struct Offered {
    declared: DatasetConfig,
    opened: Mutex<Arc<Dataset>>,
}

impl Offered {
    /// Opens what an operator declares.
    pub(super) fn open(declared: &DatasetConfig) -> Result<Self, PolicyError> {
        let opened = Mutex::new(Arc::new(open(declared)?));
        Ok(Self { declared: declared.clone(), opened })
    }

    /// Returns it as it was opened last.
    pub(super) fn opened(&self) -> Arc<Dataset> {
        self.last().clone()
    }

    /// Returns it as it is: opened again, where its file has changed.
    pub(super) fn current(&self) -> Result<Arc<Dataset>, Refusal> {
        let mut opened = self.last();
        if !opened.is_current() {
            let name = &self.declared.name;
            let again = open(&self.declared).map_err(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a dataset has changed and cannot be offered any more");
                Refusal::Dataset(format!(
                    "the dataset {name} cannot be read; the node's log says why"
                ))
            })?;
            tracing::info!("the dataset {name} has changed: it has {} now", again.size());
            *opened = Arc::new(again);
        }
        Ok(opened.clone())
    }

    fn last(&self) -> MutexGuard<'_, Arc<Dataset>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
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
