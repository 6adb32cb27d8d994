//! The proof of RFC 9497, section 2.2, but for one hash: all elements of a batch were multiplied by the number
//! that the public key is of.
//!
//! A combination M of what was asked for and the same combination Z of the replies, with factors that are
//! hashed from all of them, are shown to have Z = kM where the public key is kG. A prover that multiplied
//! one of them by another number is caught but for a chance of about 2^-252.
//!
//! In the RFC the factor of an element is hashed from the key, its place, that element and its reply alone.
//! So a prover can choose wrong replies, each for itself, such that their errors cancel: with 4,096 elements
//! that is a generalized birthday problem of some 2^31 hashes (Wagner, "A Generalized Birthday Problem",
//! CRYPTO 2002). Here each factor is hashed from the whole batch too.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul as _;
use sha2::{Digest as _, Sha512};

use crate::expand::Expander;
use crate::group::ELEMENT;
use crate::voprf::Mode;

/// The bytes of a proof.
pub const PROOF: usize = 64;

/// A proof: challenge and response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

impl Proof {
    /// Encodes it.
    pub fn to_bytes(&self) -> [u8; PROOF] {
        let mut bytes = [0; PROOF];
        bytes[..32].copy_from_slice(self.challenge.as_bytes());
        bytes[32..].copy_from_slice(self.response.as_bytes());
        bytes
    }

    /// Decodes it; none unless both numbers are below the order of the group.
    pub fn from_bytes(bytes: &[u8; PROOF]) -> Option<Self> {
        let (halves, _) = bytes.as_chunks::<32>();
        let [challenge, response] = [0, 1].map(|half| Scalar::from_canonical_bytes(halves[half]));
        let (challenge, response) = (Option::from(challenge)?, Option::from(response)?);
        Some(Self { challenge, response })
    }
}

/// What is hashed, in one mode.
pub struct Transcript {
    scalars: Expander,
    seed_tag: Vec<u8>,
    /// Whether factors are hashed from the whole batch: always, but in the RFC's test vectors.
    of_batch: bool,
}

/// The factors of a combination.
pub struct Composites(Vec<Scalar>);

impl Composites {
    /// Returns the factors.
    #[cfg(test)]
    pub fn factors(&self) -> Vec<Scalar> {
        self.0.clone()
    }

    /// Combines what was asked for and the replies. All of these and the factors are known to both.
    pub fn of(&self, asked: &[RistrettoPoint], replies: &[RistrettoPoint]) -> [RistrettoPoint; 2] {
        [self.of_one(asked), self.of_one(replies)]
    }

    /// Combines one of these.
    pub fn of_one(&self, elements: &[RistrettoPoint]) -> RistrettoPoint {
        RistrettoPoint::vartime_multiscalar_mul(&self.0, elements)
    }
}

impl Transcript {
    /// Takes the tags of a mode.
    pub fn new(mode: Mode) -> Self {
        let scalars = Expander::new(&mode.tag("HashToScalar-"));
        Self { scalars, seed_tag: mode.tag("Seed-"), of_batch: true }
    }

    /// Hashes factors as the RFC does.
    #[cfg(test)]
    pub fn of_rfc(mode: Mode) -> Self {
        Self { of_batch: false, ..Self::new(mode) }
    }

    /// Hashes the factors from all that is proved: `ComputeComposites`, with the batch in the seed.
    pub fn composites(
        &self,
        key: &[u8; ELEMENT],
        asked: &[[u8; ELEMENT]],
        replies: &[[u8; ELEMENT]],
    ) -> Composites {
        let mut hash = Sha512::new();
        for part in [&key[..], &self.seed_tag] {
            hash.update(length(part.len()));
            hash.update(part);
        }
        if self.of_batch {
            for (asked, reply) in asked.iter().zip(replies) {
                hash.update(asked);
                hash.update(reply);
            }
        }
        let seed = hash.finalize();
        let (seed_length, element_length) = (length(seed.len()), length(ELEMENT));
        let pairs = asked.iter().zip(replies).enumerate();
        let factor = |(at, (asked, reply)): (usize, (&[u8; ELEMENT], &[u8; ELEMENT]))| {
            self.hash_to_scalar(&[
                &seed_length,
                &seed,
                &length(at),
                &element_length,
                asked,
                &element_length,
                reply,
                b"Composite",
            ])
        };
        Composites(pairs.map(factor).collect())
    }

    /// Proves that the secret of the public key is what M is multiplied by: `GenerateProof` from there on.
    pub fn prove(
        &self,
        key: &[u8; ELEMENT],
        secret: &Scalar,
        m: &RistrettoPoint,
        random: &Scalar,
    ) -> Proof {
        let of = [m * secret, RistrettoPoint::mul_base(random), m * random];
        let challenge = self.challenge(key, m, &of);
        Proof { challenge, response: random - challenge * secret }
    }

    /// Says whether a proof holds: `VerifyProof` from there on.
    pub fn verify(
        &self,
        key: &[u8; ELEMENT],
        key_point: &RistrettoPoint,
        m: &RistrettoPoint,
        z: &RistrettoPoint,
        proof: &Proof,
    ) -> bool {
        let Proof { challenge, response } = proof;
        let of_key =
            RistrettoPoint::vartime_double_scalar_mul_basepoint(challenge, key_point, response);
        let of_m = RistrettoPoint::vartime_multiscalar_mul([response, challenge], [m, z]);
        self.challenge(key, m, &[*z, of_key, of_m]) == *challenge
    }

    fn challenge(
        &self,
        key: &[u8; ELEMENT],
        m: &RistrettoPoint,
        of: &[RistrettoPoint; 3],
    ) -> Scalar {
        let [z, of_key, of_m] = of.map(|point| point.compress().to_bytes());
        let m = m.compress().to_bytes();
        let element_length = length(ELEMENT);
        let parts = [key, &m, &z, &of_key, &of_m].map(|part| [&element_length[..], part]);
        let parts: Vec<&[u8]> =
            parts.as_flattened().iter().copied().chain([&b"Challenge"[..]]).collect();
        self.hash_to_scalar(&parts)
    }

    fn hash_to_scalar(&self, parts: &[&[u8]]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.scalars.expand(parts))
    }
}

/// Writes a length or a place, of which the RFC has two bytes.
fn length(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("a batch has fewer than 2^16 elements").to_be_bytes()
}
