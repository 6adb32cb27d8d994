//! Replicated secret sharing among three parties: multiplication for one element per party.
//!
//! **Parties**: exactly three compute, P0, P1 and P2, the [`Servers`]. A value x is x0 + x1 + x2;
//! party i holds x_i and x_(i+1), so that any two parties have all of it and one has two random
//! elements. Each pair of them has a key of its own, from which it draws randomness without a
//! message. The other parties of the task give them shares, and get what is opened to all or to them.
//!
//! **Messages** for a vector of n elements: sharing n elements from the dealer to one party, and from
//! a dealer that does not compute 2n to each; opening n from each; a product n from each, and a dot
//! or matrix product as many as its result has elements. Each is one round, and has nothing but the
//! elements' bytes. Comparisons are made of products, and say how many.
//!
//! **Assumes** parties that follow the protocol (semi-honest), no two of the three collude, and
//! messages that only their receiver can read. However many of the others collude with one of them,
//! they learn nothing more.
//!
//! **Leaks** nothing but what is opened: what a party receives before that is uniformly distributed.
//! Of a quotient that is opened the three learn a little more than it says: see
//! its `truncate`.
//!
//! **Does not protect** against two parties that collude, who have everything; or against a party
//! that sends other numbers than the protocol says, which changes the result unnoticed.
//!
//! Source: Araki, Furukawa, Lindell, Nof, Ohara, "High-Throughput Semi-Honest Secure Three-Party
//! Computation with an Honest Majority", CCS 2016, in the form of Mohassel and Rindal, "ABY3",
//! CCS 2018, section 2.

mod comparison;
mod engine;
mod truncation;
mod verified;
mod word;

use std::marker::PhantomData;

use super::{Arithmetic, Domain, Numbers, Scheme, Z2_64};
use crate::{Error, Result, Seat, Task};
use engine::Engine;

pub use verified::Verified;
pub use word::Word;

/// Replicated sharing: party i holds x_i and x_(i+1).
pub struct Sharing<D>(PhantomData<D>);

/// One party's part of a shared vector.
pub type Shared<D> = super::Shared<Sharing<D>>;

/// One party's part of a shared matrix.
pub type SharedMatrix<D> = super::SharedMatrix<Sharing<D>>;

/// The three parties that compute, P0, P1 and P2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Servers([Seat; 3]);

/// A party of a computation on shared elements of a domain: one of the three, or one that gives them
/// values.
pub struct Replicated<'a, D = Z2_64> {
    engine: Engine<'a>,
    domain: PhantomData<D>,
}

impl<D: Domain> Scheme for Sharing<D> {
    type Element = D;
    const PARTS: usize = 2;
}

impl Servers {
    /// Lets the first three parties of a task compute.
    ///
    /// # Errors
    /// [`Error::Said`] if there are fewer.
    pub fn first(task: &Task) -> Result<Self> {
        match task.parties() {
            [p0, p1, p2, ..] => Ok(Self([p0.seat, p1.seat, p2.seat])),
            fewer => Err(Error::new(format!(
                "replicated sharing takes three parties that compute, not {}",
                fewer.len()
            ))),
        }
    }

    /// Says whether a party is one of the three.
    pub fn contains(&self, seat: Seat) -> bool {
        self.0.contains(&seat)
    }
}

impl<'a, D: Domain> Replicated<'a, D> {
    /// Begins: each of the three makes a key and sends it to the one before it.
    ///
    /// # Errors
    /// [`Error::PeerEnded`].
    pub fn new(task: &'a mut Task, servers: Servers) -> Result<Self> {
        Ok(Self { engine: Engine::new(task, servers)?, domain: PhantomData })
    }

    /// Draws a vector that nobody knows, without a message.
    pub fn random(&mut self, length: usize) -> Shared<D> {
        self.engine.random(length)
    }
}

impl<D: Domain> Arithmetic for Replicated<'_, D> {
    type Element = D;
    type Scheme = Sharing<D>;

    fn task(&self) -> &Task {
        self.engine.task
    }

    fn share_from(
        &mut self,
        dealers: &[Seat],
        own: Option<&[D]>,
        length: usize,
    ) -> Result<Vec<Shared<D>>> {
        self.engine.share_from(dealers, own, length)
    }

    fn public(&self, values: &[D]) -> Shared<D> {
        self.engine.public(values)
    }

    /// Takes 1 round, and of each of the three 1 element for each product.
    fn multiply(&mut self, x: &Shared<D>, y: &Shared<D>) -> Result<Shared<D>> {
        self.engine.multiply(x, y)
    }

    fn times(&mut self, x: &SharedMatrix<D>, y: &SharedMatrix<D>) -> Result<SharedMatrix<D>> {
        self.engine.times(x, y)
    }

    /// Takes 1 round, and of each of the three 1 element for each.
    fn open(&mut self, x: &Shared<D>) -> Result<Vec<D>> {
        self.engine.open(x)
    }

    fn open_to(&mut self, receiver: Seat, x: &Shared<D>) -> Result<Option<Vec<D>>> {
        self.engine.open_to(receiver, x)
    }
}

impl<W: Word> Numbers for Replicated<'_, W> {
    /// Takes, for n numbers of 64 bits, 10 rounds, and of each of the three 24n + 1,504 ceil(n / 64)
    /// bytes; of 128 bits, 11 rounds and 48n + 3,040 ceil(n / 64) bytes.
    fn is_negative(&mut self, x: &Shared<W>) -> Result<Shared<W>> {
        let signs = self.signs(x)?;
        self.numbers(&signs, x.len())
    }

    /// Takes, for n numbers of 64 bits, 9 rounds, and of each of the three 24n + 504 ceil(n / 64)
    /// bytes; of 128 bits, 10 rounds and 48n + 1,016 ceil(n / 64) bytes.
    fn is_zero(&mut self, x: &Shared<W>) -> Result<Shared<W>> {
        let zeros = self.zeros(x)?;
        self.numbers(&zeros, x.len())
    }

    /// Takes 2 rounds, and of each of the three 2 elements for each number.
    fn truncate(&mut self, x: &Shared<W>, bits: u32) -> Result<Shared<W>> {
        let most = W::PRODUCT_BITS - 1;
        assert!((1..=most).contains(&bits), "a number is divided by 2^1 to 2^{most}, not 2^{bits}");
        self.engine.truncate(x, bits)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
