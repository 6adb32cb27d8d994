//! Additive sharing with message authentication codes, and a crypto provider: two or more parties
//! compute, and any number of them but one may be corrupt and do whatever they like.
//!
//! **Parties**: n >= 2 that compute, and one provider, which holds no data and gets no result. A
//! value x is the sum of a part of each party. So is its code Δx under a key Δ that nobody has and of
//! which each party has a part; it is drawn anew for each computation. The provider deals what is
//! random and depends on no data: products, masks, their bits. It gives each party a seed, from which
//! all parts but the first party's are drawn; the first is sent what its own must be corrected by.
//!
//! **Messages** of each party to each other one, for a vector of m elements: sharing m from the dealer,
//! a product 2m, a matrix product as many as both matrices have elements, opening m. Each is one round.
//! The provider sends the first party 4m for a product. An opening to all is checked before and after,
//! in four rounds of some hundred bytes each.
//!
//! **Assumes** that the provider follows the protocol and colludes with no party, and messages that
//! only their receiver can read. Up to n - 1 of the others may be corrupt, from the first message on.
//!
//! **Protects** the others' values, and the result: what a party sent wrong is noticed before anything
//! is opened that depends on it, and after, but for a chance of some 2 in the number of elements of the
//! field. Then there is no result: who it was is not found out.
//!
//! Where numbers are compared and truncated ([`Numbers`]) this holds as long as they are in their range:
//! they are opened under masks 2^60 times as large, or 2^45 times as large as products of two of them. Nothing proves that what a party shares is in its
//! range; one that shares something else can read others' numbers from what is opened. So whoever
//! computes with such steps is protected against parties that give numbers in their range.
//!
//! **Leaks** nothing but what is opened. Of a quotient that is opened, all parties learn a little more
//! than it says: which way it was rounded depends on the mask, and what was opened under it is known.
//!
//! **Does not protect** against a party that leaves, so that nobody gets a result, or that gets the
//! result and then leaves, so that others do not; against a party that gives another value than its
//! own; or against a provider that colludes with a party, and has everything.
//!
//! Source: Damgård, Pastro, Smart, Zakarias, "Multiparty Computation from Somewhat Homomorphic
//! Encryption", CRYPTO 2012, with the check of Damgård, Keller, Larraia, Pastro, Scholl, Smart,
//! "Practical Covertly Secure MPC for Dishonest Majority", ESORICS 2013, section 4. The provider is
//! that of PySyft and of Beaver's commodity model (STOC 1997).

mod check;
mod comparison;
mod supply;

use std::marker::PhantomData;

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::domain::Field;
use super::matrix::product;
use super::{Arithmetic, Fp127, Number as _, Numbers, Scheme, add_vectors, subtract_vectors};
use crate::{Error, Result, Seat, Task};
use check::Unchecked;
use supply::Supply;

/// Authenticated additive sharing: a party holds a part of a value and of its code.
pub struct Sharing<F>(PhantomData<F>);

/// One party's part of a shared vector.
pub type Shared<F> = super::Shared<Sharing<F>>;

/// One party's part of a shared matrix.
pub type SharedMatrix<F> = super::SharedMatrix<Sharing<F>>;

/// One of the parties that compute on shares, or the provider.
pub struct Spdz<'a, F: Field = Fp127> {
    task: &'a Task,
    /// Those that compute.
    parties: Vec<Seat>,
    provider: Seat,
    supply: Supply<F>,
    unchecked: Unchecked<F>,
    /// What this party draws for itself.
    random: ChaCha20Rng,
}

/// Random factors and their products, which nobody knows: what [`Spdz::multiply_with`] uses up, so that
/// none serves twice (Beaver, "Efficient Multiparty Protocols Using Circuit Randomization", CRYPTO 1991).
#[derive(Debug)]
pub struct Triples<F: Field> {
    a: Shared<F>,
    b: Shared<F>,
    c: Shared<F>,
}

impl<F: Field> Scheme for Sharing<F> {
    type Element = F;
    const PARTS: usize = 2;
}

impl<'a, F: Field> Spdz<'a, F> {
    /// Begins: the provider gives each party its seed. All parties but the provider compute.
    ///
    /// # Errors
    /// [`Error::Said`] if fewer than two compute; [`Error::PeerEnded`].
    pub fn new(task: &'a mut Task, provider: Seat) -> Result<Self> {
        let seats = task.parties().iter().map(|party| party.seat);
        let parties: Vec<_> = seats.filter(|seat| *seat != provider).collect();
        if parties.len() < 2 || parties.len() == task.parties().len() {
            return Err(Error::new(format!(
                "additive sharing takes two parties that compute and a crypto provider, not {} in all",
                task.parties().len()
            )));
        }
        let mut seed = [0; 32];
        task.rng().fill_bytes(&mut seed);
        let supply = Supply::new(task, &parties, provider)?;
        let (unchecked, random) = (Unchecked::default(), ChaCha20Rng::from_seed(seed));
        Ok(Self { task, parties, provider, supply, unchecked, random })
    }

    /// Draws a vector that nobody knows.
    ///
    /// # Errors
    /// [`Error::PeerEnded`].
    pub fn random(&mut self, length: usize) -> Result<Shared<F>> {
        let ([drawn], []) = self.supply([length], [], |_, _| [])?;
        Ok(drawn)
    }

    /// Draws what so many products take, such as before there are values. The provider sends the first
    /// party 4 elements for each.
    ///
    /// # Errors
    /// [`PeerEnded`](crate::Error::PeerEnded).
    pub fn triples(&mut self, length: usize) -> Result<Triples<F>> {
        let products = |a: &[F], b: &[F]| super::domain::zip(a, b, |a, b| a * b);
        let ([a, b], [c]) = self.supply([length; 2], [length], |[a, b], _| [products(a, b)])?;
        Ok(Triples { a, b, c })
    }

    /// Multiplies element by element, in 1 round: of each party 2 elements to each other one for each
    /// product.
    ///
    /// # Errors
    /// As [`Arithmetic::multiply`].
    ///
    /// # Panics
    /// If the lengths differ, that of the triples among them.
    pub fn multiply_with(
        &mut self,
        triples: Triples<F>,
        x: &Shared<F>,
        y: &Shared<F>,
    ) -> Result<Shared<F>> {
        let Triples { a, b, c } = triples;
        let opened = self.open_partially(&x.minus(&a).concatenated(&y.minus(&b)))?;
        let (d, e) = opened.split_at(x.len());
        let of_both = self.public(&super::domain::zip(d, e, |d, e| d * e));
        // (d + a)(e + b) = c + db + ea + de
        Ok(c.plus(&b.weighted(d)).plus(&a.weighted(e)).plus(&of_both))
    }

    /// Opens a vector of which nothing may be told before it is checked.
    fn open_partially(&mut self, x: &Shared<F>) -> Result<Vec<F>> {
        if self.supply.is_provider() {
            return Ok(vec![F::ZERO; x.len()]);
        }
        let sent = self.exchange("open", x.part(0))?;
        let zero = vec![F::ZERO; x.len()];
        let opened = sent.iter().fold(zero, |sum, part| add_vectors(&sum, part));
        self.unchecked.opened(&opened, x.part(1));
        if self.unchecked.is_long() {
            self.check()?;
        }
        Ok(opened)
    }

    fn others(&self) -> impl Iterator<Item = Seat> {
        self.parties.iter().copied().filter(|party| *party != self.task.seat())
    }

    /// Gives all that compute a vector, and gets one of each, in the order of their seats.
    fn exchange(&mut self, topic: &str, own: &[F]) -> Result<Vec<Vec<F>>> {
        let seat = self.task.seat();
        self.others().try_for_each(|party| self.task.send_vector(party, topic, own))?;
        let mut all = Vec::with_capacity(self.parties.len());
        for party in self.parties.clone() {
            let vector = match party == seat {
                true => own.to_vec(),
                false => self.task.receive_vector(party, topic, own.len())?,
            };
            self.heard(party, &vector);
            all.push(vector);
        }
        Ok(all)
    }
}

impl<F: Field> Arithmetic for Spdz<'_, F> {
    type Element = F;
    type Scheme = Sharing<F>;

    fn task(&self) -> &Task {
        self.task
    }

    fn dealers(&self) -> Vec<Seat> {
        self.parties.clone()
    }

    fn share_from(
        &mut self,
        dealers: &[Seat],
        own: Option<&[F]>,
        length: usize,
    ) -> Result<Vec<Shared<F>>> {
        let seat = self.task.seat();
        assert!(!dealers.contains(&self.provider), "the provider gives no values");
        let expected = dealers.contains(&seat).then_some(length);
        assert_eq!(own.map(<[F]>::len), expected, "the values that this party gives");
        let masks: Result<Vec<_>> =
            dealers.iter().map(|dealer| self.mask(*dealer, length)).collect();
        let masks = masks?;
        // The own one first: the others need not wait for what this party receives.
        let own_mask = masks.iter().find_map(|(mask, _)| mask.as_ref());
        let own = own.zip(own_mask).map(|(own, mask)| subtract_vectors(own, mask));
        if let Some(masked) = &own {
            self.others().try_for_each(|to| self.task.send_vector(to, "share", masked))?;
        }
        let mut all = Vec::with_capacity(dealers.len());
        for (dealer, (_, mask)) in dealers.iter().zip(masks) {
            let masked = match &own {
                _ if self.supply.is_provider() => vec![F::ZERO; length],
                Some(own) if *dealer == seat => own.clone(),
                _ => self.task.receive_vector(*dealer, "share", length)?,
            };
            self.heard(*dealer, &masked);
            all.push(mask.plus(&self.public(&masked)));
        }
        Ok(all)
    }

    fn public(&self, values: &[F]) -> Shared<F> {
        self.supply.public(values)
    }

    /// Takes 1 round, and of each party 2 elements to each other one for each product, and 4 from the
    /// provider to the first.
    fn multiply(&mut self, x: &Shared<F>, y: &Shared<F>) -> Result<Shared<F>> {
        let triples = self.triples(x.len())?;
        self.multiply_with(triples, x, y)
    }

    /// Takes 1 round, and of each party as many elements to each other one as both matrices have.
    fn times(&mut self, x: &SharedMatrix<F>, y: &SharedMatrix<F>) -> Result<SharedMatrix<F>> {
        let ((rows, inner), (others, columns)) = (x.shape(), y.shape());
        assert_eq!(inner, others, "the shapes do not fit");
        let shape = (rows, inner, columns);
        let (x, y) = (x.elements(), y.elements());
        let ([a, b], [c]) =
            self.supply([x.len(), y.len()], [rows * columns], |[a, b], _| [product(shape, a, b)])?;
        let opened = self.open_partially(&x.minus(&a).concatenated(&y.minus(&b)))?;
        let (d, e) = opened.split_at(x.len());
        let of_b = b.map(|b| product(shape, d, b));
        let of_a = a.map(|a| product(shape, a, e));
        let of_both = self.public(&product(shape, d, e));
        Ok(c.plus(&of_b).plus(&of_a).plus(&of_both).into_matrix((rows, columns)))
    }

    /// Takes 9 rounds: all that was opened before is checked, the vector is opened, and then it is
    /// checked itself. Of each party 1 element to each other one for each.
    fn open(&mut self, x: &Shared<F>) -> Result<Vec<F>> {
        self.check()?;
        let opened = self.open_partially(x)?;
        self.check()?;
        Ok(opened)
    }

    /// Opens it under a mask that the receiver alone knows.
    ///
    /// # Panics
    /// If the receiver is the provider.
    fn open_to(&mut self, receiver: Seat, x: &Shared<F>) -> Result<Option<Vec<F>>> {
        assert_ne!(receiver, self.provider, "nothing is opened to the provider");
        let (mask, shared) = self.mask(receiver, x.len())?;
        let masked = self.open(&x.minus(&shared))?;
        let is_receiver = self.task.seat() == receiver;
        Ok(mask.filter(|_| is_receiver).map(|mask| add_vectors(&masked, &mask)))
    }
}

// A product with an error is still uniform when it is opened for another product, but not under a mask
// that hides only what is in its range: so each of these begins with a check.
impl Numbers for Spdz<'_, Fp127> {
    /// Takes 5 rounds for each 1,024 numbers, beside the check of what was opened before, which takes
    /// four where there was something; and of each party 59 elements to each other one for each number, and 630 from
    /// the provider to the first.
    fn is_negative(&mut self, x: &Shared<Fp127>) -> Result<Shared<Fp127>> {
        self.check()?;
        self.by_chunks(x, Self::signs)
    }

    /// Takes rounds as a sign does, and of each party 31 elements to each other one for each number, and 574 from
    /// the provider to the first.
    fn is_zero(&mut self, x: &Shared<Fp127>) -> Result<Shared<Fp127>> {
        self.check()?;
        self.by_chunks(x, Self::zeros)
    }

    /// Takes 1 round, beside the check of what was opened before; and of each party 1 element to each
    /// other one for each number, and 4 from the provider to the first.
    fn truncate(&mut self, x: &Shared<Fp127>, bits: u32) -> Result<Shared<Fp127>> {
        let most = Fp127::PRODUCT_BITS - 1;
        assert!((1..=most).contains(&bits), "a number is divided by 2^1 to 2^{most}, not 2^{bits}");
        self.check()?;
        self.divided(x, bits)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
