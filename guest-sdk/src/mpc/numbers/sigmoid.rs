//! The logistic function of shared numbers, by a series for all of the line that is not nearly 0 or 1.
//!
//! A comparison costs what a hundred products do with a provider. So there are two of them, which take
//! a number to the nearest within the edges, and not one for each of many pieces; and the series is long.

use super::Numbers;
use crate::Result;
use crate::mpc::{Domain as _, Number, Shared};

/// Beyond plus and minus 2 to this, the function is taken to be what it is there, 1e-7 from 0 and 1.
const EDGE_BITS: u32 = 4;

/// The coefficients of the Chebyshev polynomials of odd degree of 1 / (1 + e^-16t), from the first to
/// the 79th. Beside these it is a half.
const SERIES: [f64; 40] = [
    0.632_469_928_814,
    -0.200_219_723_044,
    0.108_728_305_382,
    -0.067_372_622_913,
    0.043_855_958_046,
    -0.029_155_456_205,
    0.019_568_448_983,
    -0.013_192_504_086,
    0.008_912_806_867,
    -0.006_027_532_151,
    0.004_078_257_609,
    -0.002_760_011_169,
    0.001_868_081_037,
    -0.001_264_456_978,
    0.000_855_901_377,
    -0.000_579_360_464,
    0.000_392_172_034,
    -0.000_265_464_014,
    0.000_179_694_717,
    -0.000_121_636_875,
    0.000_082_337_058,
    -0.000_055_734_679,
    0.000_037_727_297,
    -0.000_025_537_942,
    0.000_017_286_860,
    -0.000_011_701_629,
    0.000_007_920_937,
    -0.000_005_361_753,
    0.000_003_629_418,
    -0.000_002_456_785,
    0.000_001_663_020,
    -0.000_001_125_713,
    0.000_000_762_005,
    -0.000_000_515_808,
    0.000_000_349_155,
    -0.000_000_236_346,
    0.000_000_159_985,
    -0.000_000_108_295,
    0.000_000_073_306,
    -0.000_000_049_621,
];

pub(super) fn sigmoid<A: Numbers + ?Sized>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    bits: u32,
) -> Result<Shared<A::Scheme>> {
    let most = A::Element::PRODUCT_BITS / 2 - EDGE_BITS - 1;
    assert!((1..=most).contains(&bits), "1 to {most} fractional bits, not {bits}");
    let length = x.len();
    // What is within the edges is between -1 and 1 with so many fractional bits.
    let working = bits + EDGE_BITS;
    let one = A::Element::power_of_two(working);
    let ones = parties.public(&vec![one; length]);
    let within = within_edges(parties, x, &ones)?;
    let square = parties.multiply(&within, &within)?;
    let mut even = parties.truncate(&square, working - 1)?.minus(&ones);
    let mut odd = within;
    let mut terms = 1;
    // T_(d + j) = 2 T_d T_j - T_(d - j), for odd j below d, and for d itself as long as more follow.
    while terms < SERIES.len() {
        let more = terms.min(SERIES.len() - terms);
        let is_last = terms + more == SERIES.len();
        let few = odd.range(0..more * length);
        let factors = if is_last { few } else { few.concatenated(&even) };
        let products = parties.multiply(&even.repeated(factors.len() / length), &factors)?;
        let products = parties.truncate(&products, working - 1)?;
        let lower: Vec<_> = (terms - more..terms)
            .rev()
            .flat_map(|term| term * length..(term + 1) * length)
            .collect();
        odd = odd.concatenated(&products.range(0..more * length).minus(&odd.at(&lower)));
        if !is_last {
            even = products.range(more * length..(more + 1) * length).minus(&ones);
        }
        terms += more;
    }
    let half = parties.public(&vec![A::Element::power_of_two(2 * working - 1); length]);
    let sum = SERIES.iter().enumerate().fold(half, |sum, (term, coefficient)| {
        let polynomial = odd.range(term * length..(term + 1) * length);
        sum.plus(&polynomial.scaled(fixed(*coefficient, working)))
    });
    parties.truncate(&sum, 2 * working - bits)
}

/// Returns each number, or the nearest of plus and minus `edge` if it is beyond them.
fn within_edges<A: Numbers + ?Sized>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    edge: &Shared<A::Scheme>,
) -> Result<Shared<A::Scheme>> {
    let length = x.len();
    let minus = edge.scaled(-A::Element::ONE);
    let below = parties.is_less(&x.repeated(2), &minus.concatenated(edge))?;
    let products = parties.multiply(&below, &minus.minus(x).concatenated(&x.minus(edge)))?;
    let [lower, inner] = [products.range(0..length), products.range(length..2 * length)];
    Ok(edge.plus(&lower).plus(&inner))
}

/// Represents a number with so many fractional bits.
fn fixed<E: Number>(number: f64, bits: u32) -> E {
    // Rounded to the nearest, and far below 2^127.
    E::from_integer((number * (1_u64 << bits) as f64).round_ties_even() as i128)
}
