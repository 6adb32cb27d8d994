//! What the benchmarks run, natively and as a component: the inner loops of protocols, and calls
//! of the windows.

#[cfg(target_family = "wasm")]
mod component;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;

/// The modulus of the field Fp61, the Mersenne prime 2^61 - 1.
const P61: u64 = (1 << 61) - 1;

/// Multiplies in Fp61, each product by the one before: four chains side by side.
pub fn fp61(iterations: u64) -> u64 {
    let mut chains = [3_u64, 5, 7, 11];
    for _ in 0..iterations / 4 {
        for value in &mut chains {
            *value = multiply61(*value, 0x1234_5678_9abc_def1);
        }
    }
    chains.iter().fold(0, |sum, value| sum ^ value)
}

fn multiply61(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // Both parts are below 2^62: the casts lose nothing.
    let (low, high) = ((product as u64) & P61, (product >> 61) as u64);
    let sum = low + high;
    if sum >= P61 { sum - P61 } else { sum }
}

/// Raises to a 2048-bit power modulo a 2048-bit number: what RSA does.
pub fn exponentiation(iterations: u64) -> u64 {
    let modulus = Odd::new(U2048::MAX).expect("the largest number is odd");
    let params = FixedMontyParams::new(modulus);
    let exponent = U2048::MAX.wrapping_sub(&U2048::from_u64(123_456_789));
    let mut value = FixedMontyForm::new(&U2048::from_u64(65_537), &params);
    for _ in 0..iterations {
        value = value.pow(&exponent);
    }
    value.retrieve().as_words()[0]
}

/// Decompresses a ristretto255 point, multiplies it by a scalar and compresses it: what a private
/// set intersection does for each element.
pub fn ristretto(iterations: u64) -> u64 {
    let scalar = Scalar::from_bytes_mod_order([0x42; 32]);
    let mut point: CompressedRistretto = RistrettoPoint::mul_base(&scalar).compress();
    for _ in 0..iterations {
        let decompressed = point.decompress().expect("it was compressed just now");
        point = (decompressed * scalar).compress();
    }
    u64::from(point.as_bytes()[0])
}
