//! The sums, and what comes of them.

use std::f64::consts::PI;

use anchorhold_sdk::newton::{
    self, Evaluation, Fit, Model, Sums, Symmetric, Units, two_sided_normal, two_sided_t,
};
use anchorhold_sdk::{Error, Result, Seat, Task};
use serde::{Deserialize, Serialize};

use crate::family::{Family, Part};
use crate::plan::{Plan, Row};
use crate::{Coefficient, Kind, Outcome};

/// What seat 0 tells of all rows, before the first step.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Counted {
    Enough { rows: u64, saturated: f64 },
    TooFew,
    Same,
}

/// Fits the model to the rows of all.
pub fn fit(task: &mut Task, plan: &Plan<'_>, rows: Vec<Row>) -> Result<Outcome> {
    let mut sums = Sums::new(task, plan.precision)?;
    let (rows_of_all, saturated, start) = count(task, plan, &mut sums, &rows)?;
    let arguments = plan.arguments;
    let names: Vec<_> = ["intercept"]
        .into_iter()
        .chain(arguments.features.iter().map(|column| column.name.as_str()))
        .collect();
    let Family { factor, shift, .. } = plan.family;
    let units = Units::of(&arguments.features, true, factor, shift);
    let model = Rows { family: &plan.family, rows, width: names.len() };
    let limit = arguments.max_steps;
    let fit = newton::fit(task, &mut sums, &model, &start, &units, &names, limit)?;
    Ok(outcome(task, plan, &fit, &names, rows_of_all, saturated))
}

/// Counts the rows of all, and begins at the model that has an intercept alone. The start is at seat 0.
fn count(
    task: &Task,
    plan: &Plan<'_>,
    sums: &mut Sums,
    rows: &[Row],
) -> Result<(u64, f64, Vec<f64>)> {
    let width = plan.arguments.features.len() + 1;
    let least = plan.arguments.min_rows.max(width as u64 + 1);
    let outcomes: f64 = rows.iter().map(|row| row.outcome).sum();
    let saturated: f64 = rows.iter().map(|row| plan.family.saturated(row.outcome)).sum();
    let mut start = vec![0.0; width];
    let counted = match sums.add(task, &[rows.len() as f64, outcomes, saturated])? {
        Some(opened) => {
            let counted = match plan.family.link(opened[1] / opened[0]) {
                // A whole number that is possible: the cast loses nothing.
                _ if opened[0] < least as f64 => Counted::TooFew,
                None => Counted::Same,
                Some(intercept) => {
                    start[0] = intercept;
                    Counted::Enough { rows: opened[0] as u64, saturated: opened[2] }
                }
            };
            task.broadcast("counted", &counted)?;
            counted
        }
        None => task.receive(Seat::FIRST, "counted")?,
    };
    let most = plan.arguments.max_rows.saturating_mul(task.parties().len() as u64);
    Err(Error::new(match counted {
        Counted::Enough { rows, saturated }
            if (least..=most).contains(&rows) && saturated.is_finite() =>
        {
            return Ok((rows, saturated, start));
        }
        Counted::Enough { .. } => "seat 0 told numbers of rows that are not possible".to_owned(),
        Counted::TooFew => format!("all parties together have fewer rows to use than {least}"),
        Counted::Same => {
            let name = &plan.arguments.outcome.name;
            format!("the column {name:?} has the same value in the rows of all parties")
        }
    }))
}

struct Rows<'a> {
    family: &'a Family,
    rows: Vec<Row>,
    width: usize,
}

impl Model for Rows<'_> {
    /// The loss, the gradient and the lower triangle of the Hessian.
    fn own(&self, coefficients: &[f64]) -> Vec<f64> {
        let width = self.width;
        let mut sums = vec![0.0; 1 + width + Symmetric::entries(width)];
        for Row { outcome, features } in &self.rows {
            let predictor: f64 = features.iter().zip(coefficients).map(|(x, b)| x * b).sum();
            let Part { loss, first, second } = self.family.part(*outcome, predictor);
            sums[0] += loss;
            let mut place = 1 + width;
            for (i, x) in features.iter().enumerate() {
                sums[1 + i] += first * x;
                for y in &features[..=i] {
                    sums[place] += second * x * y;
                    place += 1;
                }
            }
        }
        sums
    }

    fn evaluate(&self, sums: &[f64]) -> Evaluation {
        let (gradient, hessian) = sums[1..].split_at(self.width);
        let hessian = Symmetric::new(self.width, hessian.to_vec());
        Evaluation {
            loss: sums[0],
            gradient: gradient.to_vec(),
            magnitude: hessian.diagonal(),
            hessian,
        }
    }
}

fn outcome(
    task: &Task,
    plan: &Plan<'_>,
    fit: &Fit,
    names: &[&str],
    rows: u64,
    saturated: f64,
) -> Outcome {
    let kind = plan.family.kind;
    // At most 2^53 rows: the cast loses nothing.
    let (n, free) = (rows as f64, rows as f64 - names.len() as f64);
    // Of a linear model, in the outcome's units.
    let unit = plan.family.factor * plan.family.factor;
    let deviance = 2.0 * fit.loss * unit;
    let dispersion = if kind == Kind::Linear { (2.0 * fit.loss / free).sqrt() } else { 1.0 };
    let fitted = fit.coefficients.iter().zip(&fit.standard_errors);
    let coefficients = names.iter().zip(fitted).map(|(name, (coefficient, error))| {
        let standard_error = error * dispersion;
        let statistic = coefficient / standard_error;
        let p_value = match kind {
            Kind::Linear => two_sided_t(statistic, free),
            Kind::Logistic | Kind::Poisson => two_sided_normal(statistic),
        };
        Coefficient {
            name: (*name).to_owned(),
            coefficient: *coefficient,
            standard_error,
            statistic,
            p_value,
        }
    });
    Outcome {
        parties: task.parties().len(),
        rows,
        steps: fit.steps,
        coefficients: coefficients.collect(),
        deviance,
        null_deviance: 2.0 * fit.first_loss * unit,
        log_likelihood: match kind {
            Kind::Linear => -n / 2.0 * (libm::log(2.0 * PI * deviance / n) + 1.0),
            Kind::Logistic | Kind::Poisson => saturated - fit.loss,
        },
    }
}
