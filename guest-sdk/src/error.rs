//! What an algorithm is told when a step did not succeed, and how it says so itself.

use std::fmt;
use std::time::Duration;

use crate::{DecimalError, Ending, Seat, TableError};

/// The result of a step of an algorithm.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an algorithm has no result.
///
/// What `run` returns reaches the operator as one sentence: this error and its causes. It must
/// not hold values of the data, since the requester may see it too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What the algorithm itself has to say.
    #[error("{0}")]
    Said(String),
    /// There is no such seat in this task, or it is the party's own.
    #[error("{seat} is not another party of this task")]
    NoSuchParty {
        /// The seat named.
        seat: Seat,
    },
    /// No matching message came in time.
    #[error("no message{} came from {} within {timeout:?}", Topic(.topic), Sender(.seat))]
    TimedOut {
        /// The sender waited for; none means any.
        seat: Option<Seat>,
        /// The topic waited for; none means any.
        topic: Option<String>,
        /// How long was waited.
        timeout: Duration,
    },
    /// No matching message can come any more.
    #[error("no message{} can come from {} any more: it {ending}", Topic(.topic), Sender(.seat))]
    PeerEnded {
        /// The sender waited for. None means any: all other parties have ended then.
        seat: Option<Seat>,
        /// The topic waited for; none means any.
        topic: Option<String>,
        /// How that party ended; of several, the lowest seat's that did not finish.
        ending: Ending,
    },
    /// A message does not hold what the algorithm expects in it.
    #[error("the message {topic:?} from {sender} is malformed")]
    Malformed {
        /// The party that sent it.
        sender: Seat,
        /// Its topic.
        topic: String,
        /// What is wrong with its body.
        source: DecodeError,
    },
    /// A stored value does not hold what the algorithm expects in it.
    #[error("the stored value {key:?} is malformed")]
    Stored {
        /// The key.
        key: String,
        /// What is wrong with the value.
        source: DecodeError,
    },
    /// The key belongs to a dataset.
    #[error("{key:?} cannot be written: keys under data/ are datasets")]
    ReadOnly {
        /// The key.
        key: String,
    },
    /// A value cannot be encoded for a message or for storage.
    #[error("cannot encode the value of {name:?}")]
    Encode {
        /// The topic or key.
        name: String,
        /// Why not.
        source: postcard::Error,
    },
    /// A dataset is not as the algorithm needs it.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A number is not as its declaration says.
    #[error(transparent)]
    Decimal(#[from] DecimalError),
    /// The task's arguments are not what the algorithm expects.
    #[error("the arguments are malformed")]
    Arguments(#[source] serde_json::Error),
    /// The result cannot be written as JSON.
    #[error("cannot encode the result")]
    Result(#[source] serde_json::Error),
}

impl Error {
    /// Wraps what the algorithm has to say: one sentence, lower case, without a full stop.
    ///
    /// Takes anything that can be shown, so that `.map_err(Error::new)` turns any error into this.
    pub fn new(sentence: impl fmt::Display) -> Self {
        Self::Said(sentence.to_string())
    }

    /// Returns this error and its causes as one sentence, joined by colons.
    pub fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            sentence.push_str(&format!(": {error}"));
            cause = error.source();
        }
        sentence
    }
}

/// Why bytes are not a value of the expected type.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end too early or are no such value.
    #[error("it is not a value of the expected type")]
    Value(#[source] postcard::Error),
    /// There are bytes after the value.
    #[error("{0} bytes follow the value")]
    TrailingBytes(usize),
}

struct Topic<'a>(&'a Option<String>);

impl fmt::Display for Topic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|topic| write!(f, " {topic:?}"))
    }
}

struct Sender<'a>(&'a Option<Seat>);

impl fmt::Display for Sender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(seat) => seat.fmt(f),
            None => f.write_str("any party"),
        }
    }
}
