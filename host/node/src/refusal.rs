//! Why a node does not take part in a task: a kind for machines and a sentence for the requester.

use anchorhold_model::printable;

use crate::privacy::Spend;

/// Why a node does not take part in a task.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// What was offered is not what somebody of the collaboration signed.
    #[error("the offer is not genuine: {0}")]
    NotGenuine(String),
    /// The task is an old one, or was offered before.
    #[error("the task was offered before, or one after it in its run")]
    Replayed,
    /// The task or its run is over, or this node's clock is wrong.
    #[error("{0}")]
    Time(String),
    /// The organization has another key than the task says.
    #[error("the task names another key of this organization than its current one")]
    OtherKey,
    /// The collaboration or the run does not allow the algorithm, or no rule of the operator.
    #[error("the algorithm is not allowed here: {0}")]
    Algorithm(String),
    /// No rule of the operator lets this requester have the algorithm.
    #[error("the operator does not allow this algorithm to this requester")]
    Requester,
    /// There are fewer parties than the operator wants.
    #[error("the operator wants at least {expected} parties, not {actual}")]
    Parties {
        /// How many the operator wants.
        expected: usize,
        /// How many there are.
        actual: usize,
    },
    /// The parties do not fill the algorithm's roles.
    #[error("{0}")]
    Roles(String),
    /// A dataset or a column of it is not there or not allowed.
    #[error("{0}")]
    Dataset(String),
    /// A dataset has fewer rows than the operator wants; how many, nobody is told.
    #[error("the dataset {0} has fewer rows than the operator wants")]
    Rows(String),
    /// The requester has had as many tasks on a dataset as the operator wants.
    #[error(
        "the operator allows {expected} tasks of this algorithm on {dataset} in a year, and you had them"
    )]
    Often {
        /// The dataset.
        dataset: String,
        /// How many the operator wants at the most.
        expected: u64,
    },
    /// The privacy budget of a dataset does not cover the task.
    #[error(
        "the privacy budget of {dataset} is {budget}, of which {spent} are spent: it does not cover {asked}"
    )]
    Budget {
        /// The dataset.
        dataset: String,
        /// What the operator allows.
        budget: Spend,
        /// What earlier tasks were given.
        spent: Spend,
        /// What this one asks for.
        asked: Spend,
    },
    /// The operator does not allow what the arguments ask for.
    #[error("the operator does not allow these arguments{0}")]
    NotAllowed(String),
    /// The component cannot be had or cannot be run.
    #[error("the component cannot be run: {0}")]
    Component(String),
    /// The arguments did not come, or are others than the task commits to.
    #[error("the arguments are not those that the task commits to")]
    Arguments,
    /// The node has as many tasks as it can.
    #[error("the node has as many tasks as it takes on at once")]
    Busy,
    /// The run is closed: what its tasks stored is destroyed.
    #[error("the run is closed")]
    Closed,
    /// The node itself cannot; its log says why.
    #[error("the node cannot take the task on; its log says why")]
    Fault,
}

impl Refusal {
    /// Returns the kind, for machines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotGenuine(_) => "not-genuine",
            Self::Replayed => "replayed",
            Self::Time(_) => "time",
            Self::OtherKey => "other-key",
            Self::Algorithm(_) => "algorithm",
            Self::Requester => "requester",
            Self::Parties { .. } => "parties",
            Self::Roles(_) => "roles",
            Self::Dataset(_) => "dataset",
            Self::Rows(_) => "rows",
            Self::Often { .. } => "often",
            Self::Budget { .. } => "budget",
            Self::NotAllowed(_) => "arguments-not-allowed",
            Self::Component(_) => "component",
            Self::Arguments => "arguments",
            Self::Busy => "busy",
            Self::Closed => "closed",
            Self::Fault => "fault",
        }
    }

    /// Returns the sentence, fit for a terminal and not too long.
    pub fn sentence(&self) -> String {
        printable(&self.to_string().chars().take(1_000).collect::<String>())
    }
}
