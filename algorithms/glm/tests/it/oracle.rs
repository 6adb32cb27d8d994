//! Newton's method in plaintext on the pooled rows, on columns of mean 0 and variance 1, with elimination.

use crate::Columns;

/// The intercept and the coefficients.
pub fn fit(model: &str, parts: &[Columns]) -> Vec<f64> {
    let outcome = parts[0].len() - 1;
    let pooled: Vec<Vec<f64>> = (0..=outcome)
        .map(|column| {
            parts.iter().flat_map(|part| part[column].1.iter().flatten().copied()).collect()
        })
        .collect();
    let rows = pooled[0].len();
    let moments: Vec<(f64, f64)> = pooled[..outcome].iter().map(|values| moments(values)).collect();
    let x = |row: usize, column: usize| match column {
        0 => 1.0,
        _ => (pooled[column - 1][row] - moments[column - 1].0) / moments[column - 1].1,
    };
    let width = outcome + 1;
    let mut b = vec![0.0; width];
    let mean = pooled[outcome].iter().sum::<f64>() / rows as f64;
    b[0] = match model {
        "linear" => mean,
        "logistic" => (mean / (1.0 - mean)).ln(),
        _ => mean.ln(),
    };
    for _ in 0..30 {
        let mut equations = vec![vec![0.0; width + 1]; width];
        for (row, outcome) in pooled[outcome].iter().enumerate() {
            let at: f64 = (0..width).map(|i| x(row, i) * b[i]).sum();
            let (mean, weight) = match model {
                "linear" => (at, 1.0),
                "logistic" => {
                    let p = 1.0 / (1.0 + (-at).exp());
                    (p, p * (1.0 - p))
                }
                _ => (at.exp(), at.exp()),
            };
            for (i, equation) in equations.iter_mut().enumerate() {
                for (j, entry) in equation[..width].iter_mut().enumerate() {
                    *entry += weight * x(row, i) * x(row, j);
                }
                equation[width] += x(row, i) * (outcome - mean);
            }
        }
        for (b, step) in b.iter_mut().zip(solve(equations)) {
            *b += step;
        }
    }
    let mut coefficients = vec![b[0]];
    for (fitted, (mean, deviation)) in b[1..].iter().zip(&moments) {
        coefficients[0] -= fitted * mean / deviation;
        coefficients.push(fitted / deviation);
    }
    coefficients
}

fn moments(values: &[f64]) -> (f64, f64) {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / rows;
    (mean, variance.sqrt())
}

/// Gauss and Jordan, with the largest pivot of each column.
fn solve(mut equations: Vec<Vec<f64>>) -> Vec<f64> {
    let width = equations.len();
    for column in 0..width {
        let pivot = (column..width)
            .max_by(|a, b| equations[*a][column].abs().total_cmp(&equations[*b][column].abs()))
            .unwrap();
        equations.swap(column, pivot);
        let pivot = equations[column].clone();
        for (_, equation) in equations.iter_mut().enumerate().filter(|(row, _)| *row != column) {
            let factor = equation[column] / pivot[column];
            for (entry, pivot) in equation.iter_mut().zip(&pivot) {
                *entry -= factor * pivot;
            }
        }
    }
    (0..width).map(|i| equations[i][width] / equations[i][i]).collect()
}
