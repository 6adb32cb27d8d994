//! Masked sums that survive workers who leave: Bonawitz et al., "Practical Secure Aggregation for
//! Privacy-Preserving Machine Learning", CCS 2017 (ePrint 2017/281).
//!
//! **Parties**: n workers with a vector each, and a modeller that learns the sum of the vectors of those who
//! stayed. A threshold t of workers must stay.
//!
//! **Messages**, after all have told one another their public keys:
//! 1. Each worker shares two secrets among all: the private key, from which the masks that it has in common
//!    with each other follow, and the seed of a mask of its own.
//! 2. Each tells the modeller whose shares it has, and is told who is *included*: workers all of whom have
//!    shares of one another.
//! 3. Each sends its vector under its own mask and under those in common with each included one, which
//!    one of the two adds and the other subtracts. The modeller tells whose came: the *survivors*.
//! 4. With `active`, the survivors tell one another what they were told, and go on only if t were told the
//!    same and nobody something else.
//! 5. Each sends, of each survivor, its share of the own mask's seed; of each other included one, its share
//!    of the private key. By t of these the modeller takes off all masks that do not cancel.
//!
//! **Assumes** messages that only their receiver can read and nobody else can have sent. At most t - 2
//! workers collude with the modeller; with `active`, c of them where 2t > n + c and t > c + 1, and then
//! they and the modeller may do what they like. Signatures of the paper are not needed: what workers tell
//! one another goes from each to each and not through the modeller.
//!
//! **Leaks** to the modeller and the workers who was there at each step.
//!
//! **Does not protect** against a modeller that lies about who left, unless `active` is set: it gets shares
//! of both secrets of one worker, or of the keys of all others that a worker was told of. Nor the result against workers that send other vectors or shares: a
//! wrong share is noticed, and then there is no result.

mod modeller;
mod worker;

use anchorhold_sdk::{Error, Result, Seat, Task};

use crate::keys::Public;
use crate::muster::Facts;
use crate::plan::Plan;

pub use modeller::collect;
pub use worker::give;

/// Returns the public parts of the workers that came.
fn publics(plan: &Plan, facts: &[Option<Facts>]) -> Result<Vec<Option<Public>>> {
    let public = |seat: &Seat| match &facts[seat.index()] {
        None => Ok(None),
        Some(Facts { public: Some(public), .. }) => Ok(Some(*public)),
        Some(_) => Err(Error::new(format!("{seat} did not tell a public key"))),
    };
    let publics: Vec<_> = plan.workers.iter().map(public).collect::<Result<_>>()?;
    match publics.iter().flatten().count() {
        came if came < plan.threshold => Err(plan.too_few(came)),
        _ => Ok(publics),
    }
}

/// Waits for a message, and for none if its sender has ended.
fn receive(task: &Task, from: Seat, topic: &str) -> Result<Option<Vec<u8>>> {
    match task.inbox().from(from).topic(topic).message() {
        Ok(message) => Ok(Some(message.body)),
        Err(Error::PeerEnded { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
