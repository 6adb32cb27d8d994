use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng as _;

use super::*;
use crate::privacy::zcdp_epsilon;

/// The probabilities of the numbers from -`reach` to `reach`.
struct Exact {
    reach: i64,
    probabilities: Vec<f64>,
}

impl Exact {
    /// Of one discrete Gaussian.
    fn gaussian(variance: f64, reach: i64) -> Self {
        let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * variance)).exp();
        let total: f64 = (-reach..=reach).map(weight).sum();
        Self { reach, probabilities: (-reach..=reach).map(|x| weight(x) / total).collect() }
    }

    /// Of the sum of so many. An order α of a divergence looks at numbers about α times as far away as it
    /// is moved, and 8 σ around it leave out less than a float shows.
    fn sum(variance: f64, of: u32) -> Self {
        let reach = (30.0 + 8.0 * (variance * f64::from(of)).sqrt()) as i64;
        let one = Self::gaussian(variance, reach);
        (1..of).fold(Self::gaussian(variance, reach), |sum, _| {
            let at = |x: i64| (-reach..=reach).map(|y| sum.of(x - y) * one.of(y)).sum();
            Self { reach, probabilities: (-reach..=reach).map(at).collect() }
        })
    }

    fn of(&self, x: i64) -> f64 {
        let at = usize::try_from(x + self.reach).ok();
        at.and_then(|at| self.probabilities.get(at)).copied().unwrap_or(0.0)
    }

    /// The Rényi divergence of this order from the same, moved.
    fn divergence(&self, order: f64, moved: i64) -> f64 {
        let terms = (-self.reach + moved..=self.reach)
            .map(|x| (self.of(x).ln() * order + self.of(x - moved).ln() * (1.0 - order)).exp());
        terms.sum::<f64>().ln() / (order - 1.0)
    }
}

/// What the accountant of the paper says, that its authors published; made by `tests/peers/privacy.py`.
#[derive(serde::Deserialize)]
struct Published {
    /// Some with little noise, where the sum of discrete Gaussians is not quite one.
    distributed: Vec<Sums>,
    /// Those of the paper's experiment with clients that leave: a million numbers in 1,500 rounds, with
    /// noise for 100 clients, of whom 100, 90, 70 or 40 are there.
    drop_outs: Vec<Sums>,
}

#[derive(serde::Deserialize)]
struct Sums {
    variance: u64,
    honest: u32,
    sensitivity: f64,
    dimension: usize,
    steps: u32,
    delta: f64,
    epsilon: f64,
}

impl Sums {
    /// Our epsilon, in relation to the published one.
    fn ratio(&self) -> f64 {
        let noise = Noise::new(self.variance, self.honest).unwrap();
        let rho = noise.rho(self.sensitivity, self.dimension) * f64::from(self.steps);
        zcdp_epsilon(rho, self.delta) / self.epsilon
    }
}

#[test]
fn epsilons_are_those_that_the_papers_accountant_finds() {
    let Published { distributed, drop_outs } =
        serde_json::from_str(include_str!("../tests/peers.json")).unwrap();
    assert_eq!((distributed.len(), drop_outs.len()), (9, 20));
    for sums in distributed.iter().chain(&drop_outs) {
        let (ratio, epsilon) = (sums.ratio(), sums.epsilon);
        // It tries whole orders only, which costs it more where the best one is small.
        let least = if epsilon < 5.0 { 0.995 } else { 0.98 };
        assert!((least..1.002).contains(&ratio), "{epsilon}: {ratio}");
    }
    // For one order it adds τd once, and we for concentrated privacy with the order multiplied.
    for sums in &drop_outs {
        let ratio = sums.ratio();
        assert!(ratio <= 1.0 + 2e-9, "there is no τ: {ratio}");
    }
}

const ORDERS: [f64; 6] = [1.001, 1.5, 2.0, 3.0, 6.0, 10.0];

#[test]
fn exact_divergences_are_below_the_bound_and_not_far() {
    let mut gap_needed = false;
    for variance in 1..=4 {
        for honest in 1..=4 {
            let noise = Noise::new(variance, honest).unwrap();
            let exact = Exact::sum(variance as f64, honest);
            for moved in 1..=3_i64 {
                let rho = noise.rho(moved as f64, 1);
                let without_gap =
                    (moved * moved) as f64 / (2.0 * variance as f64 * f64::from(honest));
                for order in ORDERS {
                    let divergence = exact.divergence(order, moved);
                    let what = format!("{variance} {honest} {moved} {order}: {divergence} {rho}");
                    assert!(divergence <= order * rho, "{what}");
                    assert!(divergence >= order * rho * 0.99, "{what}");
                    gap_needed |= divergence > order * without_gap * (1.0 + 1e-9);
                }
            }
        }
    }
    assert!(gap_needed, "a single discrete Gaussian's bound would have done");
}

/// The lemma that the bound rests on: between the largest and the smallest ratio to one discrete
/// Gaussian's probabilities is a factor of at most exp(τ/2).
#[test]
fn sums_are_as_near_to_one_discrete_gaussian_as_the_gap_says() {
    for honest in 2..=5 {
        let noise = Noise::new(1, honest).unwrap();
        let (sum, one) = (Exact::sum(1.0, honest), Exact::gaussian(f64::from(honest), 50));
        let near = 4 * i64::from(honest);
        let logs: Vec<f64> = (-near..=near).map(|x| (sum.of(x) / one.of(x)).ln()).collect();
        let (least, most) = (
            logs.iter().copied().fold(f64::INFINITY, f64::min),
            logs.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        let share = (most - least) / (noise.gap() / 2.0);
        assert!(share <= 1.0, "{honest}: {share} of {}", noise.gap());
        // Of more than two the bound adds up what in truth is averaged.
        assert!(honest > 2 || share >= 0.75, "{share} of {}", noise.gap());
    }
}

/// As independent coordinates' divergences add up, that of equal ones is what one has, so many times.
#[test]
fn of_more_dimensions_the_bound_is_above_too_and_not_far() {
    let noise = Noise::new(1, 2).unwrap();
    let exact = Exact::sum(1.0, 2);
    for dimension in [1, 10, 100, 10_000] {
        // One coordinate of all is moved, or each by one.
        for moved in [1, dimension] {
            let rho = noise.rho((moved as f64).sqrt(), dimension);
            for order in ORDERS {
                let divergence = moved as f64 * exact.divergence(order, 1);
                assert!(divergence <= order * rho, "{dimension} {moved} {order}");
            }
        }
        let rho = noise.rho((dimension as f64).sqrt(), dimension);
        assert!(exact.divergence(2.0, 1) * dimension as f64 >= 0.99 * 2.0 * rho);
    }
}

#[test]
fn more_noise_and_more_givers_are_more_private() {
    for honest in 1..=20 {
        for variance in (0..40).map(|bits| 1 << bits) {
            let rho = |variance, honest| Noise::new(variance, honest).unwrap().rho(100.0, 1_000);
            assert!(rho(2 * variance, honest) < rho(variance, honest));
            if variance > 2 {
                assert!(rho(variance, honest + 1) < rho(variance, honest));
            }
        }
    }
    let noise = Noise::new(1_000, 3).unwrap();
    assert!(noise.rho(10.0, 5) < noise.rho(10.5, 5));
    let noise = Noise::new(1, 3).unwrap();
    assert_eq!(noise.rho(-10.0, 5), noise.rho(10.0, 5));
}

#[test]
fn noise_that_is_not_possible_is_refused() {
    let sentence = |noise: Result<Noise>| noise.unwrap_err().sentence();
    assert_eq!(sentence(Noise::new(5, 0)), "noise needs from 1 to 1048576 honest givers, not 0");
    assert_eq!(sentence(Noise::new(0, 5)), "the variance of noise must be from 1 to 2^52, not 0");
    assert!(Noise::new(MAX_VARIANCE + 1, 1).is_err());
    for (rho, sensitivity) in [(1e-9, 1e9), (0.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
        assert_eq!(
            sentence(Noise::for_rho(rho, sensitivity, 1, 2)),
            "so much privacy needs noise of a variance above 2^52: take a larger step"
        );
    }
}

proptest! {
    #[test]
    fn the_noise_found_is_the_least(
        rho in (-12.0..4.0_f64).prop_map(f64::exp),
        sensitivity in (0.0..12.0_f64).prop_map(f64::exp),
        dimension in 1_usize..100_000,
        honest in 1_u32..50,
    ) {
        let noise = Noise::for_rho(rho, sensitivity, dimension, honest).unwrap();
        prop_assert!(noise.rho(sensitivity, dimension) <= rho);
        if noise.variance() > 1 {
            let less = Noise::new(noise.variance() - 1, honest).unwrap();
            prop_assert!(less.rho(sensitivity, dimension) > rho);
        }
    }

    #[test]
    fn numbers_come_back_from_the_modulus(number: i64, more in 0_u128..1 << 63) {
        let modulus = (2 * u128::from(number.unsigned_abs()) + 1 + more).min(1 << 64);
        let wrapped = i128::from(number).rem_euclid(i128::try_from(modulus).unwrap());
        prop_assert_eq!(centered(u64::try_from(wrapped).unwrap(), modulus), number);
    }
}

#[test]
fn noise_is_rarely_larger_than_said() {
    for (variance, givers) in [(1, 1), (4, 1), (2, 3)] {
        let exact = Exact::sum(variance as f64, givers);
        let beyond = |x: f64| -> f64 {
            (-exact.reach..=exact.reach).filter(|y| y.abs() as f64 > x).map(|y| exact.of(y)).sum()
        };
        for dimension in [1, 1_000, 1_000_000] {
            let largest = Noise::new(variance, 1).unwrap().largest(givers, dimension) as f64;
            let allowed = 2.0_f64.powi(-64) / dimension as f64;
            assert!(beyond(largest) <= allowed, "{variance} {givers} {dimension}");
            assert!(beyond(0.9 * largest - 1.0) > allowed, "{variance} {givers} {dimension}");
        }
    }
}

#[test]
fn a_modulus_has_room_for_sums_with_noise_and_no_more() {
    for (sum, variance, givers) in [(0, 1, 1), (1_000, 1_000_000, 10), (1 << 40, 5, 100)] {
        let noise = Noise::new(variance, 1).unwrap();
        let largest = i64::try_from(sum + noise.largest(givers, 50)).unwrap();
        let modulus = 1_u128 << noise.modulus_bits(sum, givers, 50).unwrap();
        assert!(modulus > 2 * largest.unsigned_abs() as u128);
        assert!(modulus / 2 <= 2 * largest.unsigned_abs() as u128);
    }
    let noise = Noise::new(1, 1).unwrap();
    let room = (1 << 63) - 1 - noise.largest(1, 1);
    assert_eq!(noise.modulus_bits(room, 1, 1).unwrap(), 64);
    let error = noise.modulus_bits(room + 1, 1, 1).unwrap_err().sentence();
    assert!(
        error.ends_with("with noise need 65 bits, and there are 64: take a larger step"),
        "{error}"
    );
    assert!(noise.modulus_bits(u64::MAX, 1, 1).is_err());
}

#[test]
fn a_sum_has_the_noise_of_all_givers() {
    const NUMBERS: usize = 20_000;
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let noise = Noise::new(400, 2).unwrap();
    // Numbers near to the ends, and a modulus that is no power of two.
    for modulus in [100_003, 1 << 61, (1 << 61) - 1, 1 << 64] {
        let own = [-20_000, 7, 20_010];
        let mut sum = vec![0_u64; NUMBERS];
        for own in own {
            for (sum, given) in sum.iter_mut().zip(noise.add(&[own; NUMBERS], modulus, &mut rng)) {
                *sum = u64::try_from((u128::from(*sum) + u128::from(given)) % modulus).unwrap();
            }
        }
        let off: Vec<f64> = sum.iter().map(|sum| (centered(*sum, modulus) - 17) as f64).collect();
        let mean = off.iter().sum::<f64>() / NUMBERS as f64;
        let deviation = (off.iter().map(|off| off * off).sum::<f64>() / NUMBERS as f64).sqrt();
        assert!(mean.abs() < 4.0 * noise.deviation(3) / (NUMBERS as f64).sqrt(), "{mean}");
        assert!((deviation / noise.deviation(3) - 1.0).abs() < 0.02, "{deviation}");
    }
}

#[test]
fn numbers_are_centered() {
    for (modulus, numbers) in [(1, vec![0]), (2, vec![0, -1]), (5, vec![0, 1, 2, -2, -1])] {
        let all: Vec<i64> = (0..modulus).map(|sum| centered(sum, modulus.into())).collect();
        assert_eq!(all, numbers);
    }
    let ends = [1 << 63, (1 << 63) - 1, u64::MAX].map(|sum| centered(sum, 1 << 64));
    assert_eq!(ends, [i64::MIN, i64::MAX, -1]);
}

#[test]
#[should_panic(expected = "a sum must be below the modulus")]
fn a_sum_that_is_not_below_the_modulus_is_a_mistake() {
    centered(5, 5);
}

#[test]
#[should_panic(expected = "a modulus must be from 1 to 2^64")]
fn a_modulus_of_more_bits_is_a_mistake() {
    Noise::new(1, 1).unwrap().add(&[], (1 << 64) + 1, &mut ChaCha20Rng::from_seed([0; 32]));
}
