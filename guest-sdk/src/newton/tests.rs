//! Steps that are too long, and what seat 0 tells.

use serde_json::json;

use super::*;
use crate::lab::{Lab, Report};
use crate::{Algorithm, Description, Security};

/// The sum over parties of ln cosh(x - a), of which Newton's method leaves the minimum where x is far.
struct Hanging(f64);

impl Model for Hanging {
    fn own(&self, coefficients: &[f64]) -> Vec<f64> {
        let x = coefficients[0] - self.0;
        vec![libm::log(libm::cosh(x)), libm::tanh(x), 1.0 - libm::tanh(x).powi(2)]
    }

    fn evaluate(&self, sums: &[f64]) -> Evaluation {
        let hessian = Symmetric::new(1, vec![sums[2]]);
        Evaluation { loss: sums[0], gradient: vec![sums[1]], hessian, magnitude: vec![1.0] }
    }
}

fn run(task: &mut Task, (start, limit): (f64, u32)) -> Result<Fit> {
    let precision = Precision::new(task.parties().len(), 1e6)?;
    let mut sums = Sums::new(task, precision)?;
    let model = Hanging(f64::from(task.seat().number()) / 10.0);
    let units = Units { rows: vec![vec![2.0]], shift: vec![1.0] };
    fit(task, &mut sums, &model, &[start], &units, &["x"], limit)
}

fn lab(start: f64, limit: u32) -> Lab {
    let describe =
        || Description::new("cosh", "1.0.0", "Fits.", Security::semi_honest("n - 2.", "Sums."));
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(3).arguments(json!([start, limit]));
    lab
}

fn failures(report: &Report) -> Vec<String> {
    (0..3).map(|seat| report.failure(seat).to_string()).collect()
}

#[test]
fn steps_that_are_too_long_are_halved_until_the_loss_is_smaller() {
    for start in [0.1, 0.9, 1.3, -1.5, 2.5] {
        let report = lab(start, 30).run();
        // The minimum is in the middle of 0, 0.1 and 0.2, and reported as 2x + 1.
        let coefficient = report.common_result()["coefficients"][0].as_f64().unwrap();
        assert!((coefficient - 1.2).abs() < 1e-9, "{start}: {coefficient}");
    }
}

#[test]
fn the_limit_of_steps_is_one() {
    let report = lab(2.5, 3).run();
    assert_eq!(failures(&report), ["3 steps did not converge"; 3]);
    assert_eq!(report.trace().iter().filter(|sent| sent.topic == "masked").count(), 6);
}

#[test]
fn what_has_no_second_derivative_is_not_determined() {
    let report = lab(40.0, 30).run();
    for failure in failures(&report) {
        assert!(failure.starts_with("the coefficient of \"x\" is not determined"), "{failure}");
    }
}

#[test]
fn fits_of_another_length_are_refused() {
    let honest = lab(0.1, 30).run();
    let last = honest.trace().iter().filter(|sent| (sent.from, sent.to) == (0, 1)).count() - 1;
    // Two coefficients and no standard errors: a variant, a length, and so on.
    let longer = |body: &mut Vec<u8>| {
        body[1] = 2;
        body[10] = 0;
        body.splice(10..10, [0; 8]);
        body.drain(19..27);
    };
    let report = lab(0.1, 30).corrupt_message(0, 1, last, longer).run();
    assert_eq!(report.failure(1).to_string(), "seat 0 told a fit that is none");
    let report = lab(0.1, 30)
        .corrupt_message(0, 1, last, |body| {
            body[2..10].copy_from_slice(&f64::NAN.to_le_bytes());
        })
        .run();
    assert_eq!(report.failure(1).to_string(), "seat 0 told a fit that is none");
}
