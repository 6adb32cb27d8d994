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
    let log_beta = libm::lgamma(b) - log_gamma_half_on(a);
    let rest = t * t / (degrees + t * t);
    // ln x, also where it is near to 0.
    let log_x = if rest < 0.5 { libm::log1p(-rest) } else { libm::log(x) };
    let front = libm::exp(a * log_x + b * libm::log(rest) - log_beta);
    if t == 0.0 {
        1.0
    } else if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, rest) / b
    }
}

/// Returns the logarithm of gamma(a + 1/2) / gamma(a), for large a without the difference of large numbers.
fn log_gamma_half_on(a: f64) -> f64 {
    if a < 200.0 {
        return libm::lgamma(a + 0.5) - libm::lgamma(a);
    }
    // What is left out is below 1e-14.
    libm::log(a) / 2.0 - 1.0 / (8.0 * a) + 1.0 / (192.0 * a * a * a)
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
        close(two_sided_normal(-10.0), 1.523_970_604_832_105e-23);
        assert_eq!(two_sided_normal(0.0), 1.0);
        // Of one degree it is 1 - 2 atan(t) / pi, of two 1 - t / sqrt(2 + t²).
        for t in [-3.0, 0.01, 0.5, 1.0, 7.0] {
            close(two_sided_t(t, 1.0), 1.0 - 2.0 * f64::atan(t.abs()) / std::f64::consts::PI);
            close(two_sided_t(t, 2.0), 1.0 - t.abs() / f64::sqrt(2.0 + t * t));
        }
        close(1.0 - two_sided_t(1e-3, 1e6), 7.978_842_283_508_092e-4);
        assert_eq!(two_sided_t(0.0, 5.0), 1.0);
    }
}
