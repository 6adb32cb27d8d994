//! Shared matrices, and the product of plain ones.

use std::fmt;

use super::domain::Domain;
use super::shared::{Scheme, Shared};

/// One party's part of a shared matrix, row by row.
pub struct SharedMatrix<S: Scheme> {
    rows: usize,
    columns: usize,
    elements: Shared<S>,
}

impl<S: Scheme> Shared<S> {
    /// Makes a matrix of the elements row by row.
    ///
    /// # Panics
    /// If the shape has another number of them.
    pub fn into_matrix(self, (rows, columns): (usize, usize)) -> SharedMatrix<S> {
        assert_eq!(Some(self.len()), rows.checked_mul(columns), "{rows} x {columns} elements");
        SharedMatrix { rows, columns, elements: self }
    }
}

impl<S: Scheme> SharedMatrix<S> {
    /// Returns the number of rows and of columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Returns the elements row by row.
    pub fn elements(&self) -> &Shared<S> {
        &self.elements
    }

    /// Returns the elements row by row.
    pub fn into_vector(self) -> Shared<S> {
        self.elements
    }

    /// Returns the matrix with rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let (rows, columns) = self.shape();
        let places = || (0..columns).flat_map(|c| (0..rows).map(move |r| r * columns + c));
        let elements = self.elements.map(|part| places().map(|place| part[place]).collect());
        Self { rows: columns, columns: rows, elements }
    }

    /// Adds element by element.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn plus(&self, other: &Self) -> Self {
        assert_eq!(self.shape(), other.shape(), "the shapes differ");
        Self { elements: self.elements.plus(&other.elements), ..*self }
    }

    /// Subtracts element by element.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn minus(&self, other: &Self) -> Self {
        assert_eq!(self.shape(), other.shape(), "the shapes differ");
        Self { elements: self.elements.minus(&other.elements), ..*self }
    }
}

impl<S: Scheme> Clone for SharedMatrix<S> {
    fn clone(&self) -> Self {
        Self { elements: self.elements.clone(), ..*self }
    }
}

impl<S: Scheme> fmt::Debug for SharedMatrix<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedMatrix({} x {})", self.rows, self.columns)
    }
}

/// Multiplies tables of the shapes `rows x inner` and `inner x columns`.
pub(super) fn product<D: Domain>(
    (rows, inner, columns): (usize, usize, usize),
    x: &[D],
    y: &[D],
) -> Vec<D> {
    let mut elements = vec![D::ZERO; rows * columns];
    if inner == 0 || columns == 0 {
        return elements;
    }
    for (product, row) in elements.chunks_exact_mut(columns).zip(x.chunks_exact(inner)) {
        // Row by row of the other, so that memory is read in its order.
        for (&factor, others) in row.iter().zip(y.chunks_exact(columns)) {
            for (sum, &element) in product.iter_mut().zip(others) {
                *sum += factor * element;
            }
        }
    }
    elements
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::mpc::Fp7;

    fn fp7(elements: &[u8]) -> Vec<Fp7> {
        elements.iter().map(|&number| Fp7::new(number)).collect()
    }

    #[test]
    fn a_product_is_rows_times_columns() {
        assert_eq!(product((2, 3, 1), &fp7(&[1, 2, 3, 4, 5, 6]), &fp7(&[1, 0, 2])), fp7(&[0, 2]));
        assert_eq!(product((2, 0, 3), &fp7(&[]), &fp7(&[])), fp7(&[0; 6]));
        assert_eq!(product((1, 2, 0), &fp7(&[1, 2]), &fp7(&[])), fp7(&[]));
    }
}
