//! Adds vectors around a ring under one mask.
//!
//! **Parties**: n >= 3 in a ring, in the order of their seats; each has a vector of the same length.
//!
//! **Messages**: seat 0 draws a vector R uniformly from the whole group, stores it and sends its own
//! vector plus R to seat 1 (`masked`). Each further seat adds its own vector and sends the sum to
//! the next, the last one to seat 0. Seat 0 takes R out of storage, subtracts it and sends the total
//! to all others (`total`). That is n messages in n rounds and n - 1 messages in one more round,
//! each with a fingerprint (32 bytes), the length, and the vector; whatever the vector's length.
//!
//! **Assumes** parties that follow the protocol, messages that only their receiver can read, and
//! that the parties on both sides of any party do not collude.
//!
//! **Leaks** nothing but the total, which every party learns. What any one party receives before
//! that is uniformly distributed, whatever the others' vectors are.
//!
//! **Does not protect** against two neighbours of a party, who learn its vector by subtracting what
//! it received from what it sent; against all parties but one, to whom the total tells that one's
//! vector; against a party that sends anything else than the protocol says: it can change the total
//! unnoticed; or against a party that leaves: then there is no total, and R is never used again.
//!
//! Source: the secure sum with a random start value of Clifton et al., "Tools for Privacy
//! Preserving Distributed Data Mining", SIGKDD Explorations 4(2), 2002, section 3.1.

use chacha20::ChaCha20Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::mpc::{Domain, add_vectors, subtract_vectors};
use crate::{Fingerprint, Seat, Task};

/// The fewest parties: of two, each could subtract its own vector from the total.
pub const MIN_PARTIES: usize = 3;

/// A vector on its way, and what it was made from.
#[derive(Serialize, Deserialize)]
struct Passed<D> {
    agreed: Fingerprint,
    values: Vec<D>,
}

/// One party's part in one sum.
#[derive(Debug, Clone, Copy)]
pub struct MaskedRing {
    agreed: Fingerprint,
    length: usize,
}

impl MaskedRing {
    /// Prepares the sum of vectors of this length. All parties must give equal `arguments`: what
    /// their vectors are made from.
    ///
    /// # Errors
    /// [`Error::Said`] if the task has fewer than three parties, or the arguments have no JSON text.
    pub fn new<T: Serialize>(task: &Task, arguments: &T, length: usize) -> Result<Self> {
        let parties: Vec<_> = task.parties().iter().map(|p| &p.organization).collect();
        if parties.len() < MIN_PARTIES {
            return Err(Error::new(format!(
                "a sum takes at least {MIN_PARTIES} parties, not {}: a party that subtracts its own \
                 value from the sum of two learns the other's",
                parties.len()
            )));
        }
        let agreed = Fingerprint::of(&(parties, arguments))?;
        Ok(Self { agreed, length })
    }

    /// Computes the total in one task.
    ///
    /// # Errors
    /// [`Error::PeerEnded`]; [`Error::Said`] if a neighbour's vector was made from other arguments.
    ///
    /// # Panics
    /// If `own` has another length than announced.
    pub fn sum<D: Domain>(&self, task: &mut Task, own: &[D]) -> Result<Vec<D>> {
        let masked = self.pass(task, own, |rng| D::random_vector(rng, self.length))?;
        self.open(task, masked)
    }

    /// Computes the masked total and leaves it, and the mask, in the run's storage at seat 0, for a
    /// later task of the same run.
    ///
    /// # Errors
    /// As [`MaskedRing::sum`].
    ///
    /// # Panics
    /// If `own` has another length than announced.
    pub fn mask<D: Domain>(&self, task: &mut Task, own: &[D]) -> Result<()> {
        match self.pass(task, own, |rng| D::random_vector(rng, self.length))? {
            Some(masked) => task.storage().set(&self.key("total"), &masked),
            None => Ok(()),
        }
    }

    /// Removes the mask from what [`MaskedRing::mask`] left and tells the total to all. It does so
    /// once: the mask is gone after that, also if this task fails.
    ///
    /// # Errors
    /// [`Error::Said`] at seat 0 if there is no mask; others as [`MaskedRing::sum`].
    pub fn unmask<D: Domain>(&self, task: &Task) -> Result<Vec<D>> {
        let masked = match task.seat() {
            Seat::FIRST => task.storage().take(&self.key("total"))?,
            _ => None,
        };
        self.open(task, masked)
    }

    /// Passes the masked sum once around the ring; seat 0 gets it back.
    fn pass<D: Domain>(
        &self,
        task: &mut Task,
        own: &[D],
        draw: impl FnOnce(&mut ChaCha20Rng) -> Vec<D>,
    ) -> Result<Option<Vec<D>>> {
        assert_eq!(own.len(), self.length, "the vector has another length");
        if task.seat() == Seat::FIRST {
            let mask = draw(task.rng());
            task.storage().set(&self.key("mask"), &mask)?;
            self.send(task, task.next(), "masked", add_vectors(&mask, own))?;
            task.progress(1, 2, "own vector sent under the mask");
            self.receive(task, task.previous(), "masked").map(Some)
        } else {
            let sum: Vec<D> = self.receive(task, task.previous(), "masked")?;
            self.send(task, task.next(), "masked", add_vectors(&sum, own))?;
            task.progress(1, 2, "own vector added under the mask");
            Ok(None)
        }
    }

    /// Takes the mask off at seat 0, which alone has the masked total, and tells the total.
    fn open<D: Domain>(&self, task: &Task, masked: Option<Vec<D>>) -> Result<Vec<D>> {
        if task.seat() != Seat::FIRST {
            let total = self.receive(task, Seat::FIRST, "total")?;
            task.progress(2, 2, "total received");
            return Ok(total);
        }
        let mask: Option<Vec<D>> = task.storage().take(&self.key("mask"))?;
        let (Some(mask), Some(masked)) = (mask, masked) else {
            return Err(Error::new(
                "there is no mask of these arguments in this run: it was used already, or none \
                 was made",
            ));
        };
        if mask.len() != self.length || masked.len() != self.length {
            return Err(Error::new("the stored mask has another length"));
        }
        let total = subtract_vectors(&masked, &mask);
        for seat in task.others() {
            self.send(task, seat, "total", total.clone())?;
        }
        task.progress(2, 2, "mask removed and total told");
        Ok(total)
    }

    fn send<D: Domain>(&self, task: &Task, to: Seat, topic: &str, values: Vec<D>) -> Result<()> {
        let agreed = self.agreed;
        task.send(to, topic, &Passed { agreed, values })
    }

    fn receive<D: DeserializeOwned>(&self, task: &Task, from: Seat, topic: &str) -> Result<Vec<D>> {
        let Passed { agreed, values } = task.receive(from, topic)?;
        if agreed != self.agreed {
            return Err(Error::new(format!(
                "{from} computes with other arguments: its {topic:?} vector does not belong to this \
                 sum"
            )));
        }
        if values.len() != self.length {
            return Err(Error::new(format!(
                "the {topic:?} vector of {from} has {} elements instead of {}",
                values.len(),
                self.length
            )));
        }
        Ok(values)
    }

    /// The storage key of a part, one for each sum that was begun.
    fn key(&self, part: &str) -> String {
        format!("masked-ring/{}/{part}", self.agreed)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
