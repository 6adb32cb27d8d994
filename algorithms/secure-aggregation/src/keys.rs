//! The two secrets of a worker: a key, from which and each other's public one the masks of a pair follow, and
//! the seed of its own mask.
//!
//! Source: X25519, RFC 7748. Each hash has a prefix of its own and the task in it.

use anchorhold_sdk::rand_core::Rng;
use curve25519_dalek::MontgomeryPoint;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::wrong::Wrong;

const PAIR: &[u8] = b"anchorhold/1 secure-aggregation pair\0";
const COMMITMENT: &[u8] = b"anchorhold/1 secure-aggregation own mask\0";

/// What all may know of a worker's secrets, and what they are checked with when they are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Public {
    key: [u8; 32],
    commitment: [u8; 32],
}

/// A worker's secrets, fresh for each task.
pub struct Secrets {
    /// An X25519 private key.
    pub key: [u8; 32],
    /// The seed of its own mask.
    pub seed: [u8; 32],
}

impl Secrets {
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut secrets = Self { key: [0; 32], seed: [0; 32] };
        rng.fill_bytes(&mut secrets.key);
        rng.fill_bytes(&mut secrets.seed);
        secrets
    }

    pub fn public(&self, task_id: &str) -> Public {
        Public { key: public_key(&self.key), commitment: commitment(&self.seed, task_id) }
    }
}

impl Public {
    /// Says whether a key is the one that belongs to this.
    pub fn is_of_key(&self, key: &[u8; 32]) -> bool {
        public_key(key) == self.key
    }

    /// Says whether a seed is the one that belongs to this.
    pub fn is_of_seed(&self, seed: &[u8; 32], task_id: &str) -> bool {
        commitment(seed, task_id) == self.commitment
    }

    /// Returns the seed of the mask that a worker has in common with this one: whose key it is, and its
    /// own public part, are the one of the two that is given first.
    pub fn pair_seed(&self, key: &[u8; 32], own: &Self, task_id: &str) -> Result<[u8; 32], Wrong> {
        let secret = MontgomeryPoint(self.key).mul_clamped(*key).to_bytes();
        if secret == [0; 32] {
            return Err(Wrong::LowOrder);
        }
        let (first, second) =
            if self.key < own.key { (self.key, own.key) } else { (own.key, self.key) };
        let hash = Sha256::new()
            .chain_update(PAIR)
            .chain_update(task_id)
            .chain_update(first)
            .chain_update(second)
            .chain_update(secret);
        Ok(hash.finalize().into())
    }
}

fn public_key(key: &[u8; 32]) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(*key).to_bytes()
}

fn commitment(seed: &[u8; 32], task_id: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(COMMITMENT)
        .chain_update(task_id)
        .chain_update(seed)
        .finalize()
        .into()
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use anchorhold_sdk::ChaCha20Rng;
    use anchorhold_sdk::rand_core::SeedableRng as _;

    use super::*;

    #[test]
    fn both_of_a_pair_have_one_seed_and_other_tasks_have_others() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let [a, b] = [0; 2].map(|_| Secrets::new(&mut rng));
        let [public_a, public_b] = [&a, &b].map(|secrets| secrets.public("task"));
        let seed = public_b.pair_seed(&a.key, &public_a, "task").unwrap();
        assert_eq!(public_a.pair_seed(&b.key, &public_b, "task").unwrap(), seed);
        assert_ne!(public_a.pair_seed(&b.key, &public_b, "other").unwrap(), seed);
        assert!(public_a.is_of_key(&a.key) && !public_a.is_of_key(&b.key));
        assert!(public_a.is_of_seed(&a.seed, "task") && !public_a.is_of_seed(&b.seed, "task"));
        assert!(!public_a.is_of_seed(&a.seed, "other"));
    }

    #[test]
    fn a_public_key_of_low_order_is_refused() {
        let secrets = Secrets::new(&mut ChaCha20Rng::from_seed([1; 32]));
        let own = secrets.public("task");
        for low in [[0; 32], std::array::from_fn(|place| u8::from(place == 0))] {
            let theirs = Public { key: low, commitment: [0; 32] };
            assert_eq!(theirs.pair_seed(&secrets.key, &own, "task"), Err(Wrong::LowOrder));
        }
    }
}
