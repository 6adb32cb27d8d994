//! How many givers must stay.

use crate::{Error, Result};

/// The fewest givers in a sum: of two, each knows the other's vector.
pub const MIN_GIVERS: usize = 3;

/// Returns how many givers must stay: as many as are asked for, or more than half, or where they compare
/// more than two thirds. `called` is what they are in sentences, as `workers`; `corrupt`, or else none or where
/// they compare less than a third, may collude with the adder.
///
/// Against an adder that lies, with c givers: two lists of survivors would need t - c honest givers
/// each, which cannot be if 2 (t - c) > n - c. Of those whose sum is opened, two at the least must
/// be honest, or it is one's own vector.
///
/// # Errors
/// [`Error::Said`] if so many are too few or not there.
pub fn threshold(
    called: &str,
    givers: usize,
    asked: Option<usize>,
    corrupt: Option<usize>,
    compares: bool,
) -> Result<usize> {
    let (usual, corrupt) = match compares {
        false => (givers / 2 + 1, corrupt.unwrap_or(0)),
        true => (2 * givers / 3 + 1, corrupt.unwrap_or(givers.saturating_sub(1) / 3)),
    };
    let threshold = asked.unwrap_or(usual.max(MIN_GIVERS));
    if !(MIN_GIVERS..=givers).contains(&threshold) {
        return Err(Error::new(format!(
            "\"threshold\" must be from {MIN_GIVERS} to {givers}, the number of {called}, not {threshold}"
        )));
    }
    if threshold < corrupt.saturating_add(2) {
        return Err(Error::new(format!(
            "a \"threshold\" of {threshold} must be larger by 2 than \"corrupt\", {corrupt}"
        )));
    }
    if compares && 2 * threshold <= givers + corrupt {
        return Err(Error::new(format!(
            "with \"active\", twice the \"threshold\" of {threshold} must be more than {givers} {called} and \
             {corrupt} corrupt ones"
        )));
    }
    Ok(threshold)
}
