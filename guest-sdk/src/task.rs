//! What one execution is told about its task.

use std::fmt;
use std::rc::Rc;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::windows::Windows;

/// A party's place in a task: 0 to the number of parties, exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seat(u32);

impl Seat {
    /// The seat 0, which begins where one party must.
    pub const FIRST: Self = Self(0);

    /// Names the seat of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Returns the seat's number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns the seat's number as an index into [`Task::parties`].
    pub const fn index(self) -> usize {
        // A u32 fits usize on wasm32 and on every machine that runs the lab.
        self.0 as usize
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seat {}", self.0)
    }
}

/// One party of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The party's seat.
    pub seat: Seat,
    /// The organization's name in the collaboration.
    pub organization: String,
    /// The role that the party plays, one of the description's.
    pub role: String,
}

/// What this execution is told about its task, and its windows to the outside.
///
/// Messages are in [`messaging`](crate::messaging), storage in [`storage`](crate::storage), the
/// datasets granted in [`Table`](crate::Table).
pub struct Task {
    pub(crate) run_id: String,
    pub(crate) task_id: String,
    pub(crate) seat: Seat,
    pub(crate) parties: Vec<Party>,
    pub(crate) arguments: Vec<u8>,
    pub(crate) datasets: Vec<String>,
    pub(crate) windows: Rc<dyn Windows>,
    pub(crate) rng: Option<ChaCha20Rng>,
}

impl Task {
    /// Returns the run that the task belongs to, as lower-case hexadecimal.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Returns the task, as lower-case hexadecimal.
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// Returns this party's seat.
    pub fn seat(&self) -> Seat {
        self.seat
    }

    /// Returns this party's role.
    pub fn role(&self) -> &str {
        &self.parties[self.seat.index()].role
    }

    /// Returns all parties, this one among them, in the order of their seats.
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// Returns the seats of the other parties, in order.
    pub fn others(&self) -> impl Iterator<Item = Seat> + use<> {
        let (own, seats) = (self.seat, 0..self.seats());
        seats.map(Seat).filter(move |seat| *seat != own)
    }

    /// Returns the seats that play a role, in order.
    pub fn seats_of<'a>(&'a self, role: &'a str) -> impl Iterator<Item = Seat> + 'a {
        let playing = self.parties.iter().filter(move |party| party.role == role);
        playing.map(|party| party.seat)
    }

    /// Returns the seat after this one in the ring of all parties.
    pub fn next(&self) -> Seat {
        Seat((self.seat.0 + 1) % self.seats())
    }

    /// Returns the seat before this one in the ring of all parties.
    pub fn previous(&self) -> Seat {
        Seat((self.seat.0 + self.seats() - 1) % self.seats())
    }

    /// Returns the names of the datasets granted, in alphabetical order.
    pub fn datasets(&self) -> &[String] {
        &self.datasets
    }

    /// Reads the arguments for this party.
    ///
    /// # Errors
    /// [`Error::Arguments`] if they are not JSON text of this type.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.arguments).map_err(Error::Arguments)
    }

    /// Returns this party's cryptographic generator: ChaCha20, seeded by the first 32 bytes of the
    /// host's.
    pub fn rng(&mut self) -> &mut ChaCha20Rng {
        let windows = &self.windows;
        self.rng.get_or_insert_with(|| ChaCha20Rng::from_seed(windows.random_seed()))
    }

    fn seats(&self) -> u32 {
        u32::try_from(self.parties.len()).expect("seats are numbered by u32")
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("task_id", &self.task_id)
            .field("seat", &self.seat)
            .finish_non_exhaustive()
    }
}
