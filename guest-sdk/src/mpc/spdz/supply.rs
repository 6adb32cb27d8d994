//! What the provider deals: random values that depend on no data, in shares with their codes.

use super::{Shared, Spdz};
use crate::mpc::domain::Field;
use crate::mpc::prss::Stream;
use crate::mpc::{add_vectors, scale_vector, subtract_vectors};
use crate::{Result, Seat, Task};

const TOPIC: &str = "correction";

/// Uniform vectors, and those that were made of them.
type Dealt<F, const U: usize, const C: usize> = ([Shared<F>; U], [Shared<F>; C]);

/// One side of it.
pub(super) enum Supply<F> {
    Party {
        /// Its place among those that compute.
        index: usize,
        /// This party's part of the key.
        key: F,
        /// What it draws as the provider does.
        stream: Stream,
    },
    Provider {
        key: F,
        /// What each party draws.
        streams: Vec<Stream>,
        /// What nobody else draws.
        random: Stream,
    },
}

impl<F: Field> Supply<F> {
    pub fn new(task: &mut Task, parties: &[Seat], provider: Seat) -> Result<Self> {
        let Some(index) = parties.iter().position(|party| *party == task.seat()) else {
            let mut seed = || {
                let mut seed = [0; 32];
                rand_core::Rng::fill_bytes(task.rng(), &mut seed);
                seed
            };
            let random = Stream::keyed(seed());
            let seeds: Vec<_> = parties.iter().map(|_| seed()).collect();
            for (party, seed) in parties.iter().zip(&seeds) {
                task.send(*party, "seed", seed)?;
            }
            let streams = seeds.into_iter().map(Stream::keyed).collect();
            return Ok(Self::provider(streams, random));
        };
        Ok(Self::party(index, Stream::keyed(task.receive(provider, "seed")?)))
    }

    pub fn party(index: usize, mut stream: Stream) -> Self {
        let key = one(&mut stream);
        Self::Party { index, key, stream }
    }

    pub fn provider(mut streams: Vec<Stream>, random: Stream) -> Self {
        let key = streams.iter_mut().fold(F::ZERO, |key, stream| key + one(stream));
        Self::Provider { key, streams, random }
    }

    pub fn is_provider(&self) -> bool {
        matches!(self, Self::Provider { .. })
    }

    pub fn public(&self, values: &[F]) -> Shared<F> {
        match self {
            Self::Provider { .. } => Shared::zeros(values.len()),
            Self::Party { index, key, .. } => {
                // All of it is the first party's; everybody adds to the code.
                let value = if *index == 0 { values.to_vec() } else { vec![F::ZERO; values.len()] };
                Shared::of([value, scale_vector(values, *key)])
            }
        }
    }
}

impl<F: Field> Spdz<'_, F> {
    /// Deals vectors of these lengths: first uniform ones, and then such as the provider makes of
    /// them.
    pub(super) fn supply<const U: usize, const C: usize>(
        &mut self,
        uniform: [usize; U],
        chosen: [usize; C],
        make: impl FnOnce(&[Vec<F>; U], &mut Stream) -> [Vec<F>; C],
    ) -> Result<Dealt<F, U, C>> {
        match &mut self.supply {
            Supply::Party { index, stream, .. } => {
                let is_first = *index == 0;
                let corrections = match is_first {
                    true => {
                        let total = uniform.iter().chain(&chosen).chain(&chosen).sum();
                        self.task.receive_vector(self.provider, TOPIC, total)?
                    }
                    false => Vec::new(),
                };
                let mut corrections = corrections.into_iter();
                let mut part = |length, is_corrected| match is_first && is_corrected {
                    true => corrections.by_ref().take(length).collect(),
                    false => stream.vector(length),
                };
                let uniform = uniform.map(|length| {
                    let value = part(length, false);
                    Shared::of([value, part(length, true)])
                });
                let chosen = chosen.map(|length| {
                    let value = part(length, true);
                    Shared::of([value, part(length, true)])
                });
                Ok((uniform, chosen))
            }
            Supply::Provider { key, streams, random } => {
                let mut corrections = Vec::new();
                let values = uniform.map(|length| {
                    let drawn = streams.iter_mut().map(|stream| stream.vector::<F>(length));
                    let zero = vec![F::ZERO; length];
                    let value = drawn.fold(zero, |sum, part| add_vectors(&sum, &part));
                    corrections.extend(correction(&scale_vector(&value, *key), streams));
                    value
                });
                let made = make(&values, random);
                for (value, length) in made.iter().zip(chosen) {
                    assert_eq!(value.len(), length, "as many as all expect");
                    corrections.extend(correction(value, streams));
                    corrections.extend(correction(&scale_vector(value, *key), streams));
                }
                self.task.send_vector(self.parties[0], TOPIC, &corrections)?;
                Ok((uniform.map(Shared::zeros), chosen.map(Shared::zeros)))
            }
        }
    }

    /// Deals a random vector that one party knows, who gets it, as the provider does.
    pub(super) fn mask(
        &mut self,
        known_to: Seat,
        length: usize,
    ) -> Result<(Option<Vec<F>>, Shared<F>)> {
        let place = self.parties.iter().position(|party| *party == known_to);
        let place = place.expect("a party that computes");
        let mask = match &mut self.supply {
            Supply::Party { index, stream, .. } => (*index == place).then(|| stream.vector(length)),
            Supply::Provider { streams, .. } => Some(streams[place].vector(length)),
        };
        let ([], [shared]) =
            self.supply([], [length], |_, _| [mask.clone().unwrap_or_default()])?;
        Ok((mask, shared))
    }
}

/// Returns the first party's part of values of which the others draw theirs.
fn correction<F: Field>(values: &[F], streams: &mut [Stream]) -> Vec<F> {
    streams[1..].iter_mut().fold(values.to_vec(), |rest, stream| {
        let part = stream.vector(rest.len());
        subtract_vectors(&rest, &part)
    })
}

fn one<F: Field>(stream: &mut Stream) -> F {
    stream.vector(1)[0]
}
