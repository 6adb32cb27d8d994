use proptest::prelude::*;

use super::{Decimal, DecimalError, decimal_text};

fn decimal(decimals: u32, minimum: i64, maximum: i64) -> Decimal {
    Decimal::new(decimals, minimum, maximum, 1).unwrap()
}

#[test]
fn whole_numbers_are_scaled() {
    let decimal = decimal(2, -10, 120);
    assert_eq!(decimal.encode(0), Ok(0));
    assert_eq!(decimal.encode(120), Ok(12_000));
    assert_eq!(decimal.encode(-10), Ok(-1_000));
    assert_eq!(decimal.text(12_000), "120.00");
}

#[test]
fn real_numbers_are_rounded_to_the_nearest_and_ties_to_the_even() {
    let cases = [
        (0, 0.5, 0),
        (0, 1.5, 2),
        (0, 2.5, 2),
        (0, -0.5, 0),
        (0, -1.5, -2),
        (1, 0.1 + 0.2, 3),
        (1, 0.25, 2),
        (2, 2.675, 267), // which is 2.67499999999999982236431605997495353221893310546875
        (2, 1.005, 100),
        (2, 70.005, 7_000),
        (1, -0.0, 0),
        (9, 0.1, 100_000_000),
        (16, 0.3, 3_000_000_000_000_000), // which is 0.29999999999999998889776975...
        (16, 0.1, 1_000_000_000_000_000), // 0.1000000000000000055...,
    ];
    for (decimals, value, encoded) in cases {
        let decimal = Decimal::new(decimals, -90, 90, 1).unwrap();
        assert_eq!(decimal.encode(value), Ok(encoded), "{value} with {decimals} decimals");
    }
}

#[test]
fn values_outside_the_bounds_are_refused_and_not_named() {
    let decimal = decimal(1, 0, 120);
    let refused = DecimalError::OutOfBounds { minimum: 0, maximum: 120 };
    for whole in [-1, 121, i64::MIN, i64::MAX] {
        assert_eq!(decimal.encode(whole), Err(refused));
    }
    let reals = [-0.1, 120.06, 1e300, -1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for real in reals {
        assert_eq!(decimal.encode(real), Err(refused), "{real}");
    }
    assert_eq!(decimal.encode(120.04), Ok(1_200), "bounds hold for the rounded number");
    assert_eq!(refused.to_string(), "a value is outside the declared bounds 0 to 120");
}

#[test]
fn sums_that_could_overflow_are_excluded_beforehand() {
    let largest = i64::MAX; // 2^63 - 1
    assert!(Decimal::new(0, 0, largest, 1).is_ok());
    assert!(Decimal::new(0, -largest, largest, 1).is_ok());
    let overflows =
        |declared: Result<_, DecimalError>| matches!(declared, Err(DecimalError::Overflow { .. }));
    assert!(overflows(Decimal::new(0, i64::MIN, 0, 1)));
    assert!(overflows(Decimal::new(0, 0, largest, 2)));
    assert!(overflows(Decimal::new(1, 0, largest, 1)));
    assert!(overflows(Decimal::new(18, -10, 0, 1)));
    assert!(overflows(Decimal::new(18, i64::MIN, i64::MAX, u64::MAX)));
    assert!(Decimal::new(0, 0, 1 << 32, (1 << 31) - 1).is_ok());
    assert!(overflows(Decimal::new(0, 0, 1 << 32, 1 << 31)));
    assert!(Decimal::new(0, 0, 0, u64::MAX).is_ok());
}

#[test]
fn declarations_without_sense_are_refused() {
    let bounds = DecimalError::Bounds { minimum: 1, maximum: 0 };
    assert_eq!(Decimal::new(0, 1, 0, 1), Err(bounds));
    assert_eq!(Decimal::new(19, 0, 0, 1), Err(DecimalError::Decimals { decimals: 19 }));
}

#[test]
fn a_possible_sum_is_between_the_sums_of_the_bounds() {
    let decimal = decimal(1, -2, 3);
    let possible = [(0, 0), (1, 30), (1, -20), (2, 60), (2, -40)];
    for (summands, sum) in possible {
        assert!(decimal.can_be_sum(sum, summands), "{sum} of {summands}");
    }
    for (summands, sum) in [(0, 1), (0, -1), (1, 31), (1, -21), (2, i64::MIN), (2, i64::MAX)] {
        assert!(!decimal.can_be_sum(sum, summands), "{sum} of {summands}");
    }
}

#[test]
fn texts_have_all_their_decimals() {
    let cases = [
        (0, 0, "0"),
        (0, 3, "0.000"),
        (-1, 3, "-0.001"),
        (-1_000, 3, "-1.000"),
        (12_345, 2, "123.45"),
        (i128::MIN, 0, "-170141183460469231731687303715884105728"),
        (i128::MAX, 38, "1.70141183460469231731687303715884105727"),
    ];
    for (scaled, decimals, text) in cases {
        assert_eq!(decimal_text(scaled, decimals), text);
    }
}

proptest! {
    #[test]
    fn an_encoded_whole_number_is_its_text_with_zeros(value: i32, decimals in 0_u32..9) {
        let decimal = decimal(decimals, i64::from(i32::MIN), i64::from(i32::MAX));
        let encoded = decimal.encode(i64::from(value)).unwrap();
        let zeros = "0".repeat(usize::try_from(decimals).unwrap());
        let point = if decimals == 0 { "" } else { "." };
        prop_assert_eq!(decimal.text(encoded), format!("{value}{point}{zeros}"));
    }

    #[test]
    fn a_real_number_survives_as_many_decimals_as_it_has(cents in -1_000_000_i64..1_000_000) {
        let text = decimal_text(i128::from(cents), 2);
        let value: f64 = text.parse().unwrap();
        prop_assert_eq!(decimal(2, -10_000, 10_000).encode(value), Ok(cents));
    }

    #[test]
    fn texts_are_read_back_as_what_they_were(scaled: i64, decimals in 0_u32..19) {
        let text = decimal_text(i128::from(scaled), decimals);
        prop_assert_eq!(text.replace('.', "").parse::<i64>().unwrap(), scaled);
        let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert_eq!(u32::try_from(fraction).unwrap(), decimals);
    }
}
