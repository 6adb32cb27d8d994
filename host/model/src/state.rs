//! Where an execution is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::layout::{Decoder, Malformed};

/// Where a party's execution of a task is, as the server knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionState {
    /// Its node has not taken it on yet.
    Offered,
    /// Its node has taken it on.
    Running,
    /// It returned a result.
    Finished,
    /// It ended otherwise.
    Failed,
    /// Its node refused the task.
    Refused,
    /// Its node did not come, or went away.
    Lost,
}

impl ExecutionState {
    const ALL: [Self; 6] =
        [Self::Offered, Self::Running, Self::Finished, Self::Failed, Self::Refused, Self::Lost];

    /// Says whether nothing follows it.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Offered | Self::Running)
    }

    /// Says whether an execution may go from this state to another.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Offered => !matches!(next, Self::Offered),
            Self::Running => next.is_final(),
            Self::Finished | Self::Failed | Self::Refused | Self::Lost => false,
        }
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }

    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Offered => 0,
            Self::Running => 1,
            Self::Finished => 2,
            Self::Failed => 3,
            Self::Refused => 4,
            Self::Lost => 5,
        }
    }

    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let byte = decoder.u8()?;
        let state = Self::ALL.get(usize::from(byte)).copied();
        state.ok_or_else(|| decoder.malformed("there is no such state"))
    }
}

impl fmt::Display for ExecutionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ExecutionState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_names_and_bytes_of_their_own() {
        for (position, state) in ExecutionState::ALL.into_iter().enumerate() {
            assert_eq!(state.name().parse(), Ok(state));
            assert_eq!(usize::from(state.byte()), position);
        }
        assert_eq!("gone".parse::<ExecutionState>(), Err(()));
    }

    #[test]
    fn nothing_follows_an_end() {
        for state in ExecutionState::ALL {
            let follows = ExecutionState::ALL.into_iter().any(|next| state.may_become(next));
            assert_eq!(follows, !state.is_final());
        }
        assert!(!ExecutionState::Running.may_become(ExecutionState::Offered));
    }
}
