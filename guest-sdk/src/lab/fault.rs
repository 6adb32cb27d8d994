//! What can happen to a message.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Changes the body of a message.
pub(super) type Change = dyn Fn(&mut Vec<u8>) + Send + Sync;

#[derive(Clone)]
pub(super) enum Kind {
    Drop,
    Delay(Duration),
    Corrupt(Arc<Change>),
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop => f.write_str("drop"),
            Self::Delay(time) => write!(f, "delay by {time:?}"),
            Self::Corrupt(_) => f.write_str("corrupt"),
        }
    }
}

/// A fault of the `index`-th message that `from` sends to `to`.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    from: usize,
    to: usize,
    index: usize,
    pub kind: Kind,
}

impl Fault {
    pub fn new(from: usize, to: usize, index: usize, kind: Kind) -> Self {
        Self { from, to, index, kind }
    }

    pub fn concerns(&self, from: usize, to: usize, index: usize) -> bool {
        (self.from, self.to, self.index) == (from, to, index)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, index) = (&self.kind, self.index);
        write!(f, "{kind:?} message {index} from {} to {}", self.from, self.to)
    }
}
