//! The messages of three parties, in any domain: one computation has numbers and bits.

use super::{Servers, Shared, SharedMatrix};
use crate::mpc::matrix::product;
use crate::mpc::prss::Stream;
use crate::mpc::{Domain, add_vectors, subtract_vectors};
use crate::{Result, Seat, Task};

pub(super) struct Engine<'a> {
    pub task: &'a Task,
    pub servers: Servers,
    pub place: Place,
}

/// What this party is in it.
pub(super) enum Place {
    Server {
        /// Which of the three.
        index: usize,
        /// What this party and the one before it draw.
        own: Stream,
        /// What this party and the next one draw.
        next: Stream,
    },
    /// It does not compute: what it draws hides the values that it gives.
    Outside(Stream),
}

impl<'a> Engine<'a> {
    pub fn new(task: &'a mut Task, servers: Servers) -> Result<Self> {
        let mut key = [0; 32];
        rand_core::Rng::fill_bytes(task.rng(), &mut key);
        let index = servers.0.iter().position(|seat| *seat == task.seat());
        let place = match index {
            None => Place::Outside(Stream::keyed(key)),
            Some(index) => {
                task.send(servers.0[(index + 2) % 3], "key", &key)?;
                let next = task.receive(servers.0[(index + 1) % 3], "key")?;
                Place::Server { index, own: Stream::keyed(key), next: Stream::keyed(next) }
            }
        };
        Ok(Self { task, servers, place })
    }

    /// Shares a vector of each of these parties.
    pub fn share_from<D: Domain>(
        &mut self,
        dealers: &[Seat],
        own: Option<&[D]>,
        length: usize,
    ) -> Result<Vec<Shared<D>>> {
        let seat = self.task.seat();
        let given = own.map(<[D]>::len);
        let expected = dealers.contains(&seat).then_some(length);
        assert_eq!(given, expected, "the values that this party gives");
        // The own one first: the others need not wait for what this party receives.
        let own = own.map(|values| self.deal(values)).transpose()?;
        let share = |dealer: &Seat| match &own {
            Some(own) if *dealer == seat => Ok(own.clone()),
            _ => self.dealt(*dealer, length),
        };
        dealers.iter().map(share).collect()
    }

    /// Shares values of this party.
    fn deal<D: Domain>(&mut self, values: &[D]) -> Result<Shared<D>> {
        let length = values.len();
        match &mut self.place {
            // The dealer p and P(p+1) draw x_(p+1), x_(p+2) is zero, and so P(p+2) is told x_p, which
            // hides the value behind what it cannot draw.
            Place::Server { index, next, .. } => {
                let next = next.vector(length);
                let own = subtract_vectors(values, &next);
                self.task.send_vector(self.servers.before(*index), "share", &own)?;
                Ok(Shared::of([own, next]))
            }
            Place::Outside(random) => {
                let [x1, x2] = [(); 2].map(|()| random.vector(length));
                let x0 = subtract_vectors(&subtract_vectors(values, &x1), &x2);
                let parts = [[&x0, &x1], [&x1, &x2], [&x2, &x0]];
                for (seat, [own, next]) in self.servers.0.into_iter().zip(parts) {
                    self.task.send_vector(seat, "share", &[own.as_slice(), next].concat())?;
                }
                Ok(Shared::zeros(length))
            }
        }
    }

    /// Gets this party's part of what another shares.
    fn dealt<D: Domain>(&mut self, dealer: Seat, length: usize) -> Result<Shared<D>> {
        let Place::Server { index, own, .. } = &mut self.place else {
            return Ok(Shared::zeros(length));
        };
        let zero = vec![D::ZERO; length];
        if !self.servers.contains(dealer) {
            let mut own = self.task.receive_vector(dealer, "share", 2 * length)?;
            let next = own.split_off(length);
            return Ok(Shared::of([own, next]));
        }
        if self.servers.before(*index) == dealer {
            return Ok(Shared::of([own.vector(length), zero]));
        }
        Ok(Shared::of([zero, self.task.receive_vector(dealer, "share", length)?]))
    }

    pub fn public<D: Domain>(&self, values: &[D]) -> Shared<D> {
        // All of it is x_0.
        let zeros = || vec![D::ZERO; values.len()];
        match self.place {
            Place::Server { index: 0, .. } => Shared::of([values.to_vec(), zeros()]),
            Place::Server { index: 2, .. } => Shared::of([zeros(), values.to_vec()]),
            _ => Shared::zeros(values.len()),
        }
    }

    pub fn random<D: Domain>(&mut self, length: usize) -> Shared<D> {
        match &mut self.place {
            Place::Server { own, next, .. } => {
                Shared::of([own.vector(length), next.vector(length)])
            }
            Place::Outside(_) => Shared::zeros(length),
        }
    }

    pub fn multiply<D: Domain>(&mut self, x: &Shared<D>, y: &Shared<D>) -> Result<Shared<D>> {
        assert_eq!(x.len(), y.len(), "vectors of different lengths");
        let of_x = x.part(0).iter().zip(x.part(1));
        let of_both = of_x.zip(y.part(0).iter().zip(y.part(1)));
        self.reshare(of_both.map(|((&x, &x1), (&y, &y1))| x * (y + y1) + x1 * y).collect())
    }

    pub fn times<D: Domain>(
        &mut self,
        x: &SharedMatrix<D>,
        y: &SharedMatrix<D>,
    ) -> Result<SharedMatrix<D>> {
        let ((rows, inner), (others, columns)) = (x.shape(), y.shape());
        assert_eq!(inner, others, "the shapes do not fit");
        let (x, y) = (x.elements(), y.elements());
        let shape = (rows, inner, columns);
        let products = product(shape, x.part(0), &add_vectors(y.part(0), y.part(1)));
        let products = add_vectors(&products, &product(shape, x.part(1), y.part(0)));
        Ok(self.reshare(products)?.into_matrix((rows, columns)))
    }

    /// Makes shares of the sum of what the three parties have: hides the own part behind a share of
    /// zero and gives it to the party before.
    pub fn reshare<D: Domain>(&mut self, mut part: Vec<D>) -> Result<Shared<D>> {
        let length = part.len();
        let Place::Server { index, own, next } = &mut self.place else {
            return Ok(Shared::zeros(length));
        };
        let zeros = own.vector::<D>(length).into_iter().zip(next.vector::<D>(length));
        for (part, (own, next)) in part.iter_mut().zip(zeros) {
            *part += own - next;
        }
        let (before, after) = (self.servers.before(*index), self.servers.after(*index));
        self.task.send_vector(before, "multiply", &part)?;
        let next = self.task.receive_vector(after, "multiply", length)?;
        Ok(Shared::of([part, next]))
    }

    pub fn open<D: Domain>(&self, x: &Shared<D>) -> Result<Vec<D>> {
        let parties = self.task.parties();
        // The others first: they need not wait for what this party receives.
        parties.iter().try_for_each(|party| self.tell(party.seat, x))?;
        self.told(x)
    }

    pub fn open_to<D: Domain>(&self, receiver: Seat, x: &Shared<D>) -> Result<Option<Vec<D>>> {
        self.tell(receiver, x)?;
        (self.task.seat() == receiver).then(|| self.told(x)).transpose()
    }

    /// Sends a party what it lacks, if this is the one to do so.
    fn tell<D: Domain>(&self, receiver: Seat, x: &Shared<D>) -> Result<()> {
        let Place::Server { index, .. } = self.place else { return Ok(()) };
        let is_server = self.servers.contains(receiver);
        match index {
            _ if is_server && self.servers.after(index) == receiver => {
                self.task.send_vector(receiver, "open", x.part(0))
            }
            0 if !is_server => {
                let both = add_vectors(x.part(0), x.part(1));
                self.task.send_vector(receiver, "open", &both)
            }
            1 if !is_server => self.task.send_vector(receiver, "open", x.part(1)),
            _ => Ok(()),
        }
    }

    /// Receives what this party lacks.
    fn told<D: Domain>(&self, x: &Shared<D>) -> Result<Vec<D>> {
        let from = |seat| self.task.receive_vector(seat, "open", x.len());
        match self.place {
            Place::Server { index, .. } => {
                let both = add_vectors(x.part(0), x.part(1));
                Ok(add_vectors(&both, &from(self.servers.before(index))?))
            }
            Place::Outside(_) => {
                let [p0, p1, _] = self.servers.0;
                Ok(add_vectors(&from(p0)?, &from(p1)?))
            }
        }
    }
}

impl Servers {
    /// Returns the party before the one of this index.
    pub(super) fn before(self, index: usize) -> Seat {
        self.0[(index + 2) % 3]
    }

    /// Returns the party after the one of this index.
    pub(super) fn after(self, index: usize) -> Seat {
        self.0[(index + 1) % 3]
    }
}
