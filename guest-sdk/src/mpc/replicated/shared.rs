//! What one of the three holds, and the steps on it that need no message.

use std::fmt;

use crate::mpc::domain::{Domain, zip};
use crate::mpc::{Matrix, add_vectors, scale_vector, subtract_vectors};

/// One party's part of a shared vector: what it holds of each element.
#[derive(Clone, PartialEq, Eq)]
pub struct Shared<D> {
    pub(super) own: Vec<D>,
    pub(super) next: Vec<D>,
}

/// One party's part of a shared matrix.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedMatrix<D> {
    pub(super) own: Matrix<D>,
    pub(super) next: Matrix<D>,
}

impl<D: Domain> Shared<D> {
    /// Returns how many elements the vector has.
    pub fn len(&self) -> usize {
        self.own.len()
    }

    /// Says whether the vector has no elements.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// Adds element by element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, add_vectors)
    }

    /// Subtracts element by element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, subtract_vectors)
    }

    /// Multiplies each element by a factor that all know.
    pub fn scaled(&self, factor: D) -> Self {
        self.map(|part| scale_vector(part, factor))
    }

    /// Multiplies element by element by factors that all know.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn weighted(&self, factors: &[D]) -> Self {
        self.map(|part| zip(part, factors, |element, factor| element * factor))
    }

    /// Adds all elements: a vector of one.
    pub fn sum(&self) -> Self {
        self.map(|part| vec![part.iter().fold(D::ZERO, |sum, &element| sum + element)])
    }

    /// Returns the vector so many times, one behind the other.
    pub fn repeated(&self, times: usize) -> Self {
        self.map(|part| part.repeat(times))
    }

    /// Returns the elements at these places.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn range(&self, places: std::ops::Range<usize>) -> Self {
        self.map(|part| part[places.clone()].to_vec())
    }

    /// Returns this vector with another behind it.
    pub fn concatenated(&self, other: &Self) -> Self {
        self.with(other, |left, right| [left, right].concat())
    }

    /// Makes a matrix of the elements row by row.
    ///
    /// # Panics
    /// If the shape has another number of them.
    pub fn into_matrix(self, (rows, columns): (usize, usize)) -> SharedMatrix<D> {
        SharedMatrix {
            own: Matrix::new(rows, columns, self.own),
            next: Matrix::new(rows, columns, self.next),
        }
    }

    pub(super) fn into_row(self) -> SharedMatrix<D> {
        let length = self.len();
        self.into_matrix((1, length))
    }

    pub(super) fn into_column(self) -> SharedMatrix<D> {
        let length = self.len();
        self.into_matrix((length, 1))
    }

    pub(super) fn map(&self, step: impl Fn(&[D]) -> Vec<D>) -> Self {
        Self { own: step(&self.own), next: step(&self.next) }
    }

    fn with(&self, other: &Self, step: impl Fn(&[D], &[D]) -> Vec<D>) -> Self {
        Self { own: step(&self.own, &other.own), next: step(&self.next, &other.next) }
    }
}

impl<D: Domain> SharedMatrix<D> {
    /// Returns the number of rows and of columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.own.rows(), self.own.columns())
    }

    /// Returns the matrix with rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        Self { own: self.own.transposed(), next: self.next.transposed() }
    }

    /// Returns the elements row by row.
    pub fn into_vector(self) -> Shared<D> {
        Shared { own: self.own.into_elements(), next: self.next.into_elements() }
    }
}

// Shares do not belong into a log.
impl<D: Domain> fmt::Debug for Shared<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({} elements)", self.len())
    }
}

impl<D: Domain> fmt::Debug for SharedMatrix<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedMatrix({} x {})", self.own.rows(), self.own.columns())
    }
}
