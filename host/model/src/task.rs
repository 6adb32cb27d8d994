//! What an execution is told about its task, and what passes between its parties.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Description, RunId, TaskId, limits};

/// A party's place in a task: an index from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seat(pub u32);

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One party of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The organization's name in the collaboration.
    pub organization: String,
    /// The role that the party plays.
    pub role: String,
}

/// A message of one party to another.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The party that sent it, as the host knows it.
    pub sender: Seat,
    /// The topic that the sender gave.
    pub topic: String,
    /// The bytes that the sender gave.
    pub body: Vec<u8>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, topic, body } = self;
        write!(f, "Message({sender}, {topic:?}, {} bytes)", body.len())
    }
}

/// One party's view of a task: what its execution is started with.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    run_id: RunId,
    task_id: TaskId,
    seat: Seat,
    parties: Vec<Party>,
    arguments: Vec<u8>,
    datasets: Vec<String>,
}

/// Why a task cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The execution's seat is none of the task's.
    #[error("seat {seat} is not among the task's {parties} parties")]
    NoSuchSeat {
        /// The seat asked for.
        seat: Seat,
        /// How many parties the task has.
        parties: usize,
    },
    /// There are more parties than a task may have.
    #[error("a task has at most {max} parties, not {0}", max = limits::PARTIES)]
    TooManyParties(usize),
    /// The arguments are larger than they may be.
    #[error("the arguments of a party have at most {max} bytes, not {0}", max = limits::ARGUMENT_BYTES)]
    ArgumentsTooLarge(usize),
    /// A party plays a role that the algorithm does not have.
    #[error(
        "{organization} plays the role {role:?}, which the algorithm does not have; its roles: {roles}"
    )]
    NoSuchRole {
        /// The party's organization.
        organization: String,
        /// The role that it plays.
        role: String,
        /// The roles there are.
        roles: String,
    },
    /// A role is played by too few or too many parties.
    #[error("the role {role:?} is for {expected} parties, not {actual}")]
    WrongNumber {
        /// The role.
        role: String,
        /// How many parties it is for, for people.
        expected: String,
        /// How many parties play it.
        actual: usize,
    },
}

impl Task {
    /// Puts a task together; the datasets are sorted.
    ///
    /// # Errors
    ///
    /// Where the seat is not among the parties, or a limit is passed.
    pub fn new(
        (run_id, task_id): (RunId, TaskId),
        seat: Seat,
        parties: Vec<Party>,
        arguments: Vec<u8>,
        mut datasets: Vec<String>,
    ) -> Result<Self, TaskError> {
        if parties.len() > limits::PARTIES {
            return Err(TaskError::TooManyParties(parties.len()));
        }
        if arguments.len() > limits::ARGUMENT_BYTES {
            return Err(TaskError::ArgumentsTooLarge(arguments.len()));
        }
        let task = Self { run_id, task_id, seat, parties, arguments, datasets: Vec::new() };
        if task.party(seat).is_none() {
            return Err(TaskError::NoSuchSeat { seat, parties: task.parties.len() });
        }
        datasets.sort_unstable();
        Ok(Self { datasets, ..task })
    }

    /// Checks that the parties fill the algorithm's roles.
    ///
    /// # Errors
    ///
    /// The first party or role that does not fit.
    pub fn check_roles(&self, description: &Description) -> Result<(), TaskError> {
        let roles = description.roles();
        for Party { organization, role } in &self.parties {
            if !roles.iter().any(|known| known.name == *role) {
                let roles: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
                return Err(TaskError::NoSuchRole {
                    organization: organization.clone(),
                    role: role.clone(),
                    roles: roles.join(", "),
                });
            }
        }
        for role in roles {
            let actual = self.parties.iter().filter(|party| party.role == role.name).count();
            if !role.allows(actual) {
                return Err(TaskError::WrongNumber {
                    role: role.name.clone(),
                    expected: role.number(),
                    actual,
                });
            }
        }
        Ok(())
    }

    /// Returns the run that the task belongs to.
    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Returns the task's id.
    pub fn task_id(&self) -> TaskId {
        self.task_id
    }

    /// Returns this execution's seat.
    pub fn seat(&self) -> Seat {
        self.seat
    }

    /// Returns this execution's party.
    pub fn own_party(&self) -> &Party {
        self.party(self.seat).expect("the seat was checked when the task was made")
    }

    /// Returns the parties in the order of their seats.
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// Returns the party at a seat.
    pub fn party(&self, seat: Seat) -> Option<&Party> {
        self.parties.get(usize::try_from(seat.0).ok()?)
    }

    /// Says whether there is another party at a seat.
    pub fn has_peer(&self, seat: Seat) -> bool {
        seat != self.seat && self.party(seat).is_some()
    }

    /// Returns the arguments: JSON text.
    pub fn arguments(&self) -> &[u8] {
        &self.arguments
    }

    /// Returns the names of the datasets granted, sorted.
    pub fn datasets(&self) -> &[String] {
        &self.datasets
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({}, seat {} of {})", self.task_id, self.seat, self.parties.len())
    }
}
