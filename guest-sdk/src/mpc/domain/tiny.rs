//! Rings with so few elements that a test can go through all randomness.

use std::ops::{Add, Mul, Neg};

use rand_core::Rng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Domain, Field, follows};

/// An integer modulo M, from 2 to 128: for tests, in which all randomness is enumerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tiny<const M: u8>(u8);

/// The field of seven elements.
pub type Fp7 = Tiny<7>;

/// The ring of the integers modulo 2^4.
pub type Z16 = Tiny<16>;

impl<const M: u8> Tiny<M> {
    /// Represents the number modulo M.
    pub const fn new(number: u8) -> Self {
        const { assert!(2 <= M && M <= 128, "M is from 2 to 128") };
        Self(number % M)
    }

    /// Returns the number below M.
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl<const M: u8> Domain for Tiny<M> {
    const ZERO: Self = Self::new(0);
    const ONE: Self = Self::new(1);
    const BYTES: usize = 1;

    fn from_u64(number: u64) -> Self {
        // Below 128: the cast loses nothing.
        Self((number % u64::from(M)) as u8)
    }

    fn random(rng: &mut impl Rng) -> Self {
        let most = u8::MAX - u8::MAX % M;
        loop {
            // Any eight bits are as good as others.
            let number = rng.next_u32() as u8;
            if number < most {
                return Self::new(number);
            }
        }
    }

    fn write(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&[self.0]);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [number] if *number < M => Some(Self(*number)),
            _ => None,
        }
    }
}

impl Field for Tiny<7> {
    const ORDER: u128 = 7;
}

impl<const M: u8> Add for Tiny<M> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.0 + other.0)
    }
}

impl<const M: u8> Mul for Tiny<M> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = u16::from(self.0) * u16::from(other.0) % u16::from(M);
        // Below 128: the cast loses nothing.
        Self(product as u8)
    }
}

impl<const M: u8> Neg for Tiny<M> {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(M - self.0)
    }
}

follows!({const M: u8} Tiny<M>);

impl<const M: u8> Serialize for Tiny<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.0].serialize(serializer)
    }
}

impl<'de, const M: u8> Deserialize<'de> for Tiny<M> {
    fn deserialize<T: Deserializer<'de>>(from: T) -> Result<Self, T::Error> {
        let bytes = <[u8; 1]>::deserialize(from)?;
        Self::read(&bytes).ok_or_else(|| serde::de::Error::custom("the bytes are no element"))
    }
}
