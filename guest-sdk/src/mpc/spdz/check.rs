//! The check of what was opened: that all parties heard the same, and that the codes fit.
//!
//! Source: Damgård et al., ESORICS 2013, figure 10, with commitments by a hash function.

use std::mem;

use rand_core::Rng as _;
use sha2::{Digest as _, Sha256};

use super::Spdz;
use super::supply::Supply;
use crate::mpc::domain::Field;
use crate::mpc::prss::Stream;
use crate::mpc::wire;
use crate::{Error, Result, Seat};

/// After so many opened elements a check is made, so that they need not be kept for longer.
const LONG: usize = 1 << 18;

/// What a party heard and did not check yet.
pub(super) struct Unchecked<F> {
    opened: Vec<F>,
    codes: Vec<F>,
    /// Of all vectors that went from one party to all others.
    heard: Sha256,
    state: State,
    /// How many checks there were.
    checks: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Checked,
    Unchecked,
    /// Nothing is opened any more.
    Failed,
}

impl<F> Default for Unchecked<F> {
    fn default() -> Self {
        let (opened, codes) = (Vec::new(), Vec::new());
        Self { opened, codes, heard: Sha256::new(), state: State::Checked, checks: 0 }
    }
}

impl<F: Field> Unchecked<F> {
    /// Remembers a vector that was opened, and this party's part of its code.
    pub fn opened(&mut self, values: &[F], codes: &[F]) {
        self.opened.extend_from_slice(values);
        self.codes.extend_from_slice(codes);
    }

    pub fn is_long(&self) -> bool {
        self.opened.len() >= LONG
    }
}

impl<F: Field> Spdz<'_, F> {
    /// Remembers what a party told all others.
    pub(super) fn heard(&mut self, from: Seat, vector: &[F]) {
        if self.unchecked.state == State::Checked {
            self.unchecked.state = State::Unchecked;
        }
        // Of two, each heard what it heard.
        if self.parties.len() > 2 {
            let bytes = wire::bytes(vector);
            let heard = &mut self.unchecked.heard;
            heard.update(from.number().to_le_bytes());
            heard.update((bytes.len() as u64).to_le_bytes());
            heard.update(bytes);
        }
    }

    /// Checks all that was heard since the last time. Takes four rounds.
    pub(super) fn check(&mut self) -> Result<()> {
        let Supply::Party { key, .. } = self.supply else { return Ok(()) };
        match self.unchecked.state {
            State::Checked => return Ok(()),
            State::Unchecked => {}
            State::Failed => return Err(refused()),
        }
        // Until it is known that it has not.
        self.unchecked.state = State::Failed;
        self.unchecked.checks += 1;
        let (opened, codes) =
            (mem::take(&mut self.unchecked.opened), mem::take(&mut self.unchecked.codes));
        let heard = self.unchecked.heard.finalize_reset();
        let has_others = self.parties.len() > 2;
        if has_others {
            self.others().try_for_each(|party| self.task.send_bytes(party, "heard", &heard))?;
        }
        // All coefficients are drawn only now, by all: nobody could choose its errors by them.
        let own = self.drawn();
        let seeds = self.commit_and_open(&own)?;
        for party in self.others().filter(|_| has_others) {
            if self.told(party, "heard")? != heard[..] {
                return Err(refused());
            }
        }
        let seed = seeds.iter().fold(Sha256::new(), |hash, seed| hash.chain_update(seed));
        let coefficients = Stream::keyed(seed.finalize().into()).vector::<F>(opened.len());
        let weighted = |vector: &[F]| {
            let products = vector.iter().zip(&coefficients);
            products.fold(F::ZERO, |sum, (&element, &by)| sum + element * by)
        };
        let difference = weighted(&codes) - key * weighted(&opened);
        let mut own = vec![0; F::BYTES];
        difference.write(&mut own);
        let differences = self.commit_and_open(&own)?;
        let mut sum = F::ZERO;
        for difference in differences {
            sum += F::read(&difference).ok_or_else(refused)?;
        }
        if sum != F::ZERO {
            return Err(refused());
        }
        self.unchecked.state = State::Checked;
        Ok(())
    }

    /// Lets each party say something that it has chosen before it hears what the others say, and
    /// returns all that was said, in the order of seats.
    fn commit_and_open(&mut self, own: &[u8]) -> Result<Vec<Vec<u8>>> {
        let said = [self.drawn().as_slice(), own].concat();
        let commitment = self.commitment(self.task.seat(), &said);
        self.others().try_for_each(|to| self.task.send_bytes(to, "commit", &commitment))?;
        let commitments: Result<Vec<_>> =
            self.others().map(|party| Ok((party, self.told(party, "commit")?))).collect();
        let commitments = commitments?;
        self.others().try_for_each(|to| self.task.send_bytes(to, "reveal", &said))?;
        let mut all = Vec::with_capacity(self.parties.len());
        for party in &self.parties {
            let Some((_, commitment)) = commitments.iter().find(|(of, _)| of == party) else {
                all.push(own.to_vec());
                continue;
            };
            let said = self.told(*party, "reveal")?;
            if said.len() != 32 + own.len() || self.commitment(*party, &said) != *commitment {
                return Err(refused());
            }
            all.push(said[32..].to_vec());
        }
        Ok(all)
    }

    fn commitment(&self, of: Seat, said: &[u8]) -> Vec<u8> {
        let hash = Sha256::new()
            .chain_update(b"anchorhold/1 spdz commitment\0")
            .chain_update(self.unchecked.checks.to_le_bytes())
            .chain_update(of.number().to_le_bytes())
            .chain_update(said);
        hash.finalize().to_vec()
    }

    fn drawn(&mut self) -> [u8; 32] {
        let mut drawn = [0; 32];
        self.random.fill_bytes(&mut drawn);
        drawn
    }

    fn told(&self, party: Seat, topic: &str) -> Result<Vec<u8>> {
        Ok(self.task.inbox().from(party).topic(topic).message()?.body)
    }
}

fn refused() -> Error {
    Error::new("a party did not follow the protocol: what was opened does not fit its code")
}
