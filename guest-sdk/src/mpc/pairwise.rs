//! Sums of vectors under masks that each two parties share.
//!
//! **Parties**: n >= 3, each with a vector of the same length; one that adds, or all.
//!
//! **Messages**: once, each party draws a seed of 32 bytes for each party of a higher seat and sends it
//! (`seed`): n(n - 1) / 2 messages in one round. No key agreement is needed for that: the host seals each
//! message so that its receiver alone can read it. For each sum, of each pair the lower seat adds and the
//! higher one subtracts what ChaCha20 draws from their seed, and what comes of that is sent to the one
//! that adds, n - 1 messages, or to all, n(n - 1), in one round (`masked`): nothing but the elements' bytes.
//! Whoever has all of them adds them, and the masks are gone.
//!
//! **Assumes** parties that follow the protocol, messages that only their receiver can read, vectors of
//! the same lengths in the same order at all parties, and two parties that do not collude with the others.
//!
//! **Leaks** nothing but the sum, to those who add. A coalition of up to n - 2 parties learns the sum of the
//! others' vectors, which follows from the sum and its own: of any two others the seed that they share
//! hides how it is divided among them.
//!
//! **Does not protect** against all parties but one, to whom the sum tells that one's vector; against what
//! many sums say together; against a party that sends something else: it can change a sum unnoticed; or
//! against a party that leaves: its masks stay in the others' vectors, and then there is no sum.
//!
//! Source: the masks of Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine
//! Learning", CCS 2017, section 4, without its key agreement and its recovery of those that leave.

use rand_core::Rng as _;

use super::prss::Stream;
use super::{Domain, add_vectors, subtract_vectors};
use crate::{Error, Result, Seat, Task};

/// The fewest parties: of two, each could subtract its own vector from the sum.
pub const MIN_PARTIES: usize = 3;

const SEED_BYTES: usize = 32;

/// One party's masks, for as many sums as a task has.
pub struct PairwiseMasks {
    own: Seat,
    /// Of each other party, what is shared with it.
    shared: Vec<(Seat, Stream)>,
}

impl PairwiseMasks {
    /// Draws a seed for each party of a higher seat, and receives those of the lower ones.
    ///
    /// # Errors
    /// [`Error::Said`] if the task has fewer than three parties, and then nothing was sent, or if a seed has
    /// another length; [`Error::PeerEnded`].
    pub fn new(task: &mut Task) -> Result<Self> {
        let parties = task.parties().len();
        if parties < MIN_PARTIES {
            return Err(Error::new(format!(
                "a sum takes at least {MIN_PARTIES} parties, not {parties}: a party that subtracts its own \
                 value from the sum of two learns the other's"
            )));
        }
        let own = task.seat();
        let mut shared = Vec::with_capacity(parties - 1);
        for seat in task.others().filter(|seat| *seat > own) {
            let mut seed = [0; SEED_BYTES];
            task.rng().fill_bytes(&mut seed);
            task.send_bytes(seat, "seed", &seed)?;
            shared.push((seat, Stream::keyed(seed)));
        }
        for seat in task.others().filter(|seat| *seat < own) {
            let seed = task.inbox().from(seat).topic("seed").message()?.body;
            let bytes = seed.len();
            let seed = <[u8; SEED_BYTES]>::try_from(seed).map_err(|_| {
                Error::new(format!("the seed of {seat} has {bytes} bytes instead of {SEED_BYTES}"))
            })?;
            shared.push((seat, Stream::keyed(seed)));
        }
        Ok(Self { own, shared })
    }

    /// Adds a vector of each party, all of one length, at one of them; the others get nothing.
    ///
    /// # Errors
    /// [`Error::Said`] if a party sends another length, or no elements; [`Error::PeerEnded`].
    pub fn sum_at<D: Domain>(
        &mut self,
        task: &Task,
        adds: Seat,
        own: &[D],
    ) -> Result<Option<Vec<D>>> {
        let masked = self.mask(own);
        if self.own == adds {
            return add_those_of_others(task, masked).map(Some);
        }
        task.send_vector(adds, "masked", &masked)?;
        Ok(None)
    }

    /// Adds a vector of each party, all of one length, at all of them.
    ///
    /// # Errors
    /// As [`PairwiseMasks::sum_at`].
    pub fn sum<D: Domain>(&mut self, task: &Task, own: &[D]) -> Result<Vec<D>> {
        let masked = self.mask(own);
        task.broadcast_vector("masked", &masked)?;
        add_those_of_others(task, masked)
    }

    /// Hides a vector. No mask is used twice.
    fn mask<D: Domain>(&mut self, own: &[D]) -> Vec<D> {
        let mut masked = own.to_vec();
        for (seat, stream) in &mut self.shared {
            let mask = stream.vector(own.len());
            masked = match self.own < *seat {
                true => add_vectors(&masked, &mask),
                false => subtract_vectors(&masked, &mask),
            };
        }
        masked
    }
}

fn add_those_of_others<D: Domain>(task: &Task, own: Vec<D>) -> Result<Vec<D>> {
    task.others().try_fold(own, |sum, seat| {
        let masked = task.receive_vector(seat, "masked", sum.len())?;
        Ok(add_vectors(&sum, &masked))
    })
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
