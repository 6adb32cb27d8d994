#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anchorhold_sdk::lab::Lab;
use anchorhold_sdk::mpc::replicated::Replicated;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Setting, Z2_128};
use anchorhold_sdk::{Algorithm, Description, Role, Seat, Security, Task};

use super::*;
use crate::precision::{Precision, fixed, power_of_two};

fn describe() -> Description {
    let security = Security::semi_honest("None.", "Everything.");
    Description::new("inverses", "1.0.0", "Opens the inverse of a matrix.", security)
        .role(Role::new("party", "It.").at_least(2))
}

fn opened<A: Numbers>(parties: &mut A, rows: &[Vec<f64>]) -> Result<Vec<f64>> {
    let bits = Precision::of::<A::Element>().number;
    let width = rows.len();
    let elements: Vec<_> = rows.iter().flatten().map(|one| fixed(*one, bits)).collect();
    let is_first = parties.task().seat() == Seat::FIRST;
    let shared = parties.share(Seat::FIRST, is_first.then_some(&elements[..]), elements.len())?;
    let inverse = inverse(parties, &shared.into_matrix((width, width)), bits, bits + 4)?;
    let scale = power_of_two(-bits.cast_signed());
    let opened = parties.open(inverse.elements())?;
    Ok(opened.iter().map(|one| one.to_integer() as f64 * scale).collect())
}

fn run(task: &mut Task, rows: Vec<Vec<f64>>) -> Result<Vec<f64>> {
    match Setting::of(task, "provider")? {
        Setting::Provider(seat) => opened(&mut Spdz::new(task, seat)?, &rows),
        Setting::Servers(servers) => opened(&mut Replicated::<Z2_128>::new(task, servers)?, &rows),
    }
}

/// Returns by how much the inverse, times the matrix, is off the identity, in the element that is most.
fn error(has_provider: bool, rows: &[Vec<f64>]) -> f64 {
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(if has_provider { 2 } else { 3 });
    if has_provider {
        lab.party("dealer", "provider");
    }
    let report = lab.arguments(rows).run();
    let found = report.result(0).as_array().unwrap();
    let found: Vec<_> = found.iter().map(|one| one.as_f64().unwrap()).collect();
    let width = rows.len();
    assert_eq!(found.len(), width * width);
    let off = |(i, j): (usize, usize)| {
        let sum: f64 = (0..width).map(|k| found[i * width + k] * rows[k][j]).sum();
        (sum - f64::from(i == j)).abs()
    };
    (0..width).flat_map(|i| (0..width).map(move |j| (i, j))).map(off).fold(0.0, f64::max)
}

/// A quarter of the correlations, with the penalty on the diagonal: the smallest that there can be.
fn penalized(
    width: usize,
    penalty: f64,
    correlation: impl Fn(usize, usize) -> f64,
) -> Vec<Vec<f64>> {
    let element = |i: usize, j: usize| {
        let same = if i == j { penalty } else { 0.0 };
        (correlation(i, j) / 4.0 + same) * 0.251
    };
    (0..width).map(|i| (0..width).map(|j| element(i, j)).collect()).collect()
}

#[test]
fn a_matrix_times_its_inverse_is_the_identity_also_of_features_that_say_the_same() {
    for (has_provider, penalty, tolerance) in [(false, 0.001, 1e-6), (true, 0.001, 1e-3)] {
        let sign = |place: usize| if place.is_multiple_of(3) { -1.0 } else { 1.0 };
        for matrix in [
            vec![vec![10.5]],
            vec![vec![2.0, -0.5], vec![-0.5, 1.0]],
            penalized(24, penalty, |_, _| 1.0),
            penalized(24, penalty, |i, j| sign(i) * sign(j)),
            penalized(24, penalty, |i, j| 0.99_f64.powi(i.abs_diff(j) as i32)),
            // Of rank 2.
            penalized(24, penalty, |i, j| (i as f64 - j as f64).cos()),
        ] {
            let error = error(has_provider, &matrix);
            assert!(error <= tolerance, "{has_provider} {}: {error:e}", matrix.len());
        }
    }
}
