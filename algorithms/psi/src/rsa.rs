//! The kind `rsa`: RSA signatures of blinded hashes, as Bitfount describes them, but for one step that cannot
//! work: there the pod hashes its signatures of blinded values, of which the modeller could then take no
//! blind off. Here it returns them as they are, and the modeller hashes them once they are unblinded.
//!
//! **Parties**: the modeller has elements x, the pod elements y and an RSA key, fresh for each task.
//!
//! **Messages**: the pod's modulus n; H(x) r^e mod n with a blind r for each element; (H(x) r^e)^d = H(x)^d r
//! in the same order; of the pod's set the tokens of H(y)^d, sorted. The modeller divides by r, checks that
//! the e-th power is H(x), and takes the token.
//!
//! **Assumes** a pod that follows the protocol; that nobody computes e-th roots modulo n without its factors,
//! also after having seen those of numbers of its choice; a hash to all numbers below n that is like a random
//! function.
//!
//! **Leaks** the sizes of both sets. Where n is the product of two primes and no factor of e divides one less
//! than either, H(x) r^e is a uniform number without a factor in common with n, whatever x is.
//!
//! **Does not protect** against a pod that sends another modulus. If r^e does not take all values modulo n,
//! what is sent tells something of H(x), and it has left before a signature shows that something is wrong.
//! That n has 2048 bits and is odd is checked; that it is the product of two such primes is not proved.

mod key;
mod number;

use std::collections::{BTreeSet, VecDeque};

use anchorhold_sdk::ChaCha20Rng;
use crypto_bigint::U2048;

use crate::exchange::{Answering, Asking};
use crate::set::Digest;
use crate::token::{Token, token};
use crate::wrong::Wrong;
use key::Key;
use number::{Modulus, NUMBER, hash, read, write};

/// The modeller's part.
pub struct Modeller {
    modulus: Modulus<{ U2048::LIMBS }>,
    task_id: String,
    /// The inverses of the blinds of each batch that was not answered yet.
    inverses: VecDeque<Vec<U2048>>,
}

impl Modeller {
    /// Takes the pod's modulus.
    ///
    /// # Errors
    /// If it is not an odd number of 2048 bits.
    pub fn new(key: &[u8], task_id: &str) -> Result<Self, Wrong> {
        let modulus = read(key).and_then(Modulus::new).filter(Modulus::is_full);
        let modulus = modulus.ok_or(Wrong::Modulus)?;
        Ok(Self { modulus, task_id: task_id.to_owned(), inverses: VecDeque::new() })
    }
}

impl Asking for Modeller {
    fn element_bytes(&self) -> usize {
        NUMBER
    }

    fn ask(&mut self, elements: &[Digest], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        let blinds: Vec<_> = elements.iter().map(|_| self.modulus.random(rng)).collect();
        self.inverses.push_back(self.modulus.inverses(&blinds).ok_or(Wrong::Factor)?);
        let mut body = Vec::with_capacity(elements.len() * NUMBER);
        for (element, blind) in elements.iter().zip(&blinds) {
            let hashed = hash(&self.modulus, &self.task_id, element);
            body.extend(write(&self.modulus.blinded(&hashed, blind)));
        }
        Ok(body)
    }

    fn open(&mut self, elements: &[Digest], reply: &[u8]) -> Result<Vec<Token>, Wrong> {
        let inverses = self.inverses.pop_front().expect("there is a reply to each batch");
        let replies = reply.as_chunks().0.iter().zip(&inverses);
        let replies = elements.iter().zip(replies).map(|(element, (reply, inverse))| {
            let reply = self.modulus.element(reply).ok_or(Wrong::Element)?;
            let signature = self.modulus.product(&reply, inverse);
            if self.modulus.power(&signature) != hash(&self.modulus, &self.task_id, element) {
                return Err(Wrong::Signature);
            }
            Ok(token(&write(&signature)))
        });
        replies.collect()
    }
}

/// The pod's part.
pub struct Pod {
    key: Key,
    task_id: String,
    /// The tokens of what was asked for.
    asked: BTreeSet<Token>,
}

impl Pod {
    /// Makes the key.
    pub fn new(task_id: &str, rng: &mut ChaCha20Rng) -> Self {
        Self { key: Key::new(rng), task_id: task_id.to_owned(), asked: BTreeSet::new() }
    }
}

impl Answering for Pod {
    fn public_key(&self) -> Vec<u8> {
        write(self.key.modulus().as_number()).to_vec()
    }

    fn element_bytes(&self) -> usize {
        NUMBER
    }

    fn tokens(&self, elements: &[Digest]) -> Vec<Token> {
        let modulus = self.key.modulus();
        let signed = elements.iter().map(|element| {
            let signature = self.key.sign(&hash(modulus, &self.task_id, element));
            token(&write(&signature))
        });
        signed.collect()
    }

    fn answer(&mut self, asked: &[u8], _: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong> {
        let mut replies = Vec::with_capacity(asked.len());
        for asked in asked.as_chunks().0 {
            let number = self.key.modulus().element(asked).ok_or(Wrong::Element)?;
            if !self.asked.insert(token(asked)) {
                return Err(Wrong::Repeated);
            }
            replies.extend(write(&self.key.sign(&number)));
        }
        Ok(replies)
    }
}

#[cfg(test)]
mod tests;
