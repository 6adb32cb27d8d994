//! Both models in plain text, to the last bit.

use crate::Study;

/// A model in the units of the columns.
#[derive(Debug, Clone)]
pub struct Fitted {
    pub intercept: f64,
    pub coefficients: Vec<f64>,
}

fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, square.sqrt())
}

fn standardized(values: &[f64]) -> Vec<f64> {
    let (mean, deviation) = moments(values);
    values.iter().map(|value| (value - mean) / deviation).collect()
}

/// Returns the coefficients of standardized features, of a linear model those of a standardized outcome,
/// and the intercept behind them.
pub fn fit(study: &Study) -> Vec<f64> {
    let features: Vec<_> = study.features.iter().map(|values| standardized(values)).collect();
    let outcome = match study.model {
        "ridge" => standardized(&study.outcome),
        _ => study.outcome.clone(),
    };
    let width = features.len();
    let (rows, count) = (outcome.len(), outcome.len() as f64);
    let row = |row: usize| features.iter().map(move |column| column[row]).chain([1.0]);
    let penalty = |place| if place < width { study.penalty } else { 0.0 };
    let mut fitted = vec![0.0; width + 1];
    // Newton's method; of a linear model the first step is the last but for rounding.
    for _ in 0..100 {
        let mut gradient: Vec<_> = (0..=width).map(|at| -penalty(at) * fitted[at]).collect();
        let mut curvature: Vec<Vec<f64>> = (0..=width)
            .map(|at| {
                (0..=width).map(|other| if at == other { penalty(at) } else { 0.0 }).collect()
            })
            .collect();
        for (at, outcome) in (0..rows).zip(&outcome) {
            let values: Vec<_> = row(at).collect();
            let sum: f64 = values.iter().zip(&fitted).map(|(x, b)| x * b).sum();
            let (predicted, weight) = match study.model {
                "ridge" => (sum, 1.0),
                _ => {
                    let probability = 1.0 / (1.0 + (-sum).exp());
                    (probability, probability * (1.0 - probability))
                }
            };
            for (i, x) in values.iter().enumerate() {
                gradient[i] += x * (outcome - predicted) / count;
                for (j, other) in values.iter().enumerate() {
                    curvature[i][j] += weight * x * other / count;
                }
            }
        }
        let step = solved(curvature, gradient);
        // Not so far that what is beyond the solution is worse.
        let length = step.iter().map(|one| one.abs()).fold(0.0, f64::max);
        let shorter = if length > 1.0 { 1.0 / length } else { 1.0 };
        fitted.iter_mut().zip(&step).for_each(|(one, step)| *one += shorter * step);
        if length < 1e-13 {
            break;
        }
    }
    fitted
}

/// Returns the mean variance of the outcomes of a logistic model.
pub fn variance(study: &Study) -> f64 {
    let features: Vec<_> = study.features.iter().map(|values| standardized(values)).collect();
    let fitted = fit(study);
    let rows = 0..study.outcome.len();
    let variances = rows.map(|row| {
        let terms = features.iter().zip(&fitted).map(|(column, by)| column[row] * by);
        let probability = 1.0 / (1.0 + (-terms.sum::<f64>() - fitted[features.len()]).exp());
        probability * (1.0 - probability)
    });
    variances.sum::<f64>() / study.outcome.len() as f64
}

fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for pivot in 0..width {
        let largest = |at: &usize, other: &usize| {
            matrix[*at][pivot].abs().total_cmp(&matrix[*other][pivot].abs())
        };
        let best = (pivot..width).max_by(largest).unwrap();
        matrix.swap(pivot, best);
        right.swap(pivot, best);
        let (divisor, subtracted) = (matrix[pivot].clone(), right[pivot]);
        for row in (0..width).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot] / divisor[pivot];
            matrix[row].iter_mut().zip(&divisor).for_each(|(one, by)| *one -= factor * by);
            right[row] -= factor * subtracted;
        }
    }
    (0..width).map(|at| right[at] / matrix[at][at]).collect()
}

/// Returns how far a model is from the oracle's: the largest difference of coefficients of standardized
/// columns, and of what is predicted where all features are as on average.
pub fn error(study: &Study, found: &Fitted) -> f64 {
    let (center, scale) = match study.model {
        "ridge" => moments(&study.outcome),
        _ => (0.0, 1.0),
    };
    let expected = fit(study);
    let mut average = found.intercept;
    let mut largest = 0_f64;
    for ((values, expected), found) in study.features.iter().zip(&expected).zip(&found.coefficients)
    {
        let (mean, deviation) = moments(values);
        average += found * mean;
        largest = largest.max((found * deviation / scale - expected).abs());
    }
    largest.max(((average - center) / scale - expected.last().unwrap()).abs())
}
