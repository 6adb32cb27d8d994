//! Multiplies known numbers: compilers have got this wrong.

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Numbers of every length, so that about half of the products overflow.
        std::hint::black_box(state >> (state % 64))
    };
    for _ in 0..100_000 {
        let (a, b) = (next(), next());
        let (high, low) = multiply(a, b);
        if u128::from(a) * u128::from(b) != u128::from(high) << 64 | u128::from(low) {
            return Err(format!("{a} * {b} is not {high} * 2^64 + {low}"));
        }
        check("u64::checked_mul", a.checked_mul(b) == (high == 0).then_some(low), a, b)?;
        let expected = if high == 0 { low } else { u64::MAX };
        check("u64::saturating_mul", a.saturating_mul(b) == expected, a, b)?;
        signed(a as i64, b as i64)?;
        signed((a as i64).wrapping_neg(), b as i64)?;
    }
    Ok(b"right".to_vec())
}

fn signed(a: i64, b: i64) -> Result<(), String> {
    let negative = (a < 0) != (b < 0);
    let (high, low) = multiply(a.unsigned_abs(), b.unsigned_abs());
    let largest = i64::MAX as u64 + u64::from(negative);
    let fits = high == 0 && low <= largest;
    let value = if negative { (low as i64).wrapping_neg() } else { low as i64 };
    let bound = if negative { i64::MIN } else { i64::MAX };
    let expected = if fits { value } else { bound };
    check("i64::checked_mul", a.checked_mul(b) == fits.then_some(value), a, b)?;
    check("i64::saturating_mul", a.saturating_mul(b) == expected, a, b)?;
    check("i64::overflowing_mul", a.overflowing_mul(b).1 != fits, a, b)
}

/// Multiplies by digits of 32 bits, which no compiler turns into a wide multiplication.
fn multiply(a: u64, b: u64) -> (u64, u64) {
    let digits = |number: u64| (std::hint::black_box(number >> 32), number & 0xffff_ffff);
    let ((a1, a0), (b1, b0)) = (digits(a), digits(b));
    let (low, middle_a, middle_b) = (a0 * b0, a1 * b0, a0 * b1);
    let middle = (low >> 32) + (middle_a & 0xffff_ffff) + (middle_b & 0xffff_ffff);
    let high = a1 * b1 + (middle_a >> 32) + (middle_b >> 32) + (middle >> 32);
    (high, middle << 32 | low & 0xffff_ffff)
}

fn check(what: &str, right: bool, a: impl ToString, b: impl ToString) -> Result<(), String> {
    if right { Ok(()) } else { Err(format!("{what}({}, {})", a.to_string(), b.to_string())) }
}

guest!(run);
