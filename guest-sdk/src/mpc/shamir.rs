//! Shamir secret sharing among n parties: any t of them know nothing, any t + 1 open.
//!
//! **Parties**: n, and a threshold t from 1 to n - 1. A value is the constant of a random polynomial
//! of degree t over a field; the party at seat j holds the polynomial at j + 1. All t coefficients
//! above the constant are uniform, zero among them.
//!
//! **Messages** for a vector of m elements: sharing m elements from the dealer to each other party,
//! opening m from each to each, a product (n >= 2t + 1) m from each of the first 2t + 1 parties to
//! each. Each is one round, and has nothing but the elements' bytes.
//!
//! **Assumes** parties that follow the protocol (semi-honest), of which at most t collude, and
//! messages that only their receiver can read.
//!
//! **Leaks** nothing but what is opened, and who was there.
//!
//! **When parties leave**: n - t - 1 of them may leave after sharing, and the others still open. When
//! more than t + 1 parties are there at the opening, a share that was changed is noticed, if at most
//! as many were changed as there are more; of exactly t + 1 it is not. Then there is no result: who
//! sent it is not found out.
//!
//! Source: Shamir, "How to Share a Secret", CACM 22(11), 1979; multiplication with the degree
//! reduction of Gennaro, Rabin, Rabin, "Simplified VSS and Fast-track Multiparty Computations with
//! Applications to Threshold Cryptography", PODC 1998, which for up to five parties sends fewer
//! elements in fewer rounds than Damgård and Nielsen, CRYPTO 2007.

use std::marker::PhantomData;

use super::domain::{Field, zip};
use super::prss::Stream;
use super::{Scheme, add_vectors, scale_vector};
use crate::{Error, Result, Seat, Task};

/// Shamir sharing: a party holds the polynomial at its own point.
pub struct Sharing<F>(PhantomData<F>);

/// One party's shares of a vector.
pub type Shared<F> = super::Shared<Sharing<F>>;

/// A vector that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened<F> {
    /// Its values.
    pub values: Vec<F>,
    /// The parties whose shares it was opened with, this one among them, in the order of seats.
    pub present: Vec<Seat>,
}

/// One of n parties that compute on shares.
pub struct Shamir<'a> {
    task: &'a Task,
    threshold: usize,
    random: Stream,
}

impl<'a> Shamir<'a> {
    /// Begins; so many parties may collude without learning anything.
    ///
    /// # Errors
    /// [`Error::Said`] if the threshold is zero, or not below the number of parties.
    pub fn new(task: &'a mut Task, threshold: usize) -> Result<Self> {
        let parties = task.parties().len();
        if threshold == 0 || threshold >= parties {
            return Err(Error::new(format!(
                "the threshold must be from 1 to {}, below the number of parties, not {threshold}",
                parties - 1
            )));
        }
        let mut key = [0; 32];
        rand_core::Rng::fill_bytes(task.rng(), &mut key);
        Ok(Self { task, threshold, random: Stream::keyed(key) })
    }

    /// Returns how many parties may leave after sharing.
    pub fn may_leave(&self) -> usize {
        self.task.parties().len() - self.threshold - 1
    }

    /// Shares a vector of a length that all parties know; the dealer alone gives its values.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if the dealer sends another length.
    ///
    /// # Panics
    /// If the dealer gives none or another length, or another party gives values; or if the field
    /// has no more elements than there are parties.
    pub fn share<F: Field>(
        &mut self,
        dealer: Seat,
        values: Option<&[F]>,
        length: usize,
    ) -> Result<Shared<F>> {
        let given = values.map(<[F]>::len);
        let expected = (self.task.seat() == dealer).then_some(length);
        assert_eq!(given, expected, "the values that this party gives");
        match values {
            Some(values) => self.deal("share", values),
            None => {
                self.task.receive_vector(dealer, "share", length).map(|part| Shared::of([part]))
            }
        }
    }

    /// Shares a vector of each party, all of one length: first all are sent and then received, in
    /// one round.
    ///
    /// # Errors
    /// [`Error::PeerEnded`], and [`Error::Said`] if a party sends another length.
    ///
    /// # Panics
    /// If the field has no more elements than there are parties.
    pub fn share_all<F: Field>(&mut self, own: &[F]) -> Result<Vec<Shared<F>>> {
        let own_share = self.deal("share", own)?;
        let others = self.task.others().map(|dealer| {
            self.task.receive_vector(dealer, "share", own.len()).map(|part| Shared::of([part]))
        });
        let mut shares = others.collect::<Result<Vec<_>>>()?;
        shares.insert(self.task.seat().index(), own_share);
        Ok(shares)
    }

    /// Sends each party its shares, and returns the own ones.
    fn deal<F: Field>(&mut self, topic: &str, values: &[F]) -> Result<Shared<F>> {
        let parties = self.task.parties().len();
        assert!(F::ORDER > parties as u128, "the field is too small for {parties} parties");
        let coefficients: Vec<Vec<F>> =
            (0..self.threshold).map(|_| self.random.vector(values.len())).collect();
        let at = |seat| share_of(seat, values, &coefficients);
        for receiver in self.task.others() {
            self.task.send_vector(receiver, topic, &at(receiver))?;
        }
        Ok(Shared::of([at(self.task.seat())]))
    }

    /// Multiplies element by element.
    ///
    /// # Errors
    /// [`Error::Said`] if there are not 2t + 1 parties, or a peer sends another length;
    /// [`Error::PeerEnded`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn multiply<F: Field>(&mut self, x: &Shared<F>, y: &Shared<F>) -> Result<Shared<F>> {
        let (parties, needed) = (self.task.parties().len(), 2 * self.threshold + 1);
        if parties < needed {
            return Err(Error::new(format!(
                "to multiply under the threshold {} takes {needed} parties, not {parties}",
                self.threshold
            )));
        }
        // The products lie on a polynomial of degree 2t. Each of 2t + 1 parties shares its own at
        // degree t; their interpolation at zero is linear.
        let products = zip(x.part(0), y.part(0), |x, y| x * y);
        let dealers: Vec<Seat> =
            self.task.parties().iter().take(needed).map(|party| party.seat).collect();
        let own = match dealers.contains(&self.task.seat()) {
            true => Some(self.deal("multiply", &products)?),
            false => None,
        };
        let mut sum = vec![F::ZERO; products.len()];
        for (&dealer, weight) in dealers.iter().zip(weights::<F>(&dealers, F::ZERO)) {
            let part = match &own {
                Some(own) if dealer == self.task.seat() => own.part(0).to_vec(),
                _ => self.task.receive_vector(dealer, "multiply", products.len())?,
            };
            sum = add_vectors(&sum, &scale_vector(&part, weight));
        }
        Ok(Shared::of([sum]))
    }

    /// Shares a vector that all parties know.
    pub fn public<F: Field>(&self, values: &[F]) -> Shared<F> {
        Shared::of([values.to_vec()])
    }

    /// Opens a vector to all parties. Parties that have left are done without.
    ///
    /// # Errors
    /// [`Error::Said`] if fewer than t + 1 parties are there, or shares do not fit together.
    pub fn open<F: Field>(&self, x: &Shared<F>) -> Result<Opened<F>> {
        self.task.broadcast_vector("open", x.part(0))?;
        let mut present = vec![(self.task.seat(), x.part(0).to_vec())];
        for sender in self.task.others() {
            match self.task.receive_vector(sender, "open", x.len()) {
                Ok(shares) => present.push((sender, shares)),
                Err(Error::PeerEnded { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        present.sort_unstable_by_key(|(seat, _)| *seat);
        if present.len() <= self.threshold {
            return Err(Error::new(format!(
                "of {} parties {} are there, and {} are needed to open",
                self.task.parties().len(),
                present.len(),
                self.threshold + 1
            )));
        }
        let (enough, more) = present.split_at(self.threshold + 1);
        for (seat, shares) in more {
            if interpolated(enough, point(*seat)) != *shares {
                return Err(Error::new(
                    "the shares do not fit together: a party sent another one than it has",
                ));
            }
        }
        let values = interpolated(enough, F::ZERO);
        Ok(Opened { values, present: present.iter().map(|(seat, _)| *seat).collect() })
    }
}

impl<F: Field> Scheme for Sharing<F> {
    type Element = F;
    const PARTS: usize = 1;
}

/// Returns a party's share of each of these values, under polynomials with these coefficients: of the
/// highest power first and of none without one, a vector as long as the values each. As many shares as there
/// are such vectors say nothing of the values, if these are uniform, and one more tells them.
///
/// # Panics
/// If a vector has another length.
pub fn share_of<F: Field>(seat: Seat, values: &[F], coefficients: &[Vec<F>]) -> Vec<F> {
    let zero = vec![F::ZERO; values.len()];
    let above = coefficients
        .iter()
        .fold(zero, |sum, of_power| scale_vector(&add_vectors(&sum, of_power), point(seat)));
    add_vectors(&above, values)
}

/// Where a party holds the polynomial: never at zero, where the value is.
fn point<F: Field>(seat: Seat) -> F {
    F::from_u64(u64::from(seat.number()) + 1)
}

/// Returns what the share of each seat is multiplied by, so that their sum is the polynomial of the
/// lowest degree through them, at a place (Lagrange): the value, at zero.
pub fn weights<F: Field>(seats: &[Seat], at: F) -> Vec<F> {
    let weight = |own: &Seat| {
        let others = seats.iter().filter(|seat| *seat != own);
        others.fold(F::ONE, |product, other| {
            let (own, other) = (point::<F>(*own), point::<F>(*other));
            product * (at - other) * (own - other).inverse()
        })
    };
    seats.iter().map(weight).collect()
}

fn interpolated<F: Field>(shares: &[(Seat, Vec<F>)], at: F) -> Vec<F> {
    let seats: Vec<Seat> = shares.iter().map(|(seat, _)| *seat).collect();
    let zero = vec![F::ZERO; shares.first().map_or(0, |(_, shares)| shares.len())];
    let weighted = shares.iter().zip(weights(&seats, at));
    weighted
        .fold(zero, |sum, ((_, shares), weight)| add_vectors(&sum, &scale_vector(shares, weight)))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
