//! The two secrets of a giver: a key, from which and each other's public one the masks of a pair follow, and
//! the seed of its own mask.
//!
//! Source: X25519, RFC 7748. Each hash has a prefix of its own, and the task and the round in it; that of a
//! pair also what both were told.

use curve25519_dalek::MontgomeryPoint;
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::wrong::Wrong;

const PAIR: &[u8] = b"anchorhold/1 masked-sum pair\0";
const TOLD: &[u8] = b"anchorhold/1 masked-sum told\0";
const COMMITMENT: &[u8] = b"anchorhold/1 masked-sum own mask\0";

/// What all may know of a giver's secrets, and what they are checked with when they are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Public {
    key: [u8; 32],
    commitment: [u8; 32],
}

/// A giver's secrets, fresh for each round.
pub struct Secrets {
    /// An X25519 private key.
    pub(super) key: [u8; 32],
    /// The seed of its own mask.
    pub(super) seed: [u8; 32],
}

/// In which round of which task secrets are used, and the hash of what all were told there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding<'a> {
    pub task_id: &'a str,
    pub round: u32,
    pub told: [u8; 32],
}

impl Secrets {
    /// Draws secrets.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut secrets = Self { key: [0; 32], seed: [0; 32] };
        rng.fill_bytes(&mut secrets.key);
        rng.fill_bytes(&mut secrets.seed);
        secrets
    }

    /// Returns what all may know of them, in the only round in which they are used.
    pub fn public(&self, task_id: &str, round: u32) -> Public {
        let commitment = commitment(&self.seed, task_id, round);
        Public { key: public_key(&self.key), commitment }
    }
}

impl Public {
    /// How many bytes [`Public::to_bytes`] writes.
    pub(super) const BYTES: usize = 64;

    pub(super) fn to_bytes(self) -> Vec<u8> {
        [self.key, self.commitment].concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Wrong> {
        match bytes.as_chunks::<32>() {
            ([key, commitment], []) => Ok(Self { key: *key, commitment: *commitment }),
            _ => Err(Wrong::Length { expected: Self::BYTES, came: bytes.len() }),
        }
    }

    /// Says whether a key is the one that belongs to this.
    pub(super) fn is_of_key(&self, key: &[u8; 32]) -> bool {
        public_key(key) == self.key
    }

    /// Says whether a seed is the one that belongs to this.
    pub(super) fn is_of_seed(&self, seed: &[u8; 32], binding: Binding<'_>) -> bool {
        commitment(seed, binding.task_id, binding.round) == self.commitment
    }

    /// Returns the seed of the mask that a giver has in common with this one: whose key it is, and its
    /// own public part. `places` are those of the two, in any order: a giver that tells another's key as its
    /// own has no mask in common with anyone that the other has, too.
    pub(super) fn pair_seed(
        &self,
        key: &[u8; 32],
        own: &Self,
        places: (usize, usize),
        binding: Binding<'_>,
    ) -> Result<[u8; 32], Wrong> {
        let secret = MontgomeryPoint(self.key).mul_clamped(*key).to_bytes();
        if secret == [0; 32] {
            return Err(Wrong::LowOrder);
        }
        let (first, second) =
            if self.key < own.key { (self.key, own.key) } else { (own.key, self.key) };
        let hash = Sha256::new()
            .chain_update(PAIR)
            .chain_update(binding.task_id)
            .chain_update(binding.round.to_le_bytes())
            .chain_update(binding.told)
            // A usize fits u64 on every machine.
            .chain_update((places.0.min(places.1) as u64).to_le_bytes())
            .chain_update((places.0.max(places.1) as u64).to_le_bytes())
            .chain_update(first)
            .chain_update(second)
            .chain_update(secret);
        Ok(hash.finalize().into())
    }
}

/// Hashes what all are told before a round.
pub(super) fn hash_of_told(told: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(TOLD).chain_update(told).finalize().into()
}

fn public_key(key: &[u8; 32]) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(*key).to_bytes()
}

fn commitment(seed: &[u8; 32], task_id: &str, round: u32) -> [u8; 32] {
    Sha256::new()
        .chain_update(COMMITMENT)
        .chain_update(task_id)
        .chain_update(round.to_le_bytes())
        .chain_update(seed)
        .finalize()
        .into()
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;

    const HERE: Binding<'_> = Binding { task_id: "task", round: 7, told: [0; 32] };
    const ELSEWHERE: [Binding<'_>; 2] =
        [Binding { task_id: "other", ..HERE }, Binding { round: 8, ..HERE }];

    fn public(secrets: &Secrets) -> Public {
        secrets.public(HERE.task_id, HERE.round)
    }

    #[test]
    fn both_of_a_pair_have_one_seed_and_other_tasks_and_rounds_have_others() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let [a, b] = [0; 2].map(|_| Secrets::new(&mut rng));
        let [public_a, public_b] = [public(&a), public(&b)];
        let seed = public_b.pair_seed(&a.key, &public_a, (3, 5), HERE).unwrap();
        assert_eq!(public_a.pair_seed(&b.key, &public_b, (5, 3), HERE).unwrap(), seed);
        for others in [(3, 4), (5, 6), (0, 0)] {
            assert_ne!(public_a.pair_seed(&b.key, &public_b, others, HERE).unwrap(), seed);
        }
        assert!(public_a.is_of_key(&a.key) && !public_a.is_of_key(&b.key));
        assert!(public_a.is_of_seed(&a.seed, HERE) && !public_a.is_of_seed(&b.seed, HERE));
        for elsewhere in ELSEWHERE {
            assert_ne!(public_a.pair_seed(&b.key, &public_b, (3, 5), elsewhere).unwrap(), seed);
            assert!(!public_a.is_of_seed(&a.seed, elsewhere));
        }
        let told = Binding { told: hash_of_told(b"other"), ..HERE };
        assert_ne!(public_a.pair_seed(&b.key, &public_b, (3, 5), told).unwrap(), seed);
    }

    #[test]
    fn a_public_part_survives_its_bytes() {
        let public = public(&Secrets::new(&mut ChaCha20Rng::from_seed([1; 32])));
        let bytes = public.to_bytes();
        assert_eq!(Public::from_bytes(&bytes), Ok(public));
        for wrong in [&bytes[1..], &[]] {
            let expected = Wrong::Length { expected: 64, came: wrong.len() };
            assert_eq!(Public::from_bytes(wrong), Err(expected));
        }
    }

    #[test]
    fn a_public_key_of_low_order_is_refused() {
        let secrets = Secrets::new(&mut ChaCha20Rng::from_seed([1; 32]));
        let own = public(&secrets);
        for low in [[0; 32], std::array::from_fn(|place| u8::from(place == 0))] {
            let theirs = Public { key: low, commitment: [0; 32] };
            assert_eq!(theirs.pair_seed(&secrets.key, &own, (0, 1), HERE), Err(Wrong::LowOrder));
        }
    }
}
