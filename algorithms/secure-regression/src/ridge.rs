//! Linear regression: the normal equations, solved by the inverse and refined.

use anchorhold_sdk::Result;
use anchorhold_sdk::mpc::{Domain as _, Number as _, Numbers, Shared};

use crate::fit::Problem;
use crate::input::Outcome;
use crate::precision::{Precision, fixed};

/// How often what the equations are off by is solved for: the first time it is the solution, off by the
/// inverse's rounding errors, of which each further time leaves less than a hundredth.
const STEPS: usize = 3;

/// Returns the coefficients in the units of the features' bounds, and the intercept.
///
/// It is a matrix product for each batch of rows; the inverse; and three times two matrix products and
/// truncations. Both sides of the equations have as many fractional bits as gradients, since what they
/// are off by is off by up to 1 / penalty times as much in the coefficients.
pub fn fit<A: Numbers>(parties: &mut A, problem: &Problem) -> Result<Shared<A::Scheme>> {
    let Precision { number, value, gradient, unit, .. } = problem.precision;
    let width = problem.plan.width;
    let mut products = parties.public(&vec![A::Element::ZERO; width * (width + 1)]);
    for rows in problem.steps() {
        let batch = problem.share(parties, &rows)?;
        let columns = batch.features.transposed();
        let all = columns.elements().concatenated(&batch.outcome);
        let all = all.into_matrix((width + 1, rows.len())).transposed();
        products = products.plus(parties.times(&columns, &all)?.elements());
    }
    let place = |row: usize, column: usize| row * (width + 1) + column;
    let left = |row| (0..width).map(move |column| place(row, column));
    let left: Vec<_> = (0..width).flat_map(left).collect();
    let inverse = problem.inverse(parties, &products.at(&left), 0)?;
    let products = parties.truncate(&products, 2 * value - gradient)?;
    let matrix = products.at(&left).plus(&problem.diagonal(parties, gradient));
    let matrix = matrix.into_matrix((width, width));
    let right: Vec<_> = (0..width).map(|row| place(row, width)).collect();
    let right = products.at(&right).scaled(A::Element::power_of_two(number));
    let mut coefficients = parties.public(&vec![A::Element::ZERO; width]);
    for _ in 0..STEPS {
        let reached = parties.times(&matrix, &coefficients.clone().into_matrix((width, 1)))?;
        let rest = parties.truncate(&right.minus(reached.elements()), number)?;
        let step = parties.times(&inverse, &rest.into_matrix((width, 1)))?;
        coefficients = coefficients.plus(&parties.truncate(step.elements(), gradient)?);
    }
    // In widths of the outcome's bounds.
    let own = problem.input.outcome.as_ref().map(|outcome| match outcome {
        Outcome::Number(column) => [fixed(column.deviation, unit), fixed(column.mean, unit)],
        Outcome::Class(_) => unreachable!("the outcome of a linear model was read as a number"),
    });
    let own = own.as_ref().map(|own| &own[..]);
    let outcome = parties.share(problem.plan.outcome_holder, own, 2)?;
    let coefficients = parties.multiply(&coefficients, &outcome.range(0..1).repeated(width))?;
    let coefficients = parties.truncate(&coefficients, unit)?;
    let intercept = outcome.range(1..2).scaled(A::Element::power_of_two(number));
    problem.in_units(parties, &coefficients, &intercept)
}
