//! Symmetric matrices, and the inverses of those that are positive definite.

/// How small a pivot may be beside what it was computed from.
const SMALLEST_PIVOT: f64 = 1e-11;

/// A symmetric matrix: its lower triangle, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetric {
    width: usize,
    entries: Vec<f64>,
}

/// A matrix has no inverse, or none that can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indefinite {
    /// The first row that follows from those before it.
    pub at: usize,
}

impl Symmetric {
    /// Returns how many entries the lower triangle has.
    pub fn entries(width: usize) -> usize {
        width * (width + 1) / 2
    }

    /// Takes a lower triangle, row by row.
    ///
    /// # Panics
    /// If it has another number of entries.
    pub fn new(width: usize, entries: Vec<f64>) -> Self {
        assert_eq!(entries.len(), Self::entries(width), "a lower triangle");
        Self { width, entries }
    }

    /// Returns an entry.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        let (low, high) = (row.min(column), row.max(column));
        self.entries[Self::entries(high) + low]
    }

    /// Returns the diagonal.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.width).map(|i| self.at(i, i)).collect()
    }

    /// Multiplies it with a vector.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        let row = |i| vector.iter().enumerate().map(|(j, x)| self.at(i, j) * x).sum();
        (0..self.width).map(row).collect()
    }

    /// Inverts it by Cholesky's decomposition.
    ///
    /// # Errors
    /// [`Indefinite`] if a pivot is not more than what rounding errors leave of a zero computed from
    /// numbers of this `magnitude`.
    pub fn inverse(&self, magnitude: &[f64]) -> Result<Self, Indefinite> {
        let n = self.width;
        // L with LL' = self, row by row.
        let mut lower = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let products: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
                let rest = self.at(i, j) - products;
                if i != j {
                    lower[i][j] = rest / lower[j][j];
                } else if rest > SMALLEST_PIVOT * magnitude[i] && rest.is_finite() {
                    lower[i][i] = rest.sqrt();
                } else {
                    return Err(Indefinite { at: i });
                }
            }
        }
        // The columns of L's inverse.
        let columns = (0..n).map(|j| {
            let mut column = vec![0.0; n];
            for (i, row) in lower.iter().enumerate().skip(j) {
                let products: f64 = row[j..i].iter().zip(&column[j..i]).map(|(l, x)| l * x).sum();
                let one = if i == j { 1.0 } else { 0.0 };
                column[i] = (one - products) / row[i];
            }
            column
        });
        let columns: Vec<Vec<f64>> = columns.collect();
        let entry =
            |i: usize, j: usize| columns[i].iter().zip(&columns[j]).map(|(x, y)| x * y).sum();
        let entries = (0..n).flat_map(|i| (0..=i).map(move |j| (i, j)));
        Ok(Self { width: n, entries: entries.map(|(i, j)| entry(i, j)).collect() })
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix = Symmetric::new(3, vec![4.0, 2.0, 3.0, -1.0, 0.5, 6.0]);
        let inverse = matrix.inverse(&matrix.diagonal()).unwrap();
        for i in 0..3 {
            let mut unit = vec![0.0; 3];
            unit[i] = 1.0;
            let product = matrix.times(&inverse.times(&unit));
            assert!(product.iter().zip(unit).all(|(a, b)| (a - b).abs() < 1e-15), "{product:?}");
        }
    }

    #[test]
    fn what_follows_from_others_is_told_by_its_row() {
        let of = |entries: [f64; 6]| {
            let matrix = Symmetric::new(3, entries.to_vec());
            matrix.inverse(&matrix.diagonal()).map_err(|Indefinite { at }| at).map(|_| ())
        };
        assert_eq!(of([0.0, 0.0, 1.0, 0.0, 0.0, 1.0]), Err(0));
        assert_eq!(of([1.0, 0.1, 0.01, 0.0, 0.0, 1.0]), Err(1));
        assert_eq!(of([1.0, 0.0, 1.0, 1.0, 1.0, 2.0]), Err(2));
        assert_eq!(of([1.0, 0.0, f64::NAN, 0.0, 0.0, 1.0]), Err(1));
        assert_eq!(of([1.0, 0.0, 1.0, 1.0, 1.0, 2.001]), Ok(()));
    }
}
