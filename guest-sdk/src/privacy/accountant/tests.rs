use proptest::prelude::*;

use super::*;

#[derive(serde::Deserialize)]
struct Peers {
    epsilons: Vec<Epsilon>,
    log_deltas: Vec<LogDelta>,
    exact_deltas: Vec<ExactDelta>,
}

#[derive(serde::Deserialize)]
struct Epsilon {
    rho: f64,
    delta: f64,
    epsilon: f64,
}

#[derive(serde::Deserialize)]
struct LogDelta {
    rho: f64,
    epsilon: f64,
    log_delta: f64,
}

#[derive(serde::Deserialize)]
struct ExactDelta {
    sigma: f64,
    sensitivity: f64,
    epsilon: f64,
    delta: f64,
}

fn peers() -> Peers {
    serde_json::from_str(include_str!("../tests/peers.json")).unwrap()
}

/// Made by `tests/peers/privacy.py`, as all of these.
#[test]
fn epsilons_are_those_of_dp_accounting() {
    for Epsilon { rho, delta, epsilon } in peers().epsilons {
        let ours = zcdp_epsilon(rho, delta);
        // It takes the best of a list of orders, and we the best of all.
        assert!(ours <= epsilon * (1.0 + 1e-9), "{rho} {delta}: {ours}, not {epsilon}");
        assert!(ours >= epsilon * (1.0 - 1e-6), "{rho} {delta}: {ours}, not {epsilon}");
    }
}

#[test]
fn deltas_are_those_of_long_floats_and_never_below() {
    for LogDelta { rho, epsilon, log_delta: exact } in peers().log_deltas {
        let ours = log_delta(rho, epsilon);
        assert!(ours >= exact, "{rho} {epsilon}: {ours}, not {exact}");
        assert!(
            ours <= exact + 1e-12 * exact.abs().max(1.0),
            "{rho} {epsilon}: {ours}, not {exact}"
        );
    }
}

#[test]
fn deltas_are_above_the_exact_ones_of_discrete_gaussians_and_not_far() {
    for ExactDelta { sigma, sensitivity, epsilon, delta } in peers().exact_deltas {
        let rho = (sensitivity / sigma).powi(2) / 2.0;
        let ours = zcdp_delta(rho, epsilon);
        assert!(ours >= delta, "{sigma} {sensitivity} {epsilon}: {ours}, exact is {delta}");
        assert!(ours <= 12.0 * delta, "{sigma} {sensitivity} {epsilon}: {ours}, exact is {delta}");
    }
}

#[test]
fn a_larger_rho_and_a_smaller_epsilon_have_a_larger_delta() {
    let steps: Vec<f64> =
        (-60..=20).step_by(4).map(|step| 2.0_f64.powf(f64::from(step) / 4.0)).collect();
    for pair in steps.windows(2) {
        for other in &steps {
            assert!(log_delta(pair[0], *other) < log_delta(pair[1], *other));
            assert!(log_delta(*other, pair[0]) > log_delta(*other, pair[1]));
            let delta = libm::exp(-other - 1.0);
            assert!(zcdp_epsilon(pair[0], delta) <= zcdp_epsilon(pair[1], delta));
            assert!(zcdp_rho(pair[0], delta) < zcdp_rho(pair[1], delta));
        }
    }
}

#[test]
fn ends_are_safe() {
    // With ρ = 7 the best α gives exp(-0.0009): where δ is near to 1, much is allowed.
    assert!(zcdp_rho(0.01, 0.9999) > 7.0);
    assert_eq!(zcdp_delta(0.0, 1.0), 0.0);
    assert_eq!(zcdp_epsilon(0.0, 1e-9), 0.0);
    assert_eq!([zcdp_delta(1e300, 1.0), zcdp_delta(f64::NAN, 1.0)], [1.0, 1.0]);
    for epsilon in [f64::MIN_POSITIVE, 1e-9, 1.0, 32.0] {
        for delta in [f64::MIN_POSITIVE, 1e-300, 0.5, 1.0_f64.next_down()] {
            let rho = zcdp_rho(epsilon, delta);
            assert!(rho >= 0.0 && rho.is_finite(), "{epsilon} {delta}: {rho}");
            assert!(rho == 0.0 || log_delta(rho, epsilon) <= libm::log(delta), "{epsilon} {delta}");
        }
    }
}

proptest! {
    #[test]
    fn both_directions_are_inverse_and_safe(
        epsilon in (-12.0..3.0_f64).prop_map(f64::exp),
        delta in (-200.0..-0.1_f64).prop_map(f64::exp),
    ) {
        let rho = zcdp_rho(epsilon, delta);
        prop_assert!(log_delta(rho, epsilon) <= libm::log(delta));
        let back = zcdp_epsilon(rho, delta);
        prop_assert!(back <= epsilon * (1.0 + 1e-9) + 1e-12);
        // With a large δ any ε will do for a ρ, and the smallest is given.
        prop_assert!(back >= epsilon * (1.0 - 1e-9) - 1e-12, "{} {}", epsilon, back);
    }
}
