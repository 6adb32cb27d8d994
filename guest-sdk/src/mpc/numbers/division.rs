//! Division by Newton's iteration on a number that is scaled to be between a half and one.
//!
//! Source: Catrina and Saxena, "Secure Computation with Fixed-Point Numbers", Financial Cryptography
//! 2010, section 4, with the scale found by comparisons with all powers of two.

use super::Numbers;
use crate::Result;
use crate::mpc::{Domain as _, Number as _, Shared};

/// The most fractional bits of what is between a half and one, and how many steps they take: a first
/// guess that is off by 0.0858 of itself is off by 3e-9 after three and by 9e-18 after four.
const fn most_working(product: u32) -> (u32, u32) {
    if product < 126 { (30, 3) } else { (50, 4) }
}

pub(super) fn reciprocal<A: Numbers + ?Sized>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    bits: u32,
    size: u32,
) -> Result<Shared<A::Scheme>> {
    let (range, product) = (A::Element::RANGE_BITS, A::Element::PRODUCT_BITS);
    let (most, steps) = most_working(product);
    assert!((1..=most).contains(&bits), "1 to {most} fractional bits, not {bits}");
    let largest = range - 17;
    assert!((1..=largest).contains(&size), "a divisor is below 2^1 to 2^{largest}, not 2^{size}");
    // What is between a half and one has so many fractional bits.
    let working = (product - 1 - size).min(most);
    let scale = scale(parties, x, size)?;
    let scaled = parties.multiply(x, &scale)?;
    let scaled = shifted(parties, &scaled, working.cast_signed() - size.cast_signed())?;
    let constant =
        |number: f64| A::Element::from_integer((number * (1_u64 << working) as f64) as i128);
    let guess = parties.public(&vec![constant(2.914_2); x.len()]);
    let two = parties.public(&vec![constant(2.0); x.len()]);
    let mut inverse = guess.minus(&scaled.scaled(A::Element::from_u64(2)));
    for _ in 0..steps {
        let product = parties.multiply(&scaled, &inverse)?;
        let product = parties.truncate(&product, working)?;
        inverse = parties.multiply(&inverse, &two.minus(&product))?;
        inverse = parties.truncate(&inverse, working)?;
    }
    let product = parties.multiply(&inverse, &scale)?;
    let places = 2 * bits.cast_signed() - size.cast_signed() - working.cast_signed();
    shifted(parties, &product, places)
}

/// Returns the power of two by which each number, positive and below 2^size, is 2^(size - 1) or more
/// and still below 2^size.
fn scale<A: Numbers + ?Sized>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    size: u32,
) -> Result<Shared<A::Scheme>> {
    let length = x.len();
    let powers: Vec<_> =
        (1..size).flat_map(|bit| vec![A::Element::power_of_two(bit); length]).collect();
    let powers = parties.public(&powers);
    let below = parties.is_less(&x.repeated(size as usize - 1), &powers)?;
    // Each power of which it is below doubles the scale: 1 + 1 + 2 + 4 + ...
    let ones = parties.public(&vec![A::Element::ONE; length]);
    let scale = (1..size).fold(ones, |scale, bit| {
        let first = (bit as usize - 1) * length;
        let is_below = below.range(first..first + length);
        scale.plus(&is_below.scaled(A::Element::power_of_two(size - 1 - bit)))
    });
    Ok(scale)
}

/// Multiplies by 2 to the power of `places`, which may be negative.
fn shifted<A: Numbers + ?Sized>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    places: i32,
) -> Result<Shared<A::Scheme>> {
    match places {
        ..0 => parties.truncate(x, places.unsigned_abs()),
        _ => Ok(x.scaled(A::Element::power_of_two(places.unsigned_abs()))),
    }
}
