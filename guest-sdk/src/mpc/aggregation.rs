//! Sums of vectors under masks, which survive givers that leave: Bonawitz et al., "Practical Secure
//! Aggregation for Privacy-Preserving Machine Learning", CCS 2017 (ePrint 2017/281).
//!
//! **Parties**: n *givers* with a vector each, and an *adder* that learns the sum of the vectors of those who
//! stayed. A threshold t of givers must stay. There may be many rounds in a task, each of which is a sum of
//! its own with secrets of its own: opening those of one tells nothing of another.
//!
//! **Messages** of a round, each behind four bytes of the round's number:
//! 1. Each giver tells the adder and each other giver its public keys (`keys`), and the adder tells all
//!    givers whose came (`came`): [`MaskedSums::meet`]. Who has told keys otherwise leaves this out.
//! 2. Each giver shares two secrets among all that came: the private key, from which the masks that it has
//!    in common with each other follow, and the seed of a mask of its own (`deal`).
//! 3. Each tells the adder whose shares it has (`received`), and is told who is *included*: givers all of
//!    whom have shares of one another.
//! 4. Each sends its vector under its own mask and under those in common with each included one, which
//!    one of the two adds and the other subtracts (`masked`). The adder tells whose came: the *survivors*.
//! 5. Where givers compare, the survivors tell one another what they were told (`told`), and go on only if
//!    t were told the same and nobody something else.
//! 6. Each sends, of each survivor, its share of the own mask's seed; of each other included one, its share
//!    of the private key (`shares`). By t of these the adder takes off all masks that do not cancel.
//!
//! A giver that finds too few others in the steps 2 or 5 tells the adder an empty list or no shares, and waits
//! for another round.
//!
//! **Givers that leave** are those whose execution ended and, where the group has a patience, those that do
//! not answer in time: these may take part in a later round. In a step that waits for several, who comes
//! after one that did not is not waited for any more; but each that comes just in time keeps the others
//! waiting, since an execution's clock moves by timeouts alone. The adder's patience is longer by as much as
//! givers wait for one another before they answer. Givers wait for the adder as long as it is there. A message of an earlier round is dropped where
//! one of the same kind is waited for, and of those of later rounds one of each kind and party is kept.
//!
//! **Assumes** messages that only their receiver can read and nobody else can have sent. At most t - 2
//! givers collude with the adder; where givers compare, c of them if 2t > n + c and t > c + 1, and then
//! they and the adder may do what they like ([`threshold`] holds it). Signatures of the paper are not
//! needed: what givers tell one another goes from each to each and not through the adder.
//!
//! **Leaks** to the adder and the givers who was there at each step.
//!
//! **Does not protect** against an adder that lies about who left, unless givers compare: it gets shares
//! of both secrets of one giver, or of the keys of all others that a giver was told of. Nor the result
//! against givers that send other vectors or shares: a wrong share is noticed, and then there is no result.
//! What the adder tells all before a round, such as a model, may be bound into the masks, against telling
//! givers different things (Pasquini, Francati and Ateniese, "Eluding Secure Aggregation in Federated Learning
//! via Model Inconsistency", CCS 2022); but not against what it says to all of them.
//! Nor against a giver that withholds its messages from another and so keeps that one out of a round; nor
//! against what sums of several rounds say together: of two with the same vectors, and one giver in the
//! first alone, the difference is that one's.

mod adder;
mod giver;
mod keys;
mod levels;
mod mail;
mod modular;
mod roster;
mod secret;
mod threshold;
mod wrong;

use std::time::Duration;

use crate::{Error, Result, Seat, Task};
use keys::Binding;
use mail::Mail;

pub use keys::{Public, Secrets};
pub use levels::Levels;
pub use modular::{Modulus, Sign};
pub use roster::Roster;
pub use threshold::{MIN_GIVERS, threshold};
pub use wrong::Wrong;

/// Who adds what. All parties of a group must have the same.
#[derive(Debug, Clone)]
pub struct Group {
    /// Who learns the sums.
    pub adder: Seat,
    /// Who has vectors. In a [`Roster`] they are named by their places here.
    pub givers: Vec<Seat>,
    /// How many givers must stay, and how many open a secret.
    pub threshold: usize,
    /// How many elements a vector has.
    pub length: usize,
    /// Above the largest sum of an element.
    pub modulus: Modulus,
    /// Whether givers compare what the adder tells them.
    pub compares: bool,
    /// After how long a giver that does not answer is absent from a round; without it, when its execution
    /// has ended.
    pub patience: Option<Duration>,
}

/// What a party needs of the others before a sum: their public keys.
pub struct Met {
    round: u32,
    told: [u8; 32],
    /// Who waits for shares, also if their keys did not come here.
    came: Roster,
    publics: Vec<Option<Public>>,
    secrets: Option<Secrets>,
}

/// Why a round has no sum at this party.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Too few givers are there: these, as far as the adder knows; at a giver, none may be named.
    #[error("{} givers are there, and more are needed", .0.len())]
    TooFew(Roster),
    /// The adder goes on without this giver.
    #[error("the sum is made without this party")]
    LeftOut,
    /// Something else, and then no later round can be counted on either.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// One party's part in the sums of a group.
pub struct MaskedSums {
    group: Group,
    mail: Mail,
}

impl Group {
    /// Returns a party's place among the givers.
    pub fn place(&self, seat: Seat) -> Option<usize> {
        self.givers.iter().position(|giver| *giver == seat)
    }

    /// Returns what a giver is called in sentences: its role.
    fn called(&self, task: &Task) -> String {
        let role = self.givers.first().map(|seat| task.parties()[seat.index()].role.clone());
        role.unwrap_or_default()
    }
}

impl Met {
    /// Says what each giver has told in a way of the caller's own; none of one that did not come. The
    /// own secrets are needed at a giver.
    pub fn new(round: u32, secrets: Option<Secrets>, publics: Vec<Option<Public>>) -> Self {
        let came = Roster::of(&publics);
        Self { round, told: keys::hash_of_told(&[]), came, publics, secrets }
    }

    fn binding<'a>(&self, task: &'a Task) -> Binding<'a> {
        Binding { task_id: task.task_id(), round: self.round, told: self.told }
    }
}

impl MaskedSums {
    /// Begins.
    pub fn new(group: Group) -> Self {
        Self { group, mail: Mail::default() }
    }

    /// Returns who adds what.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// Tells the others of the group fresh keys, and hears who came. All that take part give the number of
    /// the round, which must be above all before, and what the adder told all of them alike: masks of
    /// those who were told something else do not cancel, and a sum with them is of random numbers.
    ///
    /// # Errors
    /// [`Stopped::TooFew`], [`Stopped::LeftOut`]; [`Stopped::Failed`] with who sent what the protocol
    /// excludes, or at a giver if the adder has ended.
    pub fn meet(&mut self, task: &mut Task, round: u32, told: &[u8]) -> Result<Met, Stopped> {
        match self.group.place(task.seat()) {
            Some(own) => giver::meet(self, task, round, told, own),
            None => adder::meet(self, task, round, told),
        }
    }

    /// Gives a vector into the sum; returns whose are in it. With shares that do not come to the adder
    /// after that, it may yet have none.
    ///
    /// # Errors
    /// As [`MaskedSums::meet`], and [`Stopped::Failed`] if givers were told different things.
    ///
    /// # Panics
    /// If the vector has another length than the group's, or this party is not a giver.
    pub fn give(&mut self, task: &mut Task, met: Met, vector: Vec<u64>) -> Result<Roster, Stopped> {
        assert_eq!(vector.len(), self.group.length, "the elements of the vector");
        giver::give(self, task, &met, vector)
    }

    /// Learns the sum of the vectors of all that stayed; returns it with whose these are.
    ///
    /// # Errors
    /// [`Stopped::TooFew`]; [`Stopped::Failed`] with who sent what the protocol excludes, or whose secrets
    /// the shares do not open.
    pub fn collect(&mut self, task: &Task, met: Met) -> Result<(Vec<u64>, Roster), Stopped> {
        adder::collect(self, task, &met)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
