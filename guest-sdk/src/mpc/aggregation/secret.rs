//! Secrets of 32 bytes, shared among the givers: any t of them open one, fewer know nothing of it.
//!
//! Shamir's sharing over the field of 2^127 - 1 elements, of three parts of a secret. All coefficients above
//! the constant are uniform, zero among them; the giver in place j holds the polynomials at j + 1.

use rand_core::Rng;

use super::wrong::Wrong;
use crate::Seat;
use crate::mpc::shamir::{share_of, weights};
use crate::mpc::{Domain as _, Fp127};

/// How many bytes a share takes in a message.
pub const SHARE_BYTES: usize = PARTS * Fp127::BYTES;

const PARTS: usize = 3;

/// How many bytes of a secret are a part: so that each is below the field's order.
const PART_BYTES: usize = 11;

/// One giver's share of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Share([Fp127; PARTS]);

impl Share {
    pub fn write(&self, bytes: &mut Vec<u8>) {
        for part in self.0 {
            let mut own = [0; Fp127::BYTES];
            part.write(&mut own);
            bytes.extend(own);
        }
    }

    /// Reads a share from as many bytes as one has.
    pub fn read(bytes: &[u8]) -> Result<Self, Wrong> {
        if bytes.len() != SHARE_BYTES {
            return Err(Wrong::Length { expected: SHARE_BYTES, came: bytes.len() });
        }
        let mut parts = [Fp127::ZERO; PARTS];
        for (part, bytes) in parts.iter_mut().zip(bytes.as_chunks::<{ Fp127::BYTES }>().0) {
            *part = Fp127::read(bytes).ok_or(Wrong::Element)?;
        }
        Ok(Self(parts))
    }
}

/// Shares a secret among so many givers, of whom a threshold opens it.
pub fn deal(secret: &[u8; 32], threshold: usize, givers: usize, rng: &mut impl Rng) -> Vec<Share> {
    let constants = secret.chunks(PART_BYTES).map(|chunk| {
        let mut bytes = [0; Fp127::BYTES];
        bytes[..chunk.len()].copy_from_slice(chunk);
        Fp127::read(&bytes).expect("eleven bytes are below the order")
    });
    let constants: Vec<_> = constants.collect();
    let coefficients: Vec<_> =
        (1..threshold).map(|_| Fp127::random_vector(rng, constants.len())).collect();
    let share = |giver| {
        let parts = share_of(seat(giver), &constants, &coefficients);
        Share(parts.try_into().expect("a secret has three parts"))
    };
    (0..givers).map(share).collect()
}

/// What opens the secrets that were shared among these givers.
pub struct Opening {
    weights: Vec<Fp127>,
}

impl Opening {
    /// Prepares for shares of these givers, in this order.
    pub fn by(givers: &[usize]) -> Self {
        let seats: Vec<_> = givers.iter().map(|giver| seat(*giver)).collect();
        Self { weights: weights(&seats, Fp127::ZERO) }
    }

    /// Opens a secret; none if these are shares of no 32 bytes.
    pub fn open(&self, shares: impl Iterator<Item = Share>) -> Option<[u8; 32]> {
        let mut parts = [Fp127::ZERO; PARTS];
        for (share, weight) in shares.zip(&self.weights) {
            for (part, of_share) in parts.iter_mut().zip(share.0) {
                *part += of_share * *weight;
            }
        }
        let mut secret = [0; 32];
        for (chunk, part) in secret.chunks_mut(PART_BYTES).zip(parts) {
            let mut bytes = [0; Fp127::BYTES];
            part.write(&mut bytes);
            let (low, above) = bytes.split_at(chunk.len());
            if above.iter().any(|byte| *byte != 0) {
                return None;
            }
            chunk.copy_from_slice(low);
        }
        Some(secret)
    }
}

/// Where a giver holds the polynomials: as the party of that seat would if there were only givers.
fn seat(giver: usize) -> Seat {
    Seat::new(u32::try_from(giver).expect("a task has fewer parties"))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
