//! Numbers modulo n, and what is done with them without its factors.

use anchorhold_sdk::ChaCha20Rng;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, RandomMod as _, U128, U2048, Uint};
use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};

use crate::set::Digest;

/// The bytes of a number as it is sent, the highest first.
pub const NUMBER: usize = 256;

/// The bytes of what is reduced modulo n: with 128 bits more, no remainder is likelier than another by more
/// than 2^-128.
const HASHED: usize = NUMBER + 16;

/// The exponent e is 2^16 + 1.
const SQUARINGS: u32 = 16;
/// The exponent itself.
pub const EXPONENT: u32 = (1 << SQUARINGS) + 1;

/// A modulus, of 2048 bits but in tests.
pub struct Modulus<const LIMBS: usize> {
    number: NonZero<Uint<LIMBS>>,
    params: FixedMontyParams<LIMBS>,
}

impl<const LIMBS: usize> Modulus<LIMBS> {
    /// Takes an odd number; others are none.
    pub fn new(number: Uint<LIMBS>) -> Option<Self> {
        let odd: Odd<Uint<LIMBS>> = Option::from(Odd::new(number))?;
        let number = Option::from(NonZero::new(number))?;
        // The modulus is public.
        Some(Self { number, params: FixedMontyParams::new_vartime(odd) })
    }

    /// Returns it.
    pub fn as_number(&self) -> &Uint<LIMBS> {
        self.number.as_ref()
    }

    /// Returns it as what something else is reduced by.
    pub fn as_divisor(&self) -> &NonZero<Uint<LIMBS>> {
        &self.number
    }

    /// Says whether it has all bits that there are.
    pub fn is_full(&self) -> bool {
        self.number.bits() == Uint::<LIMBS>::BITS
    }

    /// Draws a number below n.
    pub fn random(&self, rng: &mut ChaCha20Rng) -> Uint<LIMBS> {
        Uint::random_mod_vartime(rng, &self.number)
    }

    /// Multiplies.
    pub fn product(&self, left: &Uint<LIMBS>, right: &Uint<LIMBS>) -> Uint<LIMBS> {
        self.form(left).mul(&self.form(right)).retrieve()
    }

    /// Raises to e.
    pub fn power(&self, base: &Uint<LIMBS>) -> Uint<LIMBS> {
        self.power_of(&self.form(base)).retrieve()
    }

    /// Hides a number by a blind.
    pub fn blinded(&self, number: &Uint<LIMBS>, blind: &Uint<LIMBS>) -> Uint<LIMBS> {
        self.power_of(&self.form(blind)).mul(&self.form(number)).retrieve()
    }

    /// Inverts each number, or none if one of them has a factor in common with n.
    ///
    /// One inversion of the product of them all, and three multiplications each.
    pub fn inverses(&self, numbers: &[Uint<LIMBS>]) -> Option<Vec<Uint<LIMBS>>> {
        let mut product = FixedMontyForm::one(&self.params);
        let mut before = Vec::with_capacity(numbers.len());
        for number in numbers {
            before.push(product);
            product = product.mul(&self.form(number));
        }
        let mut inverse: FixedMontyForm<LIMBS> = Option::from(product.invert())?;
        let mut inverses = Vec::with_capacity(numbers.len());
        for (number, before) in numbers.iter().zip(&before).rev() {
            inverses.push(inverse.mul(before).retrieve());
            inverse = inverse.mul(&self.form(number));
        }
        inverses.reverse();
        Some(inverses)
    }

    fn power_of(&self, base: &FixedMontyForm<LIMBS>) -> FixedMontyForm<LIMBS> {
        // The exponent is public.
        base.square_repeat_vartime(SQUARINGS).mul(base)
    }

    fn form(&self, number: &Uint<LIMBS>) -> FixedMontyForm<LIMBS> {
        FixedMontyForm::new(number, &self.params)
    }
}

impl Modulus<{ U2048::LIMBS }> {
    /// Reads a number that a peer sent; none unless it is between 0 and n.
    pub fn element(&self, bytes: &[u8; NUMBER]) -> Option<U2048> {
        read(bytes).filter(|number| *number != U2048::ZERO && number < self.as_number())
    }
}

/// Hashes to a number below n, in a domain of the task and of n.
pub fn hash(modulus: &Modulus<{ U2048::LIMBS }>, task_id: &str, element: &Digest) -> U2048 {
    let length = u64::try_from(task_id.len()).expect("a usize fits u64");
    let mut hash = Shake256::default();
    hash.update(b"anchorhold/1 psi-rsa\0");
    hash.update(&length.to_le_bytes());
    hash.update(task_id.as_bytes());
    hash.update(&write(modulus.as_number()));
    hash.update(element);
    let mut bytes = [0; HASHED];
    hash.finalize_xof().read(&mut bytes);
    Uint::<{ U2048::LIMBS + U128::LIMBS }>::from_be_slice(&bytes).rem(modulus.as_divisor())
}

/// Reads a number of 2048 bits; none of another length.
pub fn read(bytes: &[u8]) -> Option<U2048> {
    (bytes.len() == NUMBER).then(|| U2048::from_be_slice(bytes))
}

/// Writes a number of 2048 bits.
pub fn write(number: &U2048) -> [u8; NUMBER] {
    let bytes = number.to_be_bytes();
    <[u8]>::as_array(bytes.as_ref()).copied().expect("2048 bits are 256 bytes")
}
