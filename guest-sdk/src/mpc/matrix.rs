//! Tables of elements.

use super::domain::{Domain, zip};

/// A table of elements, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix<D> {
    rows: usize,
    columns: usize,
    elements: Vec<D>,
}

impl<D: Domain> Matrix<D> {
    /// Makes a table of elements that are given row by row.
    ///
    /// # Panics
    /// If there are not `rows * columns` of them.
    pub fn new(rows: usize, columns: usize, elements: Vec<D>) -> Self {
        assert_eq!(Some(elements.len()), rows.checked_mul(columns), "{rows} x {columns} elements");
        Self { rows, columns, elements }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Returns the elements, row by row.
    pub fn elements(&self) -> &[D] {
        &self.elements
    }

    /// Returns the elements, row by row.
    pub fn into_elements(self) -> Vec<D> {
        self.elements
    }

    /// Returns the table with rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let places = (0..self.columns).flat_map(|c| (0..self.rows).map(move |r| (r, c)));
        let elements = places.map(|(r, c)| self.elements[r * self.columns + c]).collect();
        Self { rows: self.columns, columns: self.rows, elements }
    }

    /// Adds element by element.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn plus(&self, other: &Self) -> Self {
        assert_eq!((self.rows, self.columns), (other.rows, other.columns), "the shapes differ");
        let elements = zip(&self.elements, &other.elements, |a, b| a + b);
        Self { elements, ..*self }
    }

    /// Multiplies the tables: as many rows as this one, as many columns as the other.
    ///
    /// # Panics
    /// If this one has not as many columns as the other has rows.
    pub fn times(&self, other: &Self) -> Self {
        assert_eq!(self.columns, other.rows, "the shapes do not fit");
        let mut elements = vec![D::ZERO; self.rows * other.columns];
        if other.columns == 0 || self.columns == 0 {
            return Self { rows: self.rows, columns: other.columns, elements };
        }
        let products = elements.chunks_exact_mut(other.columns);
        for (product, row) in products.zip(self.elements.chunks_exact(self.columns)) {
            // Row by row of the other, so that memory is read in its order.
            for (&factor, others) in row.iter().zip(other.elements.chunks_exact(other.columns)) {
                for (sum, &element) in product.iter_mut().zip(others) {
                    *sum += factor * element;
                }
            }
        }
        Self { rows: self.rows, columns: other.columns, elements }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::mpc::Fp7;

    fn matrix(rows: usize, columns: usize, elements: &[u8]) -> Matrix<Fp7> {
        Matrix::new(rows, columns, elements.iter().map(|&number| Fp7::new(number)).collect())
    }

    #[test]
    fn a_product_is_rows_times_columns() {
        let product = matrix(2, 3, &[1, 2, 3, 4, 5, 6]).times(&matrix(3, 1, &[1, 0, 2]));
        assert_eq!(product, matrix(2, 1, &[0, 2]));
        let empty = matrix(2, 0, &[]).times(&matrix(0, 3, &[]));
        assert_eq!(empty, matrix(2, 3, &[0; 6]));
        assert_eq!(matrix(1, 2, &[1, 2]).times(&matrix(2, 0, &[])), matrix(1, 0, &[]));
    }

    #[test]
    fn a_transposed_product_is_the_product_the_other_way() {
        let (a, b) = (matrix(2, 3, &[1, 2, 3, 4, 5, 6]), matrix(3, 2, &[3, 1, 4, 1, 5, 2]));
        assert_eq!(a.times(&b).transposed(), b.transposed().times(&a.transposed()));
        assert_eq!(a.transposed().plus(&b), matrix(3, 2, &[4, 5, 6, 6, 1, 1]));
    }

    #[test]
    #[should_panic(expected = "the shapes do not fit")]
    fn shapes_must_fit() {
        matrix(1, 2, &[1, 2]).times(&matrix(1, 2, &[1, 2]));
    }
}
