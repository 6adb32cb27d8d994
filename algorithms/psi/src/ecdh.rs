//! The kind `ecdh`: each element is blinded by the modeller, multiplied by the pod's secret, and
//! unblinded.
//!
//! **Parties**: the modeller has elements x, the pod elements y and a secret k, fresh for each task.
//!
//! **Messages**: r H(x) with a blind r for each element; k r H(x) in the same order; of the pod's set
//! the tokens of k H(y), sorted. The modeller computes the tokens of r^-1 k r H(x) = k H(x).
//!
//! **Assumes** a hash to the group that is like a random function, and that what has been multiplied by
//! k cannot be told from random elements (the decisional Diffie-Hellman assumption).
//!
//! **Leaks** the sizes of both sets. Blinds are uniform and not 0 and H(x) generates the group, so r H(x)
//! is a uniform element that is not the identity, whatever x is: the pod learns nothing, even one that
//! could compute anything. Where replies come permuted ([`Modeller::with_one_blind`]) all elements have
//! one blind, since a blind of its own could not be taken off: then what is sent is like random elements
//! by the assumption.
//!
//! **Does not protect** against a pod that multiplies different elements by different numbers, so that
//! the modeller finds fewer of them; `voprf` does.

use std::collections::VecDeque;

use anchorhold_sdk::ChaCha20Rng;

use crate::exchange::{Answering, Asking};
use crate::group::{ELEMENT, Group, Ristretto, decode};
use crate::set::Digest;
use crate::token::{Token, token};
use crate::wrong::Wrong;

/// Returns the group, in a domain of the task's own.
pub fn group(task_id: &str) -> Ristretto {
    let tag = format!("anchorhold/1 psi-ecdh ristretto255_XMD:SHA-512_R255MAP_RO_ {task_id}");
    Ristretto::new(tag.as_bytes())
}

/// The modeller's part.
pub struct Modeller<G: Group> {
    group: G,
    one: Option<G::Scalar>,
    /// The blinds of each batch that was not answered yet.
    blinds: VecDeque<Vec<G::Scalar>>,
}

impl<G: Group> Modeller<G> {
    /// Blinds each element on its own.
    pub fn new(group: G) -> Self {
        Self { group, one: None, blinds: VecDeque::new() }
    }

    /// Blinds all elements by the same number, so that replies may come in any order.
    pub fn with_one_blind(group: G, rng: &mut ChaCha20Rng) -> Self {
        Self { group, one: Some(G::random(rng)), blinds: VecDeque::new() }
    }

    /// Blinds elements, each by the number at its place.
    pub fn blind_by(&mut self, elements: &[Digest], blinds: Vec<G::Scalar>) -> Vec<[u8; ELEMENT]> {
        let hashed: Vec<_> = elements.iter().map(|element| self.group.hash(element)).collect();
        let blinded = G::multiply(&hashed, &blinds);
        self.blinds.push_back(blinds);
        blinded
    }

    /// Blinds elements by numbers that it draws.
    pub fn blind(&mut self, elements: &[Digest], rng: &mut ChaCha20Rng) -> Vec<[u8; ELEMENT]> {
        let draw = |_| self.one.unwrap_or_else(|| G::random(rng));
        let blinds = elements.iter().map(draw).collect();
        self.blind_by(elements, blinds)
    }

    /// Takes the blinds off the replies to the first batch that was not answered yet.
    pub fn unblind(&mut self, replies: &[G::Element]) -> Vec<[u8; ELEMENT]> {
        let mut blinds = self.blinds.pop_front().expect("there is a reply to each batch");
        G::invert(&mut blinds);
        G::multiply(replies, &blinds)
    }
}

impl Asking for Modeller<Ristretto> {
    fn element_bytes(&self) -> usize {
        ELEMENT
    }

    fn ask(&mut self, elements: &[Digest], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        Ok(self.blind(elements, rng).concat())
    }

    fn open(&mut self, _: &[Digest], reply: &[u8]) -> Result<Vec<Token>, Wrong> {
        let unblinded = self.unblind(&decode(reply)?);
        Ok(unblinded.iter().map(|keyed| token(keyed)).collect())
    }
}

/// The pod's part.
pub struct Pod {
    group: Ristretto,
    secret: <Ristretto as Group>::Scalar,
}

impl Pod {
    /// Draws the secret.
    pub fn new(group: Ristretto, rng: &mut ChaCha20Rng) -> Self {
        Self { group, secret: Ristretto::random(rng) }
    }
}

impl Answering for Pod {
    fn public_key(&self) -> Vec<u8> {
        Vec::new()
    }

    fn element_bytes(&self) -> usize {
        ELEMENT
    }

    fn tokens(&self, elements: &[Digest]) -> Vec<Token> {
        let hashed: Vec<_> = elements.iter().map(|element| self.group.hash(element)).collect();
        let keyed = Ristretto::multiply(&hashed, &vec![self.secret; elements.len()]);
        keyed.iter().map(|keyed| token(keyed)).collect()
    }

    fn answer(&mut self, asked: &[u8], _: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        let asked = decode(asked)?;
        Ok(Ristretto::multiply(&asked, &vec![self.secret; asked.len()]).concat())
    }
}

#[cfg(test)]
mod tests;
