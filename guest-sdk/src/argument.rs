//! What the arguments of several algorithms must be.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::{Error, Result};

/// Checks that an argument is within its range; what is no number is not.
///
/// ```
/// use anchorhold_sdk::check_range;
///
/// assert!(check_range("bits", 20, 8..=32).is_ok());
/// let error = check_range("bits", 33, 8..=32).expect_err("it is more");
/// assert_eq!(error.to_string(), "\"bits\" must be from 8 to 32, not 33");
/// ```
///
/// # Errors
/// [`Error::Said`] with the argument's name, the range and what it is.
pub fn check_range<T: PartialOrd + Display>(
    name: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err(Error::new(format!("{name:?} must be from {least} to {most}, not {value}")))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_within_and_nothing_beyond_them() {
        let said = |value| check_range("rows", value, 2..=4).err().map(|error| error.to_string());
        assert_eq!([2, 3, 4].map(said), [None, None, None]);
        for value in [1, 5] {
            assert_eq!(said(value), Some(format!("\"rows\" must be from 2 to 4, not {value}")));
        }
    }

    #[test]
    fn what_is_no_number_is_not_within() {
        for value in [f64::NAN, f64::INFINITY, -0.1] {
            let error = check_range("part", value, 0.0..=0.5).unwrap_err();
            assert_eq!(error.to_string(), format!("\"part\" must be from 0 to 0.5, not {value}"));
        }
    }
}
