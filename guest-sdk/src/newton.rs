//! Fits a model to the rows of all parties by Newton's method, over sums of what each computes of its own.
//!
//! **Parties**: n >= 3 that have the same columns of different rows. Seat 0 takes the steps.
//!
//! **Messages**: for each step seat 0 tells all the coefficients (`step`); each party computes what its
//! rows add to the loss and to its derivatives, rounds it to a multiple of 2 to a negative power, and all of
//! that is added at seat 0 under [`pairwise`](crate::mpc::pairwise) masks. At the end seat 0 tells what was
//! fitted, or why nothing was.
//!
//! **Assumes** what the sums assume, and a seat 0 that takes the steps that it should.
//!
//! **Leaks** to seat 0 the sums of each step, to all others the coefficients of each step.
//!
//! **Does not protect** against what these sums say of few rows; nor against a seat 0 that chooses other
//! coefficients than a step leads to, each of which tells it more sums.
//!
//! The steps: from the coefficients b with loss l, gradient g and Hessian H to b - H⁻¹g; where the loss
//! is larger there, half of the way back, and so on. It ends where g'H⁻¹g, the square of the distance to the
//! minimum in standard errors, is less than 1e-20.

mod cholesky;
mod columns;
mod rounded;
mod wald;

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Seat, Task};

pub use cholesky::{Indefinite, Symmetric};
pub use columns::{Column, Limits, MAX_ROWS, MAX_STEPS, Nulls, read_columns, read_rows_that_fit};
pub use rounded::{Precision, Sums};
pub use wald::{two_sided_normal, two_sided_t};

/// A square of a distance in standard errors that is none.
const CONVERGED: f64 = 1e-20;

/// A standard error that is so many times what it was at the start belongs to a coefficient that grows
/// without bounds.
const SEPARATED: f64 = 1e4;

/// How much a loss may be larger for rounding errors alone.
const ROUNDING: f64 = 1e-12;

/// A loss to be minimized, of which each party computes a part from its own rows.
pub trait Model {
    /// Computes what the own rows add, at these coefficients.
    fn own(&self, coefficients: &[f64]) -> Vec<f64>;

    /// Computes the loss and its derivatives from the sums of these over all parties.
    fn evaluate(&self, sums: &[f64]) -> Evaluation;
}

/// A loss, and its derivatives by the coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The negative logarithm of the likelihood, or what differs from it by a constant.
    pub loss: f64,
    /// The first derivatives.
    pub gradient: Vec<f64>,
    /// The second derivatives.
    pub hessian: Symmetric,
    /// What the second derivative by each coefficient was computed from, in its magnitude: rounding
    /// errors are about as large as this times 1e-16.
    pub magnitude: Vec<f64>,
}

/// What was fitted, at all parties.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The coefficients.
    pub coefficients: Vec<f64>,
    /// The roots of the diagonal of the Hessian's inverse.
    pub standard_errors: Vec<f64>,
    /// The loss at the start.
    pub first_loss: f64,
    /// The loss at the end.
    pub loss: f64,
    /// At how many coefficients the sums were opened.
    pub steps: u32,
}

/// How coefficients are reported: each is a sum of these multiples of those that are fitted, and a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// The multiples, a row for each coefficient reported.
    pub rows: Vec<Vec<f64>>,
    /// The numbers.
    pub shift: Vec<f64>,
}

/// What seat 0 tells the others.
#[derive(Serialize, Deserialize)]
enum Told {
    At(Vec<f64>),
    Fitted(Fit),
    Stopped(Stopped),
}

/// Why there is nothing that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Stopped {
    /// At the start, this coefficient follows from those before it.
    Dependent(u32),
    /// Later, this coefficient grows without bounds.
    Separated(u32),
    NotConverged,
}

/// Fits a model. The start matters at seat 0 alone. `names` are of the coefficients.
///
/// # Errors
/// [`Error::Said`] at all parties, with the same words, if the columns do not determine the coefficients,
/// if one of these grows without bounds, or after `limit` steps; at seat 0 if sums are not possible; at
/// another party if seat 0 tells what makes no sense; [`Error::PeerEnded`].
pub fn fit(
    task: &Task,
    sums: &mut Sums,
    model: &impl Model,
    start: &[f64],
    units: &Units,
    names: &[&str],
    limit: u32,
) -> Result<Fit> {
    let told = match task.seat() {
        Seat::FIRST => {
            let told = lead(task, sums, model, start, units, limit)?;
            task.broadcast("step", &told)?;
            told
        }
        _ => follow(task, sums, model, names.len(), limit)?,
    };
    let name = |at: u32| names.get(at as usize).copied().unwrap_or_default();
    Err(Error::new(match told {
        Told::Fitted(fit) => return Ok(fit),
        Told::Stopped(Stopped::Dependent(at)) => format!(
            "the coefficient of {:?} is not determined: it is constant in the rows of all parties, or \
             follows from others, or its bounds are too far from its values",
            name(at)
        ),
        Told::Stopped(Stopped::Separated(at)) => format!(
            "the coefficient of {:?} grows without bounds: the columns separate the outcomes, and no \
             finite coefficients fit best",
            name(at)
        ),
        Told::Stopped(Stopped::NotConverged) => format!("{limit} steps did not converge"),
        Told::At(_) => "seat 0 did not end".to_owned(),
    }))
}

fn lead(
    task: &Task,
    sums: &mut Sums,
    model: &impl Model,
    start: &[f64],
    units: &Units,
    limit: u32,
) -> Result<Told> {
    let mut at = start.to_vec();
    // The best coefficients until now, the loss there and the step taken from there.
    let mut best: Option<(Vec<f64>, f64)> = None;
    let mut first: Option<(f64, Vec<f64>)> = None;
    for steps in 1..=limit {
        task.broadcast("step", &Told::At(at.clone()))?;
        let opened = sums.add(task, &model.own(&at))?.ok_or_else(|| Error::new("seat 0 adds"))?;
        let here = model.evaluate(&opened);
        task.progress(steps.into(), limit.into(), "step taken");
        if best.is_none() && !here.loss.is_finite() {
            return Err(Error::new(
                "the loss is no number at the start: a party did not follow the protocol",
            ));
        }
        // No number is smaller than none.
        let is_smaller = |loss: &f64| here.loss <= loss + ROUNDING * (1.0 + loss.abs());
        if let Some((before, loss)) = &best
            && !is_smaller(loss)
        {
            at = at.iter().zip(before).map(|(at, before)| (at + before) / 2.0).collect();
            continue;
        }
        let inverse = match here.hessian.inverse(&here.magnitude) {
            Ok(inverse) => inverse,
            Err(Indefinite { at }) => {
                let at = u32::try_from(at).map_err(Error::new)?;
                let stopped = if first.is_some() { Stopped::Separated } else { Stopped::Dependent };
                return Ok(Told::Stopped(stopped(at)));
            }
        };
        let errors: Vec<f64> = (0..at.len()).map(|i| inverse.at(i, i).sqrt()).collect();
        let (first_loss, first_errors) = first.get_or_insert((here.loss, errors.clone()));
        let separated =
            errors.iter().zip(first_errors).position(|(now, was)| now > &mut (*was * SEPARATED));
        if let Some(place) = separated {
            return Ok(Told::Stopped(Stopped::Separated(
                u32::try_from(place).map_err(Error::new)?,
            )));
        }
        let step = inverse.times(&here.gradient);
        let distance: f64 = step.iter().zip(&here.gradient).map(|(s, g)| s * g).sum();
        if distance < CONVERGED {
            return Ok(Told::Fitted(Fit {
                coefficients: units.coefficients(&at),
                standard_errors: units.standard_errors(&inverse),
                first_loss: *first_loss,
                loss: here.loss,
                steps,
            }));
        }
        let next = at.iter().zip(&step).map(|(at, step)| at - step).collect();
        best = Some((std::mem::replace(&mut at, next), here.loss));
    }
    Ok(Told::Stopped(Stopped::NotConverged))
}

fn follow(
    task: &Task,
    sums: &mut Sums,
    model: &impl Model,
    width: usize,
    limit: u32,
) -> Result<Told> {
    let odd = |what: &str| Err(Error::new(format!("seat 0 told {what}")));
    for steps in 0..=limit {
        let at = match task.receive(Seat::FIRST, "step")? {
            Told::At(at) => at,
            Told::Fitted(fit) if !fit.is_of(width) => return odd("a fit that is none"),
            told => return Ok(told),
        };
        if at.len() != width || !at.iter().all(|number| number.is_finite()) {
            return odd("coefficients that are none");
        }
        if steps == limit {
            break;
        }
        sums.add(task, &model.own(&at))?;
        task.progress((steps + 1).into(), limit.into(), "step taken");
    }
    odd("more steps than there are")
}

impl Fit {
    fn is_of(&self, width: usize) -> bool {
        let lengths = [self.coefficients.len(), self.standard_errors.len()];
        let mut numbers = self.coefficients.iter().chain(&self.standard_errors);
        lengths == [width; 2]
            && numbers.all(|number| number.is_finite())
            && self.first_loss.is_finite()
            && self.loss.is_finite()
    }
}

impl Units {
    /// Reports coefficients of columns that were brought to -1 to 1, and, if there is one, an intercept
    /// before them; the outcome was divided by `factor` after `shift` was subtracted.
    pub fn of(columns: &[Column], intercept: bool, factor: f64, shift: f64) -> Self {
        let offset = usize::from(intercept);
        let width = columns.len() + offset;
        let mut rows = vec![vec![0.0; width]; width];
        for (place, column) in columns.iter().enumerate() {
            rows[place + offset][place + offset] = factor / column.half_width();
            if intercept {
                rows[0][place + 1] = -factor * column.middle() / column.half_width();
            }
        }
        let mut shifts = vec![0.0; width];
        if intercept {
            (rows[0][0], shifts[0]) = (factor, shift);
        }
        Self { rows, shift: shifts }
    }

    fn coefficients(&self, fitted: &[f64]) -> Vec<f64> {
        let sum = |row: &Vec<f64>| row.iter().zip(fitted).map(|(m, b)| m * b).sum::<f64>();
        self.rows.iter().zip(&self.shift).map(|(row, shift)| sum(row) + shift).collect()
    }

    fn standard_errors(&self, covariance: &Symmetric) -> Vec<f64> {
        let variance = |row: &Vec<f64>| {
            let product = covariance.times(row);
            row.iter().zip(product).map(|(m, p)| m * p).sum::<f64>()
        };
        self.rows.iter().map(|row| variance(row).sqrt()).collect()
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
