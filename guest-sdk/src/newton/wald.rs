//! How probable it is that an estimate is as far from zero as this one, or farther, where zero is right.

/// Returns the probability that a standard normal number has this absolute value or a larger one.
pub fn two_sided_normal(z: f64) -> f64 {
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Returns the probability that a number of Student's distribution has this absolute value or a larger one.
///
/// It is the regularized incomplete beta function of degrees / (degrees + t²), by Lentz's method for its
/// continued fraction (Press et al., "Numerical Recipes", section 6.4).
pub fn two_sided_t(t: f64, degrees: f64) -> f64 {
    let x = degrees / (degrees + t * t);
    let (a, b) = (degrees / 2.0, 0.5);
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    // ln(1 - x) without cancellation where x is near to 1.
    let front = |x: f64, rest: f64| libm::exp(a * libm::log(x) + b * libm::log(rest) - log_beta);
    let rest = t * t / (degrees + t * t);
    if t == 0.0 {
        1.0
    } else if x < (a + 1.0) / (a + b + 2.0) {
        front(x, rest) * fraction(a, b, x) / a
    } else {
        1.0 - front(x, rest) * fraction(b, a, rest) / b
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |number: f64| if number.abs() < TINY { TINY } else { number };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in (1..=10_000).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            value *= c * d;
        }
        if (value - before).abs() <= 1e-16 * value.abs() {
            break;
        }
    }
    value
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_tables() {
        let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        close(two_sided_normal(1.959_963_984_540_054), 0.05);
        close(two_sided_normal(-10.0), 1.523_970_604_832_105_2e-23);
        assert_eq!(two_sided_normal(0.0), 1.0);
        // Of one degree it is 1 - 2 atan(t) / pi, of two 1 - t / sqrt(2 + t²).
        for t in [-3.0, 0.01, 0.5, 1.0, 7.0] {
            close(two_sided_t(t, 1.0), 1.0 - 2.0 * f64::atan(t.abs()) / std::f64::consts::PI);
            close(two_sided_t(t, 2.0), 1.0 - t.abs() / f64::sqrt(2.0 + t * t));
        }
        close(two_sided_t(1e-9, 1e6), 1.0);
        assert_eq!(two_sided_t(0.0, 5.0), 1.0);
    }
}
