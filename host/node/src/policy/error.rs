//! Why the operator's rules cannot be kept.

use std::path::PathBuf;

use anchorhold_client::AmbiguousName;

use crate::dataset::{DatasetError, DeclarationError};

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
