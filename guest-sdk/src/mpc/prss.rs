//! Pseudorandom secret sharing: two parties that hold a key draw the same random vectors without a
//! message (Cramer, Damgård, Ishai, "Share Conversion, Pseudorandom Secret-Sharing and Applications
//! to Secure Computation", TCC 2005).

#[cfg(any(all(target_family = "wasm", target_feature = "simd128"), test))]
mod chacha;

use rand_core::SeedableRng as _;

use super::Domain;

#[cfg(all(target_family = "wasm", target_feature = "simd128"))]
pub(super) use chacha::Keystream;
#[cfg(not(all(target_family = "wasm", target_feature = "simd128")))]
pub(super) use chacha20::ChaCha20Rng as Keystream;

/// Random vectors, one after the other, the same for all who hold its key.
pub(super) enum Stream {
    /// ChaCha20 under the key.
    Keyed(Box<Keystream>),
    /// Element `j` of draw `d` is digit `first + d` of `j`: over a vector that is long enough each
    /// combination of randomness is there once.
    #[cfg(test)]
    Enumerated { base: u64, place: u32 },
}

impl Stream {
    pub(super) fn keyed(key: [u8; 32]) -> Self {
        Self::Keyed(Box::new(Keystream::from_seed(key)))
    }

    /// Draws the next vector.
    pub(super) fn vector<D: Domain>(&mut self, length: usize) -> Vec<D> {
        match self {
            Self::Keyed(rng) => D::random_vector(rng, length),
            #[cfg(test)]
            Self::Enumerated { base, place } => {
                let divisor = base.pow(*place);
                *place += 1;
                (0..length as u64).map(|j| D::from_u64(j / divisor % *base)).collect()
            }
        }
    }
}
