//! What the coordinator tells the organizations: each round, and the end.

use std::time::Duration;

use anchorhold_sdk::{Error, Result, Task};
use serde::{Deserialize, Serialize};

use crate::plan::Plan;

const TOPIC: &str = "round";

/// What the coordinator tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Told {
    /// To take part in a sum.
    Round(Round),
    /// That there are no more of them.
    Ended,
}

/// A sum to take part in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Round {
    /// Which sum it is: a round that is tried again has another one.
    pub attempt: u32,
    /// After how many rounds the model is this.
    pub done: u32,
    /// The model's parameters.
    pub parameters: Vec<f64>,
}

impl Round {
    /// What all that take part must have been told alike.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parameters = self.parameters.iter().flat_map(|parameter| parameter.to_le_bytes());
        self.attempt
            .to_le_bytes()
            .into_iter()
            .chain(self.done.to_le_bytes())
            .chain(parameters)
            .collect()
    }
}

impl Told {
    /// Tells all organizations.
    pub fn tell(&self, task: &Task) -> Result<()> {
        task.broadcast(TOPIC, self)
    }

    /// Waits for what the coordinator tells, and takes the newest of what is there: who was away does not
    /// take part in rounds that are over.
    ///
    /// # Errors
    /// [`Error::PeerEnded`] if it has ended before; [`Error::Malformed`], and [`Error::Said`] if it tells
    /// what cannot be, after the sum of this number.
    pub fn newest(task: &Task, plan: &Plan<'_>, after: u32) -> Result<Self> {
        let inbox = task.inbox().from(plan.coordinator).topic(TOPIC);
        let mut newest: Self = inbox.value()?.body;
        loop {
            match inbox.within(Duration::ZERO).value() {
                Ok(later) => newest = later.body,
                Err(Error::TimedOut { .. } | Error::PeerEnded { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        let Self::Round(Round { attempt, done, parameters }) = &newest else { return Ok(newest) };
        let (most, rounds) = (plan.arguments.retries + 1, plan.arguments.rounds);
        let is_possible = *attempt > after
            && u64::from(*attempt) <= u64::from(most) * (u64::from(rounds) + 1)
            && *done <= rounds
            && parameters.len() == plan.places.parameters
            && parameters.iter().all(|parameter| parameter.is_finite());
        match is_possible {
            true => Ok(newest),
            false => Err(Error::new(format!(
                "{} told a round that cannot be, or a model of another shape",
                plan.coordinator
            ))),
        }
    }
}
