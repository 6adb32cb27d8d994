//! The kind `voprf`: RFC 9497 with the ciphersuite ristretto255-SHA512 in the mode VOPRF, with a stronger proof.
//!
//! **Parties**: the modeller has elements x, the pod elements y and a secret k, fresh for each task.
//!
//! **Messages**: the pod's public key kG, before anything is asked for; r H(x) with a blind r for each
//! element; for each batch k r H(x) in the same order and a proof that all of them were multiplied by the
//! one k of the public key (a batched proof of equal discrete logarithms, section 2.2, each factor of which
//! depends on the whole batch: see `dleq`); of the pod's set the
//! first 16 bytes of each output, sorted. The modeller checks the proof, and hashes x and k H(x) to the
//! output.
//!
//! **Assumes** what `ecdh` does.
//!
//! **Leaks** the sizes of both sets. The pod learns nothing, even one that could compute anything.
//!
//! **Does not protect** against a pod whose set is not that of its data: a proof is about replies. What it
//! replies is what its key gives, so that no reply makes the modeller find an element that the pod's set,
//! under that key, does not have.

use std::collections::VecDeque;

use anchorhold_sdk::ChaCha20Rng;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest as _, Sha512};

use crate::dleq::{PROOF, Proof, Transcript};
use crate::ecdh;
use crate::exchange::{Answering, Asking};
use crate::group::{ELEMENT, Group, Ristretto, decode, decode_one};
use crate::set::Digest;
use crate::token::{Token, truncated};
use crate::wrong::Wrong;

/// The modes of RFC 9497, section 3: in the first one nothing is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only for the RFC's test vectors.
    #[cfg(test)]
    Oprf = 0,
    /// What is used here.
    Voprf = 1,
}

impl Mode {
    /// Returns the tag of one use, which ends with the context string.
    pub fn tag(self, of: &str) -> Vec<u8> {
        [of.as_bytes(), b"OPRFV1-", &[self as u8], b"-ristretto255-SHA512"].concat()
    }

    /// Returns the group with `HashToGroup`.
    pub fn group(self) -> Ristretto {
        Ristretto::new(&self.tag("HashToGroup-"))
    }
}

/// Computes the output of an input and of the group's element that was evaluated and unblinded.
pub fn finalize(input: &[u8], unblinded: &[u8; ELEMENT]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for part in [input, unblinded] {
        let length = u16::try_from(part.len()).expect("inputs are digests, of 32 bytes");
        hash.update(length.to_be_bytes());
        hash.update(part);
    }
    hash.chain_update(b"Finalize").finalize().into()
}

fn tokens(elements: &[Digest], unblinded: &[[u8; ELEMENT]]) -> Vec<Token> {
    let of = elements.iter().zip(unblinded);
    of.map(|(element, unblinded)| truncated(&finalize(element, unblinded))).collect()
}

/// The modeller's part.
pub struct Modeller {
    blinding: ecdh::Modeller<Ristretto>,
    transcript: Transcript,
    key: [u8; ELEMENT],
    key_point: RistrettoPoint,
    /// What was asked for and not answered yet, as it was sent.
    asked: VecDeque<Vec<[u8; ELEMENT]>>,
}

impl Modeller {
    /// Takes the pod's public key.
    ///
    /// # Errors
    /// If it is no element, or the identity.
    pub fn new(key: &[u8]) -> Result<Self, Wrong> {
        let key = key.try_into().map_err(|_| Wrong::Element)?;
        Ok(Self {
            blinding: ecdh::Modeller::new(Mode::Voprf.group()),
            transcript: Transcript::new(Mode::Voprf),
            key,
            key_point: decode_one(&key)?,
            asked: VecDeque::new(),
        })
    }
}

impl Asking for Modeller {
    fn element_bytes(&self) -> usize {
        ELEMENT
    }

    fn proof_bytes(&self) -> usize {
        PROOF
    }

    fn ask(&mut self, elements: &[Digest], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        let asked = self.blinding.blind(elements, rng);
        let body = asked.concat();
        self.asked.push_back(asked);
        Ok(body)
    }

    fn open(&mut self, elements: &[Digest], reply: &[u8]) -> Result<Vec<Token>, Wrong> {
        let (replies, proof) = reply.split_last_chunk::<PROOF>().ok_or(Wrong::Proof)?;
        let proof = Proof::from_bytes(proof).ok_or(Wrong::Proof)?;
        let asked = self.asked.pop_front().expect("there is a reply to each batch");
        let points = decode(replies)?;
        let asked_points = decode(asked.as_flattened()).expect("the own elements");
        let composites = self.transcript.composites(&self.key, &asked, replies.as_chunks().0);
        let [m, z] = composites.of(&asked_points, &points);
        if !self.transcript.verify(&self.key, &self.key_point, &m, &z, &proof) {
            return Err(Wrong::Proof);
        }
        Ok(tokens(elements, &self.blinding.unblind(&points)))
    }
}

/// The pod's part.
pub struct Pod {
    group: Ristretto,
    transcript: Transcript,
    secret: Scalar,
    key: [u8; ELEMENT],
}

impl Pod {
    /// Draws the secret.
    pub fn new(rng: &mut ChaCha20Rng) -> Self {
        Self::with_secret(Mode::Voprf, Ristretto::random(rng))
    }

    /// Takes a secret.
    pub fn with_secret(mode: Mode, secret: Scalar) -> Self {
        let key = RistrettoPoint::mul_base(&secret).compress().to_bytes();
        Self { group: mode.group(), transcript: Transcript::new(mode), secret, key }
    }

    /// Multiplies what was asked for by the secret, and proves it with this random number.
    pub fn evaluate(&self, asked: &[u8], random: &Scalar) -> Result<Vec<u8>, Wrong> {
        let points = decode(asked)?;
        let replies = Ristretto::multiply(&points, &vec![self.secret; points.len()]);
        let composites = self.transcript.composites(&self.key, asked.as_chunks().0, &replies);
        let m = composites.of_one(&points);
        let proof = self.transcript.prove(&self.key, &self.secret, &m, random);
        Ok([replies.as_flattened(), &proof.to_bytes()].concat())
    }
}

impl Answering for Pod {
    fn public_key(&self) -> Vec<u8> {
        self.key.to_vec()
    }

    fn element_bytes(&self) -> usize {
        ELEMENT
    }

    fn tokens(&self, elements: &[Digest]) -> Vec<Token> {
        let hashed: Vec<_> = elements.iter().map(|element| self.group.hash(element)).collect();
        let keyed = Ristretto::multiply(&hashed, &vec![self.secret; elements.len()]);
        tokens(elements, &keyed)
    }

    fn answer(&mut self, asked: &[u8], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        self.evaluate(asked, &Ristretto::random(rng))
    }
}

#[cfg(test)]
mod tests;
