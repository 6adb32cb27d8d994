//! A private key: the two primes, and what is raised modulo each.

use anchorhold_sdk::ChaCha20Rng;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Limb, NonZero, Odd, U1024, U2048};
use crypto_primes::{Flavor, random_prime};

use super::number::{EXPONENT, Modulus};

type Form = FixedMontyForm<{ U1024::LIMBS }>;

/// A private key of 2048 bits.
pub struct Key {
    modulus: Modulus<{ U2048::LIMBS }>,
    p: Prime,
    q: Prime,
    /// The inverse of q modulo p.
    q_inverse: Form,
}

/// One of the two primes.
struct Prime {
    prime: NonZero<U1024>,
    params: FixedMontyParams<{ U1024::LIMBS }>,
    /// The inverse of e modulo the prime less one.
    exponent: U1024,
}

impl Key {
    /// Draws a key.
    pub fn new(rng: &mut ChaCha20Rng) -> Self {
        loop {
            let [p, q] = [Prime::new(rng), Prime::new(rng)];
            let product: U2048 = p.prime.concatenating_mul(&q.prime);
            let q_inverse = p.form(&q.prime).invert();
            let modulus = Modulus::new(product).filter(Modulus::is_full);
            // There is no inverse if both are the same prime.
            if let (Some(modulus), Some(q_inverse)) = (modulus, Option::from(q_inverse)) {
                return Self { modulus, p, q, q_inverse };
            }
        }
    }

    /// Returns the public key.
    pub fn modulus(&self) -> &Modulus<{ U2048::LIMBS }> {
        &self.modulus
    }

    /// Computes the e-th root of a number below n: modulo each prime, and from both of these. Its time does
    /// not depend on the key or the number.
    pub fn sign(&self, number: &U2048) -> U2048 {
        let [of_p, of_q] = [&self.p, &self.q].map(|prime| prime.root(number));
        let of_q = of_q.retrieve();
        let difference = of_p.sub(&self.p.form(&of_q)).mul(&self.q_inverse).retrieve();
        let times_q: U2048 = difference.concatenating_mul(&self.q.prime);
        times_q.wrapping_add(&of_q.resize())
    }
}

impl Prime {
    /// Draws a prime such that e has an inverse modulo one less.
    fn new(rng: &mut ChaCha20Rng) -> Self {
        loop {
            let prime: U1024 = random_prime(rng, Flavor::Any, U1024::BITS);
            let odd: Option<Odd<U1024>> = Odd::new(prime).into();
            let (Some(odd), Some(exponent)) = (odd, inverse_of_e(&prime.wrapping_sub(&U1024::ONE)))
            else {
                continue;
            };
            let prime = NonZero::new(prime).expect("a prime is not 0");
            return Self { prime, params: FixedMontyParams::new(odd), exponent };
        }
    }

    fn form(&self, number: &U1024) -> Form {
        Form::new(number, &self.params)
    }

    fn root(&self, number: &U2048) -> Form {
        self.form(&number.rem(&self.prime)).pow(&self.exponent)
    }
}

/// Computes the inverse of e modulo a number, if there is one.
///
/// With a the number modulo e, and t such that t a = -1 modulo e, it is (1 + t times the number) / e.
fn inverse_of_e(modulus: &U1024) -> Option<U1024> {
    let e = NonZero::new(Limb::from(EXPONENT)).expect("e is not 0");
    let small = u64::from(EXPONENT);
    let remainder = modulus.rem_limb(e).0;
    if remainder == 0 {
        return None;
    }
    // e is prime, so that the power e - 2 is the inverse.
    let inverse = (0..small - 2).fold(1, |power, _| power * remainder % small);
    let wide: U2048 = modulus.concatenating_mul(&U1024::from_u64(small - inverse));
    let (quotient, _) = wide.wrapping_add(&U2048::ONE).div_rem_limb(e);
    Some(quotient.resize())
}
