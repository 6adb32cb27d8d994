//! The inverse of a shared positive definite matrix.
//!
//! Source: Goodnight, "A Tutorial on the SWEEP Operator", The American Statistician 33(3), 1979: of a
//! regression, what stands in the matrix after each step are the coefficients of some features on
//! others, and so never larger than those of all.

use anchorhold_sdk::Result;
use anchorhold_sdk::mpc::{Domain as _, Number as _, Numbers, SharedMatrix};

/// Inverts a symmetric matrix of fixed-point numbers, whose diagonal is below 2^size as integers.
///
/// For each column it is a reciprocal, and twice a product and a truncation.
pub fn inverse<A: Numbers>(
    parties: &mut A,
    matrix: &SharedMatrix<A::Scheme>,
    bits: u32,
    size: u32,
) -> Result<SharedMatrix<A::Scheme>> {
    let (zero, one) = (A::Element::ZERO, A::Element::ONE);
    let (width, _) = matrix.shape();
    let mut swept = matrix.elements().clone();
    for pivot in 0..width {
        let only = |there, elsewhere| -> Vec<A::Element> {
            (0..width).map(|place| if place == pivot { there } else { elsewhere }).collect()
        };
        let divisor = swept.at(&[pivot * width + pivot]);
        let reciprocal = parties.reciprocal(&divisor, bits, size)?;
        // The pivot's row, divided, with the reciprocal itself where the pivot was.
        let ones = parties.public(&only(A::Element::power_of_two(bits), zero));
        let row = swept.range(pivot * width..(pivot + 1) * width);
        let row = row.weighted(&only(zero, one)).plus(&ones);
        let row = parties.multiply(&row, &reciprocal.repeated(width))?;
        let row = parties.truncate(&row, bits)?;
        // What of it is taken from each other row, of whose column nothing stays but that.
        let column: Vec<_> = (0..width).map(|place| place * width + pivot).collect();
        let column = swept.at(&column).weighted(&only(zero, one));
        let products =
            parties.times(&column.into_matrix((width, 1)), &row.clone().into_matrix((1, width)))?;
        let products = parties.truncate(products.elements(), bits)?;
        let kept: Vec<_> = (0..width * width)
            .map(|place| place / width != pivot && place % width != pivot)
            .map(|is_kept| if is_kept { one } else { zero })
            .collect();
        let own_row: Vec<_> = (0..width * width)
            .map(|place| if place / width == pivot { one } else { zero })
            .collect();
        swept =
            swept.weighted(&kept).minus(&products).plus(&row.repeated(width).weighted(&own_row));
    }
    Ok(swept.into_matrix((width, width)))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
