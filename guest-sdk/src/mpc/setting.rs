//! Who computes: three of the parties, or all of them with a crypto provider.

use super::replicated::Servers;
use crate::{Error, Result, Seat, Task};

/// How the parties of a task compute on shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Three of them compute, as [`replicated`](super::replicated) says.
    Servers(Servers),
    /// All but this one compute, and it is the crypto provider, as [`spdz`](super::spdz) says.
    Provider(Seat),
}

impl Setting {
    /// Lets the party that plays a role be the crypto provider; where none does, the first three
    /// compute.
    ///
    /// # Errors
    /// [`Error::Said`] if there are too few parties, or several play the role.
    pub fn of(task: &Task, provider: &str) -> Result<Self> {
        let parties = task.parties().len();
        let mut providers = task.seats_of(provider);
        match (providers.next(), providers.next()) {
            (Some(_), Some(_)) => {
                Err(Error::new(format!("there is more than one party in the role {provider:?}")))
            }
            (Some(seat), None) if parties > 2 => Ok(Self::Provider(seat)),
            (None, _) if parties > 2 => Servers::first(task).map(Self::Servers),
            _ => Err(Error::new(format!(
                "the task has {parties} parties: two that have data need a third one, in the role \
                 {provider:?} or one that computes with them"
            ))),
        }
    }
}
