use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([3; 32])
}

/// Says by how many standard deviations so many of so many are not what a probability lets expect.
fn surprise(count: u64, of: u64, probability: f64) -> f64 {
    let (count, of) = (count as f64, of as f64);
    (count - of * probability).abs() / (of * probability * (1.0 - probability)).sqrt().max(1e-9)
}

/// With a fixed seed a wrong sampler fails always, and a right one never; of the right ones' seeds
/// one in 10^5 would have failed.
#[test]
fn numbers_are_as_frequent_as_they_must_be() {
    const SAMPLES: u64 = 200_000;
    for variance in [1, 2, 3, 4, 8, 9, 30, 100] {
        let gaussian = DiscreteGaussian::new(variance).unwrap();
        let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * variance as f64)).exp();
        let total: f64 = (-200..=200).map(weight).sum();
        let mut counts = std::collections::BTreeMap::<i64, u64>::new();
        let mut rng = rng();
        for _ in 0..SAMPLES {
            *counts.entry(gaussian.sample(&mut rng)).or_default() += 1;
        }
        let (mut statistic, mut degrees) = (0.0, -1.0);
        for x in -200..=200 {
            let expected = SAMPLES as f64 * weight(x) / total;
            if expected >= 10.0 {
                let count = counts.remove(&x).unwrap_or(0) as f64;
                statistic += (count - expected).powi(2) / expected;
                degrees += 1.0;
            }
        }
        // The tails, in which less than 10 x 20 are expected.
        assert!(counts.values().sum::<u64>() < 200, "{variance}: {counts:?}");
        assert!(
            statistic < degrees + 4.5 * f64::sqrt(2.0 * degrees),
            "{variance}: {statistic} of {degrees}"
        );
    }
}

#[test]
fn large_numbers_are_as_the_normal_distribution_has_them() {
    const SAMPLES: u64 = 100_000;
    for variance in [10_000, 1_000_003, 1 << 40, MAX_VARIANCE - 1, MAX_VARIANCE] {
        let gaussian = DiscreteGaussian::new(variance).unwrap();
        let (mut rng, sigma) = (rng(), (variance as f64).sqrt());
        let mut scaled: Vec<f64> =
            (0..SAMPLES).map(|_| gaussian.sample(&mut rng) as f64 / sigma).collect();
        let count = SAMPLES as f64;
        let mean = scaled.iter().sum::<f64>() / count;
        let square = scaled.iter().map(|x| x * x).sum::<f64>() / count;
        assert!(mean.abs() < 4.0 / count.sqrt(), "{variance}: {mean}");
        assert!((square - 1.0).abs() < 4.0 * (2.0 / count).sqrt(), "{variance}: {square}");
        // Kolmogorov's distance, of which more than 2.2 of these is one in 10,000; a number stands for
        // all that round to it.
        scaled.sort_by(f64::total_cmp);
        let below = |x: f64| libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0;
        let distance =
            scaled.iter().enumerate().map(|(at, x)| (below(*x) - at as f64 / count).abs());
        let distance = distance.fold(0.0, f64::max) - 0.4 / sigma;
        assert!(distance < 2.2 / count.sqrt(), "{variance}: {distance}");
    }
}

#[test]
fn exponentials_have_their_probability() {
    const DRAWS: u64 = 100_000;
    for (numerator, denominator) in
        [(0, 1), (1, 1), (1, 2), (5, 2), (3, 1), (1 << 100, 3 << 99), ((1 << 101) + 1, 1 << 100)]
    {
        let mut rng = rng();
        let yes = (0..DRAWS).filter(|_| with_exponential(&mut rng, numerator, denominator)).count();
        let probability = (-(numerator as f64) / denominator as f64).exp();
        let surprise = surprise(yes as u64, DRAWS, probability);
        assert!(surprise < 4.0, "{numerator}/{denominator}: {yes}");
    }
}

/// The bounds are those at which a remainder without rejection, or a mask, would be far off.
#[test]
fn numbers_below_a_bound_are_all_alike() {
    const DRAWS: u64 = 60_000;
    let bounds = [1, 3, 1 << 20, 3 << 62, u64::MAX.into(), 1 << 64, 3 << 64, (3 << 125) + 1];
    for bound in bounds {
        let mut rng = rng();
        let mut thirds = [0_u64; 3];
        for _ in 0..DRAWS {
            let number = below_wide(&mut rng, bound);
            assert!(number < bound);
            thirds[usize::try_from((number / bound.div_ceil(3)).min(2)).unwrap()] += 1;
        }
        if bound >= 3 {
            for third in thirds {
                assert!(surprise(third, DRAWS, 1.0 / 3.0) < 4.0, "{bound}: {thirds:?}");
            }
        }
    }
}

#[test]
fn variances_without_a_sampler_are_refused() {
    assert_eq!(DiscreteGaussian::new(0), None);
    assert_eq!(DiscreteGaussian::new(MAX_VARIANCE + 1), None);
    assert_eq!(DiscreteGaussian::new(MAX_VARIANCE).unwrap().variance(), MAX_VARIANCE);
}
