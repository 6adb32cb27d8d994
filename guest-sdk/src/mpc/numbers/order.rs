//! The k-th smallest of many values, and quantiles: opened as they are found, or in shares.

use std::ops::RangeInclusive;

use super::Numbers;
use crate::mpc::{Domain as _, Number as _, Scheme, Shared};
use crate::{Error, Result};

/// How many values must not be above the one that is looked for: so many that, times the factor, they
/// reach a shared number.
#[derive(Clone, Debug)]
pub struct Threshold<S: Scheme> {
    /// From 1 to 2^20.
    pub factor: u32,
    /// One number, positive and below 2^62: k times the factor, or a shared count times a part of
    /// it.
    pub number: Shared<S>,
}

pub(super) fn kth<A: Numbers + ?Sized>(
    parties: &mut A,
    own: Option<&[i64]>,
    range: RangeInclusive<i64>,
    enough: &Threshold<A::Scheme>,
) -> Result<i64> {
    let (mut least, mut most) = range.into_inner();
    assert!(least <= most, "there are no values from {least} to {most}");
    // As many steps whatever is found.
    for _ in 0..u64::BITS - most.abs_diff(least).leading_zeros() {
        // Rounded down; the difference may not fit.
        let middle = (least & most) + ((least ^ most) >> 1);
        let not_above = own.map(|own| {
            let count = own.iter().filter(|value| **value <= middle).count();
            [A::Element::from_integer(count as i128)]
        });
        let counts = parties.share_all(not_above.as_ref().map(<[_; 1]>::as_slice), 1)?;
        let count = Shared::concatenation(&counts).sum();
        let too_few = is_below(parties, &count, std::slice::from_ref(enough))?;
        match parties.open(&too_few)?[0] {
            // It was found before.
            _ if least == most => {}
            too_few if too_few == A::Element::ONE => least = middle + 1,
            too_few if too_few == A::Element::ZERO => most = middle,
            _ => return Err(Error::new("a party shared a count that is none")),
        }
    }
    Ok(most)
}

pub(super) fn kth_of_shared<A: Numbers + ?Sized>(
    parties: &mut A,
    bits: &[Shared<A::Scheme>],
    present: &Shared<A::Scheme>,
    enough: &[Threshold<A::Scheme>],
) -> Result<Shared<A::Scheme>> {
    assert!(bits.len() <= 61, "a value has up to 61 bits, not {}", bits.len());
    let (values, times) = (present.len(), enough.len());
    // For each threshold: which values begin with the bits of its result, how many are below, and
    // the result as far as it is known.
    let mut alike = present.repeated(times);
    let zeros = parties.public(&vec![A::Element::ZERO; times]);
    let (mut below, mut result) = (zeros.clone(), zeros);
    for bit in bits {
        let ones = parties.multiply(&alike, &bit.repeated(times))?;
        let zeros = alike.minus(&ones);
        let count_of_zeros = zeros.sums(values);
        // Where too few are below or continue with 0, the result continues with 1.
        let one = is_below(parties, &below.plus(&count_of_zeros), enough)?;
        let switched = ones.minus(&zeros).concatenated(&count_of_zeros);
        let by = one.each_repeated(values).concatenated(&one);
        let switched = parties.multiply(&by, &switched)?;
        alike = zeros.plus(&switched.range(0..alike.len()));
        below = below.plus(&switched.range(alike.len()..switched.len()));
        result = result.scaled(A::Element::from_u64(2)).plus(&one);
    }
    Ok(result)
}

/// Returns 1 where a count does not reach its threshold.
fn is_below<A: Numbers + ?Sized>(
    parties: &mut A,
    counts: &Shared<A::Scheme>,
    enough: &[Threshold<A::Scheme>],
) -> Result<Shared<A::Scheme>> {
    let factors: Vec<_> =
        enough.iter().map(|enough| A::Element::from_u64(enough.factor.into())).collect();
    let numbers = Shared::concatenation(enough.iter().map(|enough| &enough.number));
    parties.is_less(&counts.weighted(&factors), &numbers)
}
