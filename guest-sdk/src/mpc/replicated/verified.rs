//! Replicated sharing in which a party that does what it likes is noticed: each value x is shared
//! twice, as x and as rx under an r that nobody has, and before anything is opened it is checked that
//! all these pairs fit.
//!
//! **Parties** and what one of them holds are those of [`replicated`](super), twice.
//!
//! **Messages** of each of the three for a vector of m elements: sharing m more than there, a product
//! 2m, a matrix product two for each element of the result, opening m to each other one and 2m to each
//! that does not compute. A check comes before each opening: six rounds of some ten elements.
//!
//! **Assumes** that at most one of the three is corrupt, from the first message on, together with any
//! number of the others; and messages that only their receiver can read.
//!
//! **Protects** the others' values, and the result: what was sent wrong is noticed before anything is
//! opened that depends on it, but for a chance of 4 in the number of elements of the field, 2^-59 for
//! [`Fp61`]. Then there is no result: who it was is not found out.
//!
//! **Leaks** nothing but what is opened.
//!
//! **Does not protect** against two of the three that collude; against a party that leaves, so that
//! nobody gets a result, or once it has it; or that gives another value than its own. Comparison and
//! truncation are not offered: those of [`Replicated`](super::Replicated) are not protected so.
//!
//! Source: Chida, Genkin, Hamada, Ikarashi, Kikuchi, Lindell, Nof, "Fast Large-Scale Honest-Majority
//! MPC for Malicious Adversaries", CRYPTO 2018 (ePrint 2018/570), protocol 5.3, with r kept secret, so
//! that more can be computed after a check. It costs no more for a sum of products than for a product,
//! which the check of a triple by another (Lindell and Nof, ePrint 2017/816) does.

use std::marker::PhantomData;
use std::mem;

use sha2::{Digest as _, Sha256};

use super::engine::{Engine, Place};
use super::{Servers, Shared as Single};
use crate::mpc::domain::{Field, zip};
use crate::mpc::matrix::product;
use crate::mpc::prss::Stream;
use crate::mpc::{Arithmetic, Fp61, Scheme, add_vectors, wire};
use crate::{Error, Result, Seat, Task};

/// After so many products a check is made, so that they need not be kept for longer.
const LONG: usize = 1 << 18;

/// Replicated sharing of x and of rx.
pub struct Sharing<F>(PhantomData<F>);

/// One party's part of a shared vector.
pub type Shared<F> = crate::mpc::Shared<Sharing<F>>;

/// One party's part of a shared matrix.
pub type SharedMatrix<F> = crate::mpc::SharedMatrix<Sharing<F>>;

/// A party of a computation on shares that is checked: one of the three, or one that gives them values.
pub struct Verified<'a, F: Field = Fp61> {
    engine: Engine<'a>,
    /// The r, one element.
    key: Single<F>,
    /// What was shared and multiplied since the last check, x and rx.
    unchecked: [Single<F>; 2],
    /// What a party that does not compute gave both this one and the one before it, and after it.
    dealt: [Sha256; 2],
    has_failed: bool,
}

impl<F: Field> Scheme for Sharing<F> {
    type Element = F;
    const PARTS: usize = 4;
}

impl<F: Field> Shared<F> {
    /// Puts x and rx together.
    fn pair(x: &Single<F>, rx: &Single<F>) -> Self {
        Self::of([x.part(0), x.part(1), rx.part(0), rx.part(1)].map(<[F]>::to_vec))
    }

    /// Returns x and rx.
    fn both(&self) -> [Single<F>; 2] {
        let part = |index| self.part(index).to_vec();
        [Single::of([part(0), part(1)]), Single::of([part(2), part(3)])]
    }
}

impl<'a, F: Field> Verified<'a, F> {
    /// Begins, as [`Replicated::new`](super::Replicated::new).
    ///
    /// # Errors
    /// [`Error::PeerEnded`].
    pub fn new(task: &'a mut Task, servers: Servers) -> Result<Self> {
        let mut engine = Engine::new(task, servers)?;
        let key = engine.random(1);
        let unchecked = [Single::zeros(0), Single::zeros(0)];
        Ok(Self {
            engine,
            key,
            unchecked,
            dealt: [Sha256::new(), Sha256::new()],
            has_failed: false,
        })
    }

    /// Draws a vector that nobody knows. Takes 1 round.
    ///
    /// # Errors
    /// [`Error::PeerEnded`].
    pub fn random(&mut self, length: usize) -> Result<Shared<F>> {
        let drawn = self.engine.random(length);
        self.keyed(drawn)
    }

    /// Multiplies by r what is shared once.
    fn keyed(&mut self, x: Single<F>) -> Result<Shared<F>> {
        let rx = self.engine.multiply(&x, &self.key.repeated(x.len()))?;
        self.remember(x, rx)
    }

    fn remember(&mut self, x: Single<F>, rx: Single<F>) -> Result<Shared<F>> {
        let pair = Shared::pair(&x, &rx);
        for (unchecked, new) in self.unchecked.iter_mut().zip([x, rx]) {
            unchecked.append(new);
        }
        if self.unchecked[0].len() >= LONG {
            self.check()?;
        }
        Ok(pair)
    }

    /// Makes shares of products of this party's parts of x, of rx, and of y.
    fn products(
        &mut self,
        [x, y]: [&Shared<F>; 2],
        multiply: impl Fn(&[F], &[F]) -> Vec<F>,
    ) -> Result<Shared<F>> {
        let both_of_y = add_vectors(y.part(0), y.part(1));
        let product = |own: usize| {
            let products = multiply(x.part(own), &both_of_y);
            add_vectors(&products, &multiply(x.part(own + 1), y.part(0)))
        };
        let (z, rz) = (product(0), product(2));
        let length = z.len();
        let both = self.engine.reshare([z, rz].concat())?;
        self.remember(both.range(0..length), both.range(length..2 * length))
    }

    /// Checks all that was shared and multiplied since the last time. Takes six rounds.
    fn check(&mut self) -> Result<()> {
        if self.has_failed {
            return Err(refused());
        }
        let [x, rx] = mem::replace(&mut self.unchecked, [Single::zeros(0), Single::zeros(0)]);
        if x.is_empty() {
            return Ok(());
        }
        // Until it is known that it has not.
        self.has_failed = true;
        let Place::Server { index, .. } = self.engine.place else {
            self.has_failed = false;
            return Ok(());
        };
        let [before, after] = self.dealt.each_mut().map(Sha256::finalize_reset);
        self.all_heard(index, [&before, &after])?;
        let seed = self.engine.random::<F>(4);
        let seed = Sha256::digest(wire::bytes(&self.open_checked(&seed)?));
        let coefficients = Stream::keyed(seed.into()).vector::<F>(x.len());
        let [x, rx] = [x, rx].map(|all| all.weighted(&coefficients).sum());
        // r is not opened: what is multiplied wrong here would have to be guessed.
        let difference = rx.minus(&self.engine.multiply(&x, &self.key)?);
        let hidden = self.engine.random(1);
        let hidden = self.engine.multiply(&difference, &hidden)?;
        self.all_heard(index, [&seed, &seed])?;
        if self.open_checked(&hidden)? != [F::ZERO] {
            return Err(refused());
        }
        self.has_failed = false;
        Ok(())
    }

    /// Waits until the other two have all that was sent before, and have the same to say to this one.
    ///
    /// Who is told what is opened while it still has something to send can choose that by it.
    fn all_heard(&self, index: usize, [before, after]: [&[u8]; 2]) -> Result<()> {
        let Engine { task, servers, .. } = &self.engine;
        let both = [(servers.before(index), before), (servers.after(index), after)];
        both.iter().try_for_each(|(server, said)| task.send_bytes(*server, "heard", said))?;
        for (server, said) in both {
            if task.inbox().from(server).topic("heard").message()?.body != said {
                return Err(refused());
            }
        }
        Ok(())
    }

    /// Opens a vector among the three: each hears what it lacks from both others.
    fn open_checked(&self, x: &Single<F>) -> Result<Vec<F>> {
        self.engine.servers.0.iter().try_for_each(|server| self.tell(*server, x))?;
        self.told(x)
    }

    /// Sends a party what it lacks.
    fn tell(&self, receiver: Seat, x: &Single<F>) -> Result<()> {
        let Place::Server { index, .. } = self.engine.place else { return Ok(()) };
        let Engine { task, servers, .. } = &self.engine;
        match receiver {
            _ if receiver == task.seat() => Ok(()),
            _ if receiver == servers.after(index) => task.send_vector(receiver, "open", x.part(0)),
            _ if receiver == servers.before(index) => task.send_vector(receiver, "open", x.part(1)),
            _ => task.send_vector(receiver, "open", &[x.part(0), x.part(1)].concat()),
        }
    }

    /// Receives what this party lacks, each part from two.
    fn told(&self, x: &Single<F>) -> Result<Vec<F>> {
        let Engine { task, servers, .. } = &self.engine;
        let length = x.len();
        if let Place::Server { index, .. } = self.engine.place {
            let both = add_vectors(x.part(0), x.part(1));
            let from = |seat| task.receive_vector(seat, "open", length);
            let [one, other] = [from(servers.before(index))?, from(servers.after(index))?];
            return if one == other { Ok(add_vectors(&both, &one)) } else { Err(refused()) };
        }
        let from = |seat: &Seat| task.receive_vector(*seat, "open", 2 * length);
        let told: Result<Vec<Vec<F>>> = servers.0.iter().map(from).collect();
        let told = told?;
        let parts: Vec<_> = told.iter().map(|both| both.split_at(length)).collect();
        if (0..3).any(|index| parts[index].1 != parts[(index + 1) % 3].0) {
            return Err(refused());
        }
        Ok(add_vectors(&add_vectors(parts[0].0, parts[1].0), parts[2].0))
    }
}

impl<F: Field> Arithmetic for Verified<'_, F> {
    type Element = F;
    type Scheme = Sharing<F>;

    fn task(&self) -> &Task {
        self.engine.task
    }

    /// Takes 2 rounds.
    fn share_from(
        &mut self,
        dealers: &[Seat],
        own: Option<&[F]>,
        length: usize,
    ) -> Result<Vec<Shared<F>>> {
        let shared = self.engine.share_from(dealers, own, length)?;
        for (dealer, shared) in dealers.iter().zip(&shared) {
            if !self.engine.servers.contains(*dealer) {
                for (index, dealt) in self.dealt.iter_mut().enumerate() {
                    dealt.update(wire::bytes(shared.part(index)));
                }
            }
        }
        let all = self.keyed(Single::concatenation(&shared))?;
        let of_dealer = |index| all.range(index * length..(index + 1) * length);
        Ok((0..dealers.len()).map(of_dealer).collect())
    }

    fn public(&self, values: &[F]) -> Shared<F> {
        let rx = self.key.repeated(values.len()).weighted(values);
        Shared::pair(&self.engine.public(values), &rx)
    }

    /// Takes 1 round, and of each of the three 2 elements for each product.
    fn multiply(&mut self, x: &Shared<F>, y: &Shared<F>) -> Result<Shared<F>> {
        assert_eq!(x.len(), y.len(), "vectors of different lengths");
        self.products([x, y], |x, y| zip(x, y, |x, y| x * y))
    }

    fn times(&mut self, x: &SharedMatrix<F>, y: &SharedMatrix<F>) -> Result<SharedMatrix<F>> {
        let ((rows, inner), (others, columns)) = (x.shape(), y.shape());
        assert_eq!(inner, others, "the shapes do not fit");
        let shape = (rows, inner, columns);
        let products = self.products([x.elements(), y.elements()], |x, y| product(shape, x, y))?;
        Ok(products.into_matrix((rows, columns)))
    }

    /// Takes 7 rounds: a check of all that was computed before, and the opening.
    fn open(&mut self, x: &Shared<F>) -> Result<Vec<F>> {
        self.check()?;
        let [x, _] = x.both();
        self.dealers().into_iter().try_for_each(|party| self.tell(party, &x))?;
        let opened = self.told(&x);
        self.has_failed |= opened.is_err();
        opened
    }

    fn open_to(&mut self, receiver: Seat, x: &Shared<F>) -> Result<Option<Vec<F>>> {
        self.check()?;
        let [x, _] = x.both();
        self.tell(receiver, &x)?;
        let opened = (self.task().seat() == receiver).then(|| self.told(&x)).transpose();
        self.has_failed |= opened.is_err();
        opened
    }
}

fn refused() -> Error {
    Error::new("a party did not follow the protocol: what was computed does not fit together")
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
