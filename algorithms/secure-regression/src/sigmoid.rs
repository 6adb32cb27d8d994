//! The logistic function of shared numbers, by a series for all of the line that is not nearly 0 or 1.
//!
//! A comparison costs what a hundred products do with a provider. So there are two of them, which take
//! a number to the nearest within the edges, and not one for each of many pieces; and the series is long.

use anchorhold_sdk::Result;
use anchorhold_sdk::mpc::{Domain as _, Number as _, Numbers, Shared};

use crate::precision::fixed;

/// Beyond plus and minus 2 to this, the function is taken to be what it is there, 1e-7 from 0 and 1.
pub const EDGE_BITS: u32 = 4;

/// The coefficients of the Chebyshev polynomials of odd degree of 1 / (1 + e^-16t), from the first to
/// the 63rd: interpolated at the 64 Chebyshev points, and off by at most 2.5e-6. Beside these it is a
/// half.
const SERIES: [f64; 32] = [
    0.632_469_928_816,
    -0.200_219_723_048,
    0.108_728_305_390,
    -0.067_372_622_926,
    0.043_855_958_065,
    -0.029_155_456_235,
    0.019_568_449_026,
    -0.013_192_504_151,
    0.008_912_806_963,
    -0.006_027_532_293,
    0.004_078_257_819,
    -0.002_760_011_480,
    0.001_868_081_496,
    -0.001_264_457_657,
    0.000_855_902_380,
    -0.000_579_361_944,
    0.000_392_174_221,
    -0.000_265_467_246,
    0.000_179_699_490,
    -0.000_121_643_927,
    0.000_082_347_476,
    -0.000_055_750_070,
    0.000_037_750_034,
    -0.000_025_571_532,
    0.000_017_336_482,
    -0.000_011_774_935,
    0.000_008_029_232,
    -0.000_005_521_738,
    0.000_003_865_764,
    -0.000_002_805_940,
    0.000_002_178_828,
    -0.000_001_887_718,
];

/// Returns 1 / (1 + e^-x) of fixed-point numbers.
///
/// It is off by at most 2.5e-6, and by some hundred in the last place but [`EDGE_BITS`]. It is two signs
/// for each, in one step, and then seven times products and six times truncations: 38 and 37 for each.
pub fn sigmoid<A: Numbers>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    bits: u32,
) -> Result<Shared<A::Scheme>> {
    let length = x.len();
    // What is within the edges is between -1 and 1 with so many fractional bits.
    let working = bits + EDGE_BITS;
    let one = A::Element::power_of_two(working);
    let ones = parties.public(&vec![one; length]);
    let within = within_edges(parties, x, &ones)?;
    let square = parties.multiply(&within, &within)?;
    let mut even = parties.truncate(&square, working - 1)?.minus(&ones);
    let mut odd = within;
    // T_(d + j) = 2 T_d T_j - T_(d - j), for all odd j below d, and for d itself.
    loop {
        let terms = odd.len() / length.max(1);
        let products = match terms < SERIES.len() / 2 {
            true => parties.multiply(&even.repeated(terms + 1), &odd.concatenated(&even))?,
            false => parties.multiply(&even.repeated(terms), &odd)?,
        };
        let products = parties.truncate(&products, working - 1)?;
        let backwards: Vec<_> =
            (0..terms).rev().flat_map(|term| term * length..(term + 1) * length).collect();
        let higher = products.range(0..terms * length).minus(&odd.at(&backwards));
        odd = odd.concatenated(&higher);
        if odd.len() >= SERIES.len() * length {
            break;
        }
        even = products.range(terms * length..(terms + 1) * length).minus(&ones);
    }
    let half = parties.public(&vec![A::Element::power_of_two(2 * working - 1); length]);
    let sum = SERIES.iter().enumerate().fold(half, |sum, (term, coefficient)| {
        let polynomial = odd.range(term * length..(term + 1) * length);
        sum.plus(&polynomial.scaled(fixed(*coefficient, working)))
    });
    parties.truncate(&sum, 2 * working - bits)
}

/// Returns each number, or the nearest of plus and minus `edge` if it is beyond them.
fn within_edges<A: Numbers>(
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
