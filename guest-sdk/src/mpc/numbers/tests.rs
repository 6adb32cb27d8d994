use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use serde_json::Value;

use crate::lab::{Lab, Report};
use crate::mpc::replicated::{Replicated, Servers};
use crate::mpc::spdz::Spdz;
use crate::mpc::{FixedPoint, Number, Numbers, Shared, Threshold, Z2_64, Z2_128};
use crate::{Algorithm, Description, Result, Seat, Security, Task};

/// A computation on vectors of the first two parties, in any way of sharing.
trait Program: Send + Sync + 'static {
    fn run<A: Numbers>(
        &self,
        parties: &mut A,
        x: &Shared<A::Scheme>,
        y: &Shared<A::Scheme>,
    ) -> Result<Vec<Shared<A::Scheme>>>;
}

/// Writes a program as a function.
macro_rules! program {
    (|$parties:ident, $x:ident, $y:ident $(; $given:ident: $type:ty)*| $body:expr) => {{
        struct Of {
            $($given: $type,)*
        }
        impl Program for Of {
            fn run<A: Numbers>(
                &self,
                $parties: &mut A,
                $x: &Shared<A::Scheme>,
                $y: &Shared<A::Scheme>,
            ) -> Result<Vec<Shared<A::Scheme>>> {
                $(let $given = &self.$given;)*
                let _ = &$y;
                $body
            }
        }
        Of { $($given,)* }
    }};
}

/// The ways of sharing: three parties that compute, with 64 bits or 128, and two and three with a
/// provider, which is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    Replicated,
    Wide,
    Provider(usize),
}

const SETTINGS: [Setting; 4] =
    [Setting::Replicated, Setting::Wide, Setting::Provider(2), Setting::Provider(3)];

/// Runs a function that is generic over the way of sharing.
macro_rules! in_setting {
    ($task:expr, $setting:expr, |$parties:ident| $run:expr) => {{
        let task = $task;
        match $setting {
            Setting::Replicated => {
                let servers = Servers::first(task)?;
                let $parties = Replicated::<Z2_64>::new(task, servers)?;
                $run
            }
            Setting::Wide => {
                let servers = Servers::first(task)?;
                let $parties = Replicated::<Z2_128>::new(task, servers)?;
                $run
            }
            Setting::Provider(parties) => {
                let provider = Seat::new(u32::try_from(parties).unwrap());
                let $parties = Spdz::new(task, provider)?;
                $run
            }
        }
    }};
}

fn describe() -> Description {
    Description::new("test", "1.0.0", "Tests.", Security::semi_honest("One.", "Nothing."))
}

fn opened<A: Numbers>(
    mut parties: A,
    program: &impl Program,
    [x, y]: [&[i64]; 2],
) -> Result<Vec<Vec<i64>>> {
    let seat = parties.task().seat();
    let mut share = |dealer, values: &[i64]| {
        let numbers: Vec<_> =
            values.iter().map(|x| A::Element::from_integer((*x).into())).collect();
        let own = (seat == dealer).then_some(&numbers[..]);
        parties.share(dealer, own, values.len())
    };
    let (x, y) = (share(Seat::new(0), x)?, share(Seat::new(1), y)?);
    let results = program.run(&mut parties, &x, &y)?;
    let open = |result| {
        let opened = parties.open(&result)?;
        let signed = opened.into_iter().map(|x| i64::try_from(x.to_integer()).unwrap());
        Ok(signed.collect())
    };
    results.into_iter().map(open).collect()
}

fn report(setting: Setting, x: &[i64], y: &[i64], program: impl Program, seed: u64) -> Report {
    let (x, y) = (x.to_vec(), y.to_vec());
    let run = move |task: &mut Task, _: Value| {
        in_setting!(task, setting, |parties| opened(parties, &program, [&x, &y]))
    };
    let parties = if let Setting::Provider(parties) = setting { parties + 1 } else { 3 };
    Lab::new(Algorithm::new(describe, run)).parties(parties).seed(seed).run()
}

/// Returns what is opened to those that compute.
fn results(setting: Setting, x: &[i64], y: &[i64], program: impl Program) -> Vec<Vec<i64>> {
    let report = report(setting, x, y, program, 1);
    let result = report.result(0);
    assert_eq!(result, report.result(1), "the first two know the same");
    serde_json::from_value(result.clone()).unwrap()
}

/// Numbers near the ends of the range, near zero and near powers of two.
fn edges() -> Vec<i64> {
    let powers = (0..62).step_by(4).flat_map(|bit| {
        let power = 1_i64 << bit;
        [power - 1, power, power + 1, -power, -power - 1, -power + 1]
    });
    powers.chain([0, -1, (1 << 62) - 1, -(1 << 62)]).collect()
}

fn random(seed: u64, length: usize, bits: u32) -> Vec<i64> {
    use rand_core::{Rng as _, SeedableRng as _};

    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..length).map(|_| rng.next_u64().cast_signed() >> (64 - bits)).collect()
}

#[test]
fn signs_and_zeros_are_told_at_the_edges() {
    for setting in SETTINGS {
        let found = results(
            setting,
            &edges(),
            &[],
            program!(|parties, x, _y| Ok(vec![parties.is_negative(x)?, parties.is_zero(x)?])),
        );
        for (place, x) in edges().into_iter().enumerate() {
            let told = [found[0][place], found[1][place]];
            assert_eq!(told, [i64::from(x < 0), i64::from(x == 0)], "{setting:?} {x}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn pairs_are_compared_and_chosen_from(seed: u64, bits in 1_u32..62, length in 0_usize..40) {
        let (x, mut y) = (random(seed, length, bits), random(seed ^ 1, length, bits));
        // Some that are the same.
        y.iter_mut().zip(&x).step_by(3).for_each(|(y, x)| *y = *x);
        for setting in SETTINGS {
            let found = results(setting, &x, &y, program!(|parties, x, y| {
                let less = parties.is_less(x, y)?;
                let equal = parties.is_equal(x, y)?;
                let chosen = parties.select(&less, x, y)?;
                let (larger, smaller) = (parties.maximum(x, y)?, parties.minimum(x, y)?);
                Ok(vec![less, equal, chosen, larger, smaller, parties.relu(x)?])
            }));
            let pairs = || x.iter().copied().zip(y.iter().copied());
            let expected = [
                pairs().map(|(x, y)| i64::from(x < y)).collect(),
                pairs().map(|(x, y)| i64::from(x == y)).collect(),
                pairs().map(|(x, y)| x.min(y)).collect(),
                pairs().map(|(x, y)| x.max(y)).collect(),
                pairs().map(|(x, y)| x.min(y)).collect(),
                x.iter().map(|x| *x.max(&0)).collect::<Vec<_>>(),
            ];
            prop_assert_eq!(&found[..], &expected[..], "{:?}", setting);
        }
    }

    #[test]
    fn the_first_largest_of_each_row_is_found(
        seed: u64, rows in 1_usize..5, columns in 1_usize..12, bits in 2_u32..60
    ) {
        let x = random(seed, rows * columns, bits);
        for setting in SETTINGS {
            let found = results(setting, &x, &[], program!(|parties, x, _y; rows: usize; columns: usize| {
                Ok(vec![parties.argmax(&x.clone().into_matrix((*rows, *columns)))?])
            }));
            let first_largest = |row: &[i64]| {
                let largest = row.iter().max().unwrap();
                row.iter().position(|x| x == largest).unwrap() as i64
            };
            let expected: Vec<_> = x.chunks(columns).map(first_largest).collect();
            prop_assert_eq!(&found[0], &expected, "{:?}", setting);
        }
    }
}

#[test]
fn of_equal_numbers_the_first_is_the_largest() {
    let x = [5, 5, 5, 5, 5, 1, 7, 7, 2, 7, -3, -2, -9, -2, -2];
    for setting in SETTINGS {
        let program =
            program!(|parties, x, _y| Ok(vec![parties.argmax(&x.clone().into_matrix((3, 5)))?]));
        assert_eq!(results(setting, &x, &[], program), [[0, 1, 1]], "{setting:?}");
    }
}

#[test]
fn truncation_rounds_down_or_up_and_exactly_down() {
    for setting in SETTINGS {
        for bits in [1_u32, 16, 61] {
            let found = results(
                setting,
                &edges(),
                &[],
                program!(|parties, x, _y; bits: u32| {
                    Ok(vec![parties.truncate(x, *bits)?, parties.truncate_exactly(x, *bits)?])
                }),
            );
            for (place, x) in edges().into_iter().enumerate() {
                let (near, exact) = (found[0][place] - (x >> bits), found[1][place]);
                let up = i64::from(x & ((1 << bits) - 1) != 0);
                assert!((0..=up).contains(&near), "{setting:?} {x} / 2^{bits}");
                assert_eq!(exact, x >> bits, "{setting:?} {x} / 2^{bits}");
            }
        }
    }
}

#[test]
fn a_reciprocal_and_a_quotient_are_as_near_as_is_stated() {
    const BITS: u32 = 16;
    for (size, bits) in [(1, BITS), (20, BITS), (31, BITS), (31, 30), (45, BITS), (45, 1)] {
        let mut x: Vec<i64> =
            random(size.into(), 30, size + 1).iter().map(|x| x.abs().max(1)).collect();
        x.extend((0..size).flat_map(|bit| [1 << bit, (1 << bit) + 1, (2 << bit) - 1]));
        let x: Vec<_> = x.into_iter().filter(|x| *x < 1 << size).collect();
        // So that a product with the largest reciprocal fits.
        let y: Vec<_> = random(7, x.len(), 61 - 2 * bits.min(20));
        for setting in SETTINGS {
            let found = results(
                setting,
                &x,
                &y,
                program!(|parties, x, y; size: u32; bits: u32| {
                    let reciprocal = parties.reciprocal(x, *bits, *size)?;
                    let quotient = parties.divide(y, x, *bits, *size)?;
                    Ok(vec![reciprocal, quotient])
                }),
            );
            let working = match setting {
                Setting::Wide => 50,
                Setting::Provider(_) => 30,
                Setting::Replicated => (61 - size.cast_signed()).min(30),
            };
            let relative = 2_f64.powi(4 - working);
            let scale = (1_u64 << bits) as f64;
            for (place, (&x, &y)) in x.iter().zip(&y).enumerate() {
                let reciprocal = scale * scale / x as f64;
                let allowed = reciprocal * relative + 1.0;
                let off = found[0][place] as f64 - reciprocal;
                assert!(off.abs() <= allowed, "{setting:?} {bits} {size}: 1 / {x} is off by {off}");
                if bits > 20 {
                    continue;
                }
                let off = found[1][place] as f64 - y as f64 * scale / x as f64;
                let allowed = (y as f64).abs() / scale * allowed + 1.0;
                assert!(
                    off.abs() <= allowed,
                    "{setting:?} {bits} {size}: {y} / {x} is off by {off}"
                );
            }
        }
    }
}

#[test]
fn the_logistic_function_is_as_near_as_is_stated() {
    for (bits, step) in [(16_u32, 331_i64), (26, 425_003), (1, 1)] {
        let end = 17 << bits;
        let mut x: Vec<i64> = (-end..=end).step_by(usize::try_from(step).unwrap()).collect();
        x.extend([0, end, -end, (1 << 61), -(1 << 61)]);
        for setting in SETTINGS {
            // Beside the first, every sixteenth is enough.
            let x: Vec<_> = match setting {
                Setting::Replicated | Setting::Wide => x.clone(),
                Setting::Provider(_) => x.iter().copied().step_by(16).collect(),
            };
            let found = results(
                setting,
                &x,
                &[],
                program!(|parties, x, _y; bits: u32| {
                    Ok(vec![parties.sigmoid(x, *bits)?])
                }),
            );
            let scale = (1_u64 << bits) as f64;
            for (x, found) in x.iter().zip(&found[0]) {
                let expected = 1.0 / (1.0 + (-(*x as f64) / scale).exp());
                let off = (*found as f64 / scale - expected).abs();
                assert!(off <= 2.2e-7 + 2.0 / scale, "{setting:?} {bits}: {x} is off by {off}");
            }
        }
    }
}

#[test]
fn a_fixed_point_product_is_that_of_the_numbers() {
    let fixed = FixedPoint::new(16, -100.0, 100.0).unwrap();
    let numbers = [1.5, -2.25, 99.0, -0.001, 0.0];
    let encoded: Vec<_> = numbers.map(|x| (x * 65_536.0_f64).round() as i64).to_vec();
    for setting in SETTINGS {
        let found = results(
            setting,
            &encoded,
            &[],
            program!(|parties, x, _y| {
                let squares = parties.multiply(x, x)?;
                let sum = parties.dot(x, x)?;
                Ok(vec![parties.truncate(&squares.concatenated(&sum), 16)?])
            }),
        );
        let found: Vec<_> = found[0].iter().map(|x| Z2_64::from_signed(*x)).collect();
        let expected = numbers.iter().map(|x| x * x).chain([numbers.iter().map(|x| x * x).sum()]);
        for (expected, found) in expected.zip(fixed.decode(&found)) {
            // The inputs' rounding, times 100 twice, and the quotient's.
            assert!((expected - found).abs() < 200.0 / 65_536.0, "{setting:?} {expected} {found}");
        }
    }
}

mod order;
