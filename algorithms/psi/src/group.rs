//! The group in which keys are hidden: ristretto255 (RFC 9496), hashed to by RFC 9380.

use anchorhold_sdk::ChaCha20Rng;
use anchorhold_sdk::rand_core::Rng as _;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;

use crate::expand::Expander;
use crate::set::Digest;
use crate::wrong::Wrong;

/// The bytes of an element as it is sent.
pub const ELEMENT: usize = 32;

/// A group of prime order whose elements hide what they were multiplied with: in tests one so small
/// that all blinds can be tried.
pub trait Group {
    /// A number modulo the order of the group.
    type Scalar: Copy;
    /// An element.
    type Element: Copy;

    /// Hashes to an element: the same of the same digest, and like a random one otherwise.
    fn hash(&self, digest: &Digest) -> Self::Element;

    /// Draws a number other than 0, each with the same chance.
    fn random(rng: &mut ChaCha20Rng) -> Self::Scalar;

    /// Multiplies each element by the number at its place, and encodes the products.
    fn multiply(elements: &[Self::Element], by: &[Self::Scalar]) -> Vec<[u8; ELEMENT]>;

    /// Replaces each number, none of which is 0, by its inverse.
    fn invert(numbers: &mut [Self::Scalar]);
}

/// ristretto255, with a domain in which is hashed to it.
#[derive(Clone)]
pub struct Ristretto(Expander);

impl Ristretto {
    /// Takes the domain-separation tag of `hash_to_ristretto255`.
    pub fn new(tag: &[u8]) -> Self {
        Self(Expander::new(tag))
    }

    /// Hashes a message that these parts make up: `hash_to_ristretto255` of RFC 9380, appendix B.
    pub fn hash_parts(&self, parts: &[&[u8]]) -> RistrettoPoint {
        RistrettoPoint::from_uniform_bytes(&self.0.expand(parts))
    }
}

impl Group for Ristretto {
    type Scalar = Scalar;
    type Element = RistrettoPoint;

    fn hash(&self, digest: &Digest) -> RistrettoPoint {
        self.hash_parts(&[digest])
    }

    fn random(rng: &mut ChaCha20Rng) -> Scalar {
        loop {
            let mut bytes = [0; 64];
            rng.fill_bytes(&mut bytes);
            let scalar = Scalar::from_bytes_mod_order_wide(&bytes);
            if scalar != Scalar::ZERO {
                return scalar;
            }
        }
    }

    // Many doubled points are encoded with one inversion, so each is first multiplied by a half.
    fn multiply(elements: &[RistrettoPoint], by: &[Scalar]) -> Vec<[u8; ELEMENT]> {
        let halves = elements.iter().zip(by).map(|(element, by)| element * by.div_by_2());
        encode_doubled(&halves.collect::<Vec<_>>())
    }

    fn invert(numbers: &mut [Scalar]) {
        Scalar::invert_batch_alloc(numbers);
    }
}

/// Encodes twice each of these points.
pub fn encode_doubled(halves: &[RistrettoPoint]) -> Vec<[u8; ELEMENT]> {
    let encoded = RistrettoPoint::double_and_compress_batch(halves);
    encoded.iter().map(CompressedRistretto::to_bytes).collect()
}

/// Reads the elements that a peer sent.
///
/// # Errors
/// If one is not encoded as RFC 9496 says, or is the identity, which hides nothing.
pub fn decode(bytes: &[u8]) -> Result<Vec<RistrettoPoint>, Wrong> {
    let (elements, rest) = bytes.as_chunks::<ELEMENT>();
    if !rest.is_empty() {
        return Err(Wrong::Element);
    }
    elements.iter().map(decode_one).collect()
}

/// Reads one of them.
///
/// # Errors
/// As [`decode`].
pub fn decode_one(bytes: &[u8; ELEMENT]) -> Result<RistrettoPoint, Wrong> {
    let point = CompressedRistretto(*bytes).decompress().ok_or(Wrong::Element)?;
    if point.is_identity() {
        return Err(Wrong::Identity);
    }
    Ok(point)
}

#[cfg(test)]
pub mod tests;
