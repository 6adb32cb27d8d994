//! Logistic regression: Newton's method with a matrix that is inverted once, since no row's weight is
//! more than a quarter, and with momentum.
//!
//! With any momentum below 1, the objective and half of the last step's squared length, as that matrix
//! measures it, never grow together: so coefficients stay within bounds that follow from the penalty,
//! whatever the data are, and no number leaves its range.
//!
//! Source: Böhning and Lindsay, "Monotonicity of Quadratic-Approximation Algorithms", Annals of the
//! Institute of Statistical Mathematics 40(4), 1988; the momentum of Nesterov, 1983, begun anew as in
//! O'Donoghue and Candès, "Adaptive Restart for Accelerated Gradient Schemes", 2015, at fixed times.

use anchorhold_sdk::Result;
use anchorhold_sdk::mpc::{Domain as _, Number, Numbers, Shared, SharedMatrix};

use crate::fit::{Batch, Problem};
use crate::precision::{MOMENTUM_BITS, Precision, fixed};

/// After so many iterations, the momentum begins anew.
const RESTART: usize = 30;

/// Returns the coefficients in the units of the features' bounds, and the intercept.
///
/// It is a matrix product for each batch of rows; the inverse; and for each iteration and batch a matrix
/// product, a truncation, a logistic function and a matrix product, and for each iteration two truncations and
/// a matrix product.
pub fn fit<A: Numbers>(parties: &mut A, problem: &Problem) -> Result<Shared<A::Scheme>> {
    let Precision { gradient, unit, .. } = problem.precision;
    let width = problem.plan.width;
    let mut batches = Vec::new();
    let mut products = parties.public(&vec![A::Element::ZERO; width * width]);
    for rows in problem.steps() {
        let batch = problem.share(parties, &rows)?;
        let some = parties.times(&batch.features.transposed(), &batch.features)?;
        products = products.plus(some.elements());
        batches.push(batch);
    }
    // A quarter of them.
    let inverse = problem.inverse(parties, &products, 2)?;
    // The intercept is the last of them.
    let mut reached = parties.public(&vec![A::Element::ZERO; width + 1]);
    let mut ahead = reached.clone();
    for iteration in 0..problem.plan.arguments.iterations {
        let step = step(parties, problem, &inverse, &batches, &ahead)?;
        // What is reached from ahead, and further ahead by the momentum, in one truncation.
        let momentum = momentum(iteration);
        let one = A::Element::power_of_two(MOMENTUM_BITS);
        let before = ahead.minus(&reached).scaled(A::Element::power_of_two(gradient));
        let both = step
            .scaled(one)
            .concatenated(&step.scaled(one + momentum).plus(&before.scaled(momentum)));
        let both = parties.truncate(&both, gradient + MOMENTUM_BITS)?;
        reached = ahead.plus(&both.range(0..width + 1));
        ahead = ahead.plus(&both.range(width + 1..2 * (width + 1)));
    }
    let intercept = reached.range(width..width + 1).scaled(A::Element::power_of_two(unit));
    problem.in_units(parties, &reached.range(0..width), &intercept)
}

/// Returns how far to go from these coefficients, with the fractional bits of both numbers and gradients.
fn step<A: Numbers>(
    parties: &mut A,
    problem: &Problem,
    inverse: &SharedMatrix<A::Scheme>,
    batches: &[Batch<A>],
    from: &Shared<A::Scheme>,
) -> Result<Shared<A::Scheme>> {
    let Precision { number, value, gradient, .. } = problem.precision;
    let (width, halvings) = (problem.plan.width, problem.halvings);
    let coefficients = from.range(0..width);
    // The gradient, which is halved as the columns are, and once more.
    let bits = value + number + halvings;
    let penalty = fixed(-problem.penalty(), value + halvings);
    let mut sums = coefficients.scaled(penalty);
    let mut rest_of_all = parties.public(&[A::Element::ZERO]);
    for Batch { features, outcome } in batches {
        let rows = outcome.len();
        let predicted = parties.times(features, &coefficients.clone().into_matrix((width, 1)))?;
        let less = value - halvings;
        let intercept = from.range(width..width + 1).scaled(A::Element::power_of_two(less));
        let predicted = predicted.elements().plus(&intercept.repeated(rows));
        let predicted = parties.truncate(&predicted, less)?;
        let rest = outcome.minus(&parties.sigmoid(&predicted, number)?);
        let some = parties.times(&rest.clone().into_matrix((1, rows)), features)?;
        sums = sums.plus(some.elements());
        rest_of_all = rest_of_all.plus(&rest.sum());
    }
    let slope = parties.truncate(&sums, bits - gradient)?;
    let step = parties.times(inverse, &slope.into_matrix((width, 1)))?;
    // The columns' means are 0: the intercept goes its own way, by four times the mean.
    let four_by_rows = fixed(4.0 / problem.rows as f64, gradient);
    Ok(step.elements().concatenated(&rest_of_all.scaled(four_by_rows)))
}

/// Returns how much of the last step is taken again, from 0 to 1.
fn momentum<E: Number>(iteration: usize) -> E {
    let since = (iteration % RESTART) as f64;
    fixed(since / (since + 3.0), MOMENTUM_BITS)
}
