//! The logistic function by polynomials, one for each piece of the line.

use super::Numbers;
use crate::Result;
use crate::mpc::{Number as _, Shared};

/// Where the pieces on the positive side begin; beyond the last is 1.
const EDGES: [f64; 7] = [0.0, 1.0, 2.0, 3.25, 4.75, 7.0, 12.0];

/// The coefficients of each piece, from the constant to the third power of the distance from its
/// middle. They keep the largest error of a piece small (Lawson's weighted least squares), which is
/// 3.3e-5 in the first.
const PIECES: [[f64; 4]; 6] = [
    [0.622_426_900_9, 0.234_969_409_0, -0.027_721_234_0, -0.015_643_319_5],
    [0.817_550_306_5, 0.149_176_637_2, -0.046_587_724_2, 0.002_247_447_0],
    [0.932_462_586_9, 0.063_001_009_3, -0.027_437_743_0, 0.006_399_534_4],
    [0.982_035_875_0, 0.017_651_254_5, -0.008_828_230_1, 0.002_693_357_6],
    [0.997_222_443_0, 0.002_775_375_7, -0.001_535_068_3, 0.000_499_301_6],
    [0.999_944_608_3, 0.000_059_403_6, -0.000_061_026_2, 0.000_019_452_5],
];

/// The fractional bits with which polynomials are computed, at the least.
const WORKING: u32 = 30;

pub(super) fn sigmoid<A: Numbers + ?Sized>(
    parties: &mut A,
    x: &Shared<A::Scheme>,
    bits: u32,
) -> Result<Shared<A::Scheme>> {
    let most = A::Element::PRODUCT_BITS / 2 - 3;
    assert!((1..=most).contains(&bits), "1 to {most} fractional bits, not {bits}");
    let working = WORKING.max(bits + 2);
    let pieces = pieces();
    let length = x.len();
    let fixed = |number: f64, bits: u32| {
        A::Element::from_integer((number * (1_u64 << bits) as f64).round() as i128)
    };
    let edges: Vec<_> =
        pieces.iter().flat_map(|piece| vec![fixed(piece.from, bits); length]).collect();
    let edges = parties.public(&edges);
    let below = parties.is_less(&x.repeated(pieces.len()), &edges)?;
    // What is of the piece of a number: that of the last, and for each edge that it is below the step
    // back over it.
    let of_piece = |parties: &A, value: &dyn Fn(&Piece) -> A::Element| {
        let last = value(&pieces[pieces.len() - 1]);
        let mut chosen = parties.public(&vec![last; length]);
        let mut before = A::Element::from_integer(0);
        for (index, piece) in pieces.iter().enumerate() {
            let is_below = below.range(index * length..(index + 1) * length);
            chosen = chosen.plus(&is_below.scaled(before - value(piece)));
            before = value(piece);
        }
        chosen
    };
    let distance = x.minus(&of_piece(parties, &|piece| fixed(piece.middle, bits)));
    let mut result = of_piece(parties, &|piece| fixed(piece.coefficients[3], working));
    for power in [2, 1, 0] {
        let product = parties.multiply(&result, &distance)?;
        let product = parties.truncate(&product, bits)?;
        result =
            product.plus(&of_piece(parties, &|piece| fixed(piece.coefficients[power], working)));
    }
    parties.truncate(&result, working - bits)
}

/// A piece of the line, from an edge to the next one's.
struct Piece {
    from: f64,
    middle: f64,
    coefficients: [f64; 4],
}

/// Returns the pieces from the left to the right; before the first one all is 0.
fn pieces() -> Vec<Piece> {
    let positive: Vec<_> = EDGES.windows(2).zip(PIECES).collect();
    // The function of -x is 1 less that of x.
    let negative = positive.iter().rev().map(|(edges, [c0, c1, c2, c3])| Piece {
        from: -edges[1],
        middle: -(edges[0] + edges[1]) / 2.0,
        coefficients: [1.0 - c0, *c1, -c2, *c3],
    });
    let positive = positive.iter().map(|(edges, coefficients)| Piece {
        from: edges[0],
        middle: (edges[0] + edges[1]) / 2.0,
        coefficients: *coefficients,
    });
    let one = Piece { from: EDGES[6], middle: 0.0, coefficients: [1.0, 0.0, 0.0, 0.0] };
    negative.chain(positive).chain([one]).collect()
}
