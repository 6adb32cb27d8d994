//! Replicated secret sharing among three parties: multiplication for one element per party.
//!
//! **Parties**: exactly three compute, P0, P1 and P2, the [`Servers`]. A value x is x0 + x1 + x2;
//! party i holds x_i and x_(i+1), so that any two parties have all of it and one has two random
//! elements. Each pair of them has a key of its own, from which it draws randomness without a
//! message. Other parties of the task may give them shares, and get what is opened to them.
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
//! [`Replicated::truncate`].
//!
//! **Does not protect** against two parties that collude, who have everything; or against a party
//! that sends other numbers than the protocol says, which changes the result unnoticed.
//!
//! Source: Araki, Furukawa, Lindell, Nof, Ohara, "High-Throughput Semi-Honest Secure Three-Party
//! Computation with an Honest Majority", CCS 2016, in the form of Mohassel and Rindal, "ABY3",
//! CCS 2018, section 2.

mod comparison;
mod shared;
mod truncation;

pub use shared::{Shared, SharedMatrix};

use super::domain::Domain;
use super::prss::Stream;
use super::{add_vectors, subtract_vectors};
use crate::{Error, Result, Seat, Task};

/// The three parties that compute, P0, P1 and P2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Servers([Seat; 3]);

/// One of three parties that compute on shares.
pub struct Replicated<'a> {
    task: &'a Task,
    servers: Servers,
    /// Which of them this party is.
    index: usize,
    /// What this party and the one before it draw.
    own: Stream,
    /// What this party and the next one draw.
    next: Stream,
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

    /// Shares a vector as a party that does not compute.
    ///
    /// # Errors
    /// [`Error::NoSuchParty`] if the servers are none of this task.
    ///
    /// # Panics
    /// If this party is one of the three.
    pub fn deal<D: Domain>(&self, task: &mut Task, values: &[D]) -> Result<()> {
        assert!(!self.contains(task.seat()), "one of the three shares by `Replicated::share`");
        let [x1, x2] = [(); 2].map(|()| D::random_vector(task.rng(), values.len()));
        let x0 = subtract_vectors(&subtract_vectors(values, &x1), &x2);
        for (seat, parts) in self.0.into_iter().zip([[&x0, &x1], [&x1, &x2], [&x2, &x0]]) {
            task.send_vector(seat, "share", &[parts[0].as_slice(), parts[1]].concat())?;
        }
        Ok(())
    }

    /// Receives what is opened to this party, which does not compute.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if a peer sends another length.
    pub fn opened<D: Domain>(&self, task: &Task, length: usize) -> Result<Vec<D>> {
        let two = task.receive_vector(self.0[0], "open", length)?;
        Ok(add_vectors(&two, &task.receive_vector(self.0[1], "open", length)?))
    }
}

impl<'a> Replicated<'a> {
    /// Begins as one of the three: each makes a key and sends it to the one before it.
    ///
    /// # Errors
    /// [`Error::PeerEnded`].
    ///
    /// # Panics
    /// If this party is none of the three.
    pub fn new(task: &'a mut Task, servers: Servers) -> Result<Self> {
        let index = servers.0.iter().position(|seat| *seat == task.seat());
        let index = index.expect("this party is one of the three that compute");
        let mut key = [0; 32];
        rand_core::Rng::fill_bytes(task.rng(), &mut key);
        task.send(servers.0[(index + 2) % 3], "key", &key)?;
        let next = task.receive(servers.0[(index + 1) % 3], "key")?;
        Ok(Self { task, servers, index, own: Stream::keyed(key), next: Stream::keyed(next) })
    }

    fn next_seat(&self) -> Seat {
        self.servers.0[(self.index + 1) % 3]
    }

    fn previous_seat(&self) -> Seat {
        self.servers.0[(self.index + 2) % 3]
    }

    /// Shares a vector of a length that all parties know; the dealer alone gives its values. One that
    /// does not compute does so by [`Servers::deal`].
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if the dealer sends another length.
    ///
    /// # Panics
    /// If the dealer gives none or another length, or another party gives values.
    pub fn share<D: Domain>(
        &mut self,
        dealer: Seat,
        values: Option<&[D]>,
        length: usize,
    ) -> Result<Shared<D>> {
        if !self.servers.contains(dealer) {
            let mut own = self.task.receive_vector(dealer, "share", 2 * length)?;
            let next = own.split_off(length);
            return Ok(Shared { own, next });
        }
        let given = values.map(<[D]>::len);
        let expected = (self.task.seat() == dealer).then_some(length);
        assert_eq!(given, expected, "the values that this party gives");
        // The dealer p and P(p+1) draw x_(p+1), x_(p+2) is zero, and so P(p+2) is told x_p, which
        // hides the value behind what it cannot draw.
        if let Some(values) = values {
            let next = self.next.vector(length);
            let own = subtract_vectors(values, &next);
            self.task.send_vector(self.previous_seat(), "share", &own)?;
            return Ok(Shared { own, next });
        }
        let zero = vec![D::ZERO; length];
        if self.previous_seat() == dealer {
            return Ok(Shared { own: self.own.vector(length), next: zero });
        }
        Ok(Shared { own: zero, next: self.task.receive_vector(dealer, "share", length)? })
    }

    /// Shares a vector of each party of the task, all of one length, in one round; in the order of
    /// their seats.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if a party sends another length.
    pub fn share_all<D: Domain>(&mut self, own: &[D]) -> Result<Vec<Shared<D>>> {
        // The own one first: the others need not wait for what this party receives.
        let (seat, parties) = (self.task.seat(), self.task.parties());
        let own_share = self.share(seat, Some(own), own.len())?;
        let share = |party: &crate::Party| match party.seat == seat {
            true => Ok(own_share.clone()),
            false => self.share(party.seat, None, own.len()),
        };
        parties.iter().map(share).collect()
    }

    /// Shares a vector that all parties know.
    pub fn public<D: Domain>(&self, values: &[D]) -> Shared<D> {
        // All of it is x_0.
        let zero = vec![D::ZERO; values.len()];
        match self.index {
            0 => Shared { own: values.to_vec(), next: zero },
            1 => Shared { own: zero.clone(), next: zero },
            _ => Shared { own: zero, next: values.to_vec() },
        }
    }

    /// Draws a vector that nobody knows.
    pub fn random<D: Domain>(&mut self, length: usize) -> Shared<D> {
        Shared { own: self.own.vector(length), next: self.next.vector(length) }
    }

    /// Multiplies element by element.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if a peer sends another length.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn multiply<D: Domain>(&mut self, x: &Shared<D>, y: &Shared<D>) -> Result<Shared<D>> {
        assert_eq!(x.len(), y.len(), "vectors of different lengths");
        let with_y = x.own.iter().zip(&x.next).zip(y.own.iter().zip(&y.next));
        let products = with_y.map(|((&x, &x1), (&y, &y1))| x * (y + y1) + x1 * y).collect();
        self.reshare("multiply", products)
    }

    /// Multiplies two vectors of the same length, and adds the products: one element.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn dot<D: Domain>(&mut self, x: &Shared<D>, y: &Shared<D>) -> Result<Shared<D>> {
        let product = self.times(&x.clone().into_row(), &y.clone().into_column())?;
        Ok(product.into_vector())
    }

    /// Multiplies two matrices.
    ///
    /// # Errors
    /// As [`Replicated::multiply`].
    ///
    /// # Panics
    /// If the first has not as many columns as the second has rows.
    pub fn times<D: Domain>(
        &mut self,
        x: &SharedMatrix<D>,
        y: &SharedMatrix<D>,
    ) -> Result<SharedMatrix<D>> {
        let product = x.own.times(&y.own.plus(&y.next)).plus(&x.next.times(&y.own));
        let shape = (product.rows(), product.columns());
        Ok(self.reshare("multiply", product.into_elements())?.into_matrix(shape))
    }

    /// Makes shares of the sum of what the three parties have: hides the own part behind a share of
    /// zero and gives it to the party before.
    fn reshare<D: Domain>(&mut self, topic: &str, mut part: Vec<D>) -> Result<Shared<D>> {
        let length = part.len();
        let zeros = self.own.vector::<D>(length).into_iter().zip(self.next.vector::<D>(length));
        for (part, (own, next)) in part.iter_mut().zip(zeros) {
            *part += own - next;
        }
        self.task.send_vector(self.previous_seat(), topic, &part)?;
        let next = self.task.receive_vector(self.next_seat(), topic, length)?;
        Ok(Shared { own: part, next })
    }

    /// Opens a vector to all parties.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if a peer sends another length.
    pub fn open<D: Domain>(&self, x: &Shared<D>) -> Result<Vec<D>> {
        self.task.send_vector(self.next_seat(), "open", &x.own)?;
        let missing = self.task.receive_vector(self.previous_seat(), "open", x.len())?;
        Ok(add_vectors(&add_vectors(&x.own, &x.next), &missing))
    }

    /// Opens a vector to one party, which alone gets it: if it does not compute, by
    /// [`Servers::opened`].
    ///
    /// # Errors
    /// As [`Replicated::open`].
    pub fn open_to<D: Domain>(&self, receiver: Seat, x: &Shared<D>) -> Result<Option<Vec<D>>> {
        if !self.servers.contains(receiver) {
            match self.index {
                0 => self.task.send_vector(receiver, "open", &add_vectors(&x.own, &x.next))?,
                1 => self.task.send_vector(receiver, "open", &x.next)?,
                _ => {}
            }
        } else if self.next_seat() == receiver {
            self.task.send_vector(receiver, "open", &x.own)?;
        }
        if self.task.seat() != receiver {
            return Ok(None);
        }
        let missing = self.task.receive_vector(self.previous_seat(), "open", x.len())?;
        Ok(Some(add_vectors(&add_vectors(&x.own, &x.next), &missing)))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
