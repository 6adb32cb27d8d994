//! From concentrated to approximate differential privacy, and back.
//!
//! Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020
//! (arXiv 2004.00010), Proposition 12 and Corollary 13: what is ρ-concentrated is (ε, δ)-private for
//!
//! δ = inf over α > 1 of exp((α - 1)(αρ - ε)) / (α - 1) · (1 - 1/α)^α.
//!
//! Each α gives a δ that holds, so that the search for the best one cannot be wrong to the unsafe side.
//! All machines compute the same: only the operations of IEEE 754 and those of `libm` are used.

/// By how much the logarithm of a probability is raised for the rounding of floats, in relation to
/// what it is computed from.
const ROUNDING: f64 = 1e-13;

/// How often an interval is halved at the most.
const HALVINGS: u32 = 200;

/// Returns the smallest δ that is known for this ρ and ε.
pub fn zcdp_delta(rho: f64, epsilon: f64) -> f64 {
    libm::exp(log_delta(rho, epsilon)).min(1.0)
}

/// Returns the smallest ε that is known for this ρ and δ, which is above 0.
pub fn zcdp_epsilon(rho: f64, delta: f64) -> f64 {
    let log = libm::log(delta);
    if log_delta(rho, 0.0) <= log {
        return 0.0;
    }
    // The classic bound (Bun and Steinke 2016, Proposition 1.3), with room for rounding.
    let classic = rho + 2.0 * (rho * -log).sqrt();
    least(0.0, 2.0 * classic, |epsilon| log_delta(rho, epsilon) <= log)
}

/// Returns the largest ρ that is known to give this ε and δ, which is above 0 and below 1.
pub fn zcdp_rho(epsilon: f64, delta: f64) -> f64 {
    let log = libm::log(delta);
    let gives = |rho: f64| log_delta(rho, epsilon) <= log;
    let mut high = epsilon + 1.0;
    // As ρ grows, the logarithm goes to 0, and what it is raised by is above that.
    while gives(high) {
        high *= 2.0;
    }
    -least(-high, 0.0, |negative| gives(-negative))
}

/// Returns the logarithm of δ, by the best α. It is convex in α.
fn log_delta(rho: f64, epsilon: f64) -> f64 {
    // A smaller one makes α infinite.
    let rho = if rho < 1e-300 { 1e-300 } else { rho };
    // In terms of a = α - 1, which may be near to 0. At the upper end the slope is positive.
    let slope = |a: f64| (2.0 * a + 1.0) * rho - epsilon - libm::log1p(1.0 / a);
    let a = least(f64::MIN_POSITIVE, (epsilon + 1.0) / (2.0 * rho) + 2.0, |a| slope(a) >= 0.0);
    let terms = [a * ((a + 1.0) * rho), -a * epsilon, -a * libm::log1p(1.0 / a), -libm::log1p(a)];
    terms.iter().sum::<f64>() + ROUNDING * terms.iter().map(|term| term.abs()).sum::<f64>()
}

/// Returns the least number above `low` for which something holds. From there to `high` it must hold.
pub(super) fn least(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..HALVINGS {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
