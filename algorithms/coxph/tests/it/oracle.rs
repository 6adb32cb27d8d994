//! Newton's method in plaintext on the pooled rows: at each event the risk set is gathered anew.

use crate::Columns;

/// The coefficients, and the logarithm of the likelihood. Columns are the time, the event, and features.
pub fn fit(parts: &[Columns], efron: bool) -> (Vec<f64>, f64) {
    let width = parts[0].len() - 2;
    let column = |column: usize| -> Vec<f64> {
        parts.iter().flat_map(|part| part[column].1.iter().flatten().copied()).collect()
    };
    let (time, event) = (column(0), column(1));
    let features: Vec<Vec<f64>> = (0..width).map(|j| standardized(column(2 + j)).0).collect();
    let deviations: Vec<f64> = (0..width).map(|j| standardized(column(2 + j)).1).collect();
    let mut b = vec![0.0; width];
    let mut likelihood = 0.0;
    for _ in 0..25 {
        let at = |row: usize| (0..width).map(|j| features[j][row] * b[j]).sum::<f64>();
        let mut equations = vec![vec![0.0; width + 1]; width];
        likelihood = 0.0;
        for row in (0..time.len()).filter(|row| event[*row] == 1.0) {
            let tied = |other: &usize| time[*other] == time[row] && event[*other] == 1.0;
            let before = (0..row).filter(tied).count() as f64;
            let gone =
                if efron { before / (0..time.len()).filter(tied).count() as f64 } else { 0.0 };
            let at_risk: Vec<(usize, f64)> = (0..time.len())
                .filter(|other| time[*other] >= time[row])
                .map(|other| (other, at(other).exp() * if tied(&other) { 1.0 - gone } else { 1.0 }))
                .collect();
            let all: f64 = at_risk.iter().map(|(_, weight)| weight).sum();
            let mean =
                |j: usize| at_risk.iter().map(|(o, w)| w * features[j][*o]).sum::<f64>() / all;
            let means: Vec<f64> = (0..width).map(mean).collect();
            likelihood += at(row) - all.ln();
            for i in 0..width {
                equations[i][width] += features[i][row] - means[i];
                for j in 0..width {
                    let product = |(o, w): &(usize, f64)| {
                        w * (features[i][*o] - means[i]) * (features[j][*o] - means[j])
                    };
                    equations[i][j] += at_risk.iter().map(product).sum::<f64>() / all;
                }
            }
        }
        b.iter_mut().zip(solve(equations)).for_each(|(b, step)| *b += step);
    }
    (b.iter().zip(deviations).map(|(b, deviation)| b / deviation).collect(), likelihood)
}

fn standardized(values: Vec<f64>) -> (Vec<f64>, f64) {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / rows;
    let deviation = variance.sqrt();
    (values.iter().map(|value| (value - mean) / deviation).collect(), deviation)
}

/// Gauss and Jordan; the equations are of a positive definite matrix.
fn solve(mut equations: Vec<Vec<f64>>) -> Vec<f64> {
    let width = equations.len();
    for column in 0..width {
        let pivot = equations[column].clone();
        for (_, equation) in equations.iter_mut().enumerate().filter(|(row, _)| *row != column) {
            let factor = equation[column] / pivot[column];
            equation.iter_mut().zip(&pivot).for_each(|(entry, pivot)| *entry -= factor * pivot);
        }
    }
    (0..width).map(|i| equations[i][width] / equations[i][i]).collect()
}
