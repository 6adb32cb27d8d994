//! What the arguments come to: who is who, what is enforced, and how wide a sum can be.

use anchorhold_sdk::mpc::aggregation::{Levels, MIN_GIVERS, Modulus};
use anchorhold_sdk::mpc::{Field as _, Fp61, aggregation};
use anchorhold_sdk::{Error, Result, Seat, Task};

use crate::arguments::{Arguments, Kind, Weights};
use crate::{MODELLER, WORKER};

/// The fewest workers with the kind `shares`.
const MIN_WORKERS: usize = 2;

/// What the arguments come to.
pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub modeller: Seat,
    pub workers: Vec<Seat>,
    /// This party's place among the workers; the modeller has none.
    pub own: Option<usize>,
    pub levels: Levels,
    pub max_weight: u64,
    /// Above the largest sum.
    pub modulus: Modulus,
    /// How many workers must stay, and how many open a secret.
    pub threshold: usize,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let mut modellers = task.seats_of(MODELLER);
        let (Some(modeller), None) = (modellers.next(), modellers.next()) else {
            return Err(Error::new("there must be exactly one party in the role \"modeller\""));
        };
        let workers: Vec<Seat> = task.seats_of(WORKER).collect();
        let levels = Levels::new(arguments.clip, arguments.bits)?;
        let max_weight = max_weight(arguments)?;
        let largest = u128::from(levels.largest()) * u128::from(max_weight);
        let largest = largest * workers.len() as u128;
        let modulus = Modulus::above(largest).filter(|_| match arguments.kind {
            Kind::Masks => true,
            Kind::Shares => largest < Fp61::ORDER,
        });
        let modulus = modulus.ok_or_else(|| {
            Error::new(format!(
                "the sum of {} workers' values of {} bits with weights of at most {max_weight} can \
                 be too large: declare fewer bits or smaller weights",
                workers.len(),
                arguments.bits
            ))
        })?;
        let threshold = match arguments.kind {
            Kind::Masks => threshold(arguments, workers.len())?,
            Kind::Shares => all_of(arguments, workers.len())?,
        };
        let own = workers.iter().position(|seat| *seat == task.seat());
        Ok(Self { arguments, modeller, workers, own, levels, max_weight, modulus, threshold })
    }

    /// Says whether weights are added, too.
    pub fn is_weighted(&self) -> bool {
        self.arguments.weights != Weights::Equal
    }

    /// Returns the error of too few workers.
    pub fn too_few(&self, there: usize) -> Error {
        Error::new(format!(
            "of {} workers {there} are there, and {} are needed",
            self.workers.len(),
            self.threshold
        ))
    }
}

fn max_weight(arguments: &Arguments) -> Result<u64> {
    match (arguments.weights, arguments.max_weight) {
        (Weights::Equal, None) => Ok(1),
        (Weights::Equal, Some(_)) => {
            Err(Error::new("\"max_weight\" is for weights that are not equal"))
        }
        (_, Some(weight @ 1..)) => Ok(weight),
        (_, Some(0) | None) => {
            Err(Error::new("weights that are not equal need a \"max_weight\" of at least 1"))
        }
    }
}

/// Returns how many workers must stay with the kind `masks`.
fn threshold(arguments: &Arguments, workers: usize) -> Result<usize> {
    if workers < MIN_GIVERS {
        return Err(Error::new(format!(
            "the kind \"masks\" takes at least {MIN_GIVERS} workers, not {workers}"
        )));
    }
    let Arguments { threshold, corrupt, active, .. } = *arguments;
    aggregation::threshold("workers", workers, threshold, corrupt, active)
}

/// With the kind `shares` all workers must stay.
fn all_of(arguments: &Arguments, workers: usize) -> Result<usize> {
    if arguments.active || arguments.threshold.is_some() || arguments.corrupt.is_some() {
        return Err(Error::new(
            "\"active\", \"threshold\" and \"corrupt\" are for the kind \"masks\"",
        ));
    }
    match workers {
        MIN_WORKERS.. => Ok(workers),
        _ => Err(Error::new(format!(
            "the kind \"shares\" takes at least {MIN_WORKERS} workers, not {workers}"
        ))),
    }
}
