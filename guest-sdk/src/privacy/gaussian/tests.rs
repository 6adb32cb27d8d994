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

/// Says how far numbers of which each x has this weight are from what is drawn: by how many standard
/// deviations Pearson's statistic is above its mean.
///
/// With a fixed seed a wrong sampler fails always, and a right one never; of seeds one in 10,000 would
/// have failed at 5.
fn distance(weight: impl Fn(i64) -> f64, mut draw: impl FnMut() -> i64) -> f64 {
    const SAMPLES: u32 = 200_000;
    let total: f64 = (-500..=500).map(&weight).sum();
    let mut counts = std::collections::BTreeMap::<i64, u32>::new();
    for _ in 0..SAMPLES {
        *counts.entry(draw()).or_default() += 1;
    }
    let (mut statistic, mut cells, mut tails) = (0.0, 0.0, 0.0);
    for x in -500..=500 {
        let expected = f64::from(SAMPLES) * weight(x) / total;
        if expected >= 10.0 {
            let count = counts.remove(&x).unwrap_or(0);
            statistic += (f64::from(count) - expected).powi(2) / expected;
            cells += 1.0;
        } else {
            tails += expected;
        }
    }
    let in_tails = f64::from(counts.values().sum::<u32>());
    statistic += (in_tails - tails).powi(2) / tails;
    (statistic - cells) / f64::sqrt(2.0 * cells)
}

#[test]
fn numbers_are_as_frequent_as_they_must_be() {
    for variance in [1, 2, 3, 4, 8, 9, 30, 100] {
        let (gaussian, mut rng) = (DiscreteGaussian::new(variance).unwrap(), rng());
        let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * variance as f64)).exp();
        let distance = distance(weight, || gaussian.sample(&mut rng));
        assert!(distance < 5.0, "{variance}: {distance}");
    }
}

#[test]
fn numbers_of_the_laplace_distribution_are_too() {
    for scale in [2, 3, 5, 11] {
        // (t - 1)² is of scale t.
        let gaussian = DiscreteGaussian::new((scale - 1) * (scale - 1)).unwrap();
        let mut rng = rng();
        let weight = |x: i64| (-(x.abs() as f64) / scale as f64).exp();
        let distance = distance(weight, || gaussian.laplace(&mut rng));
        assert!(distance < 5.0, "{scale}: {distance}");
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
        let (mut thirds, mut remainders) = ([0_u64; 3], [0_u64; 3]);
        for _ in 0..DRAWS {
            let number = below_wide(&mut rng, bound);
            assert!(number < bound);
            thirds[usize::try_from((number / bound.div_ceil(3)).min(2)).unwrap()] += 1;
            remainders[usize::try_from(number % 3).unwrap()] += 1;
        }
        if bound >= 3 {
            for third in thirds.into_iter().chain(remainders) {
                let surprise = surprise(third, DRAWS, 1.0 / 3.0);
                assert!(surprise < 4.0, "{bound}: {thirds:?} {remainders:?}");
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
