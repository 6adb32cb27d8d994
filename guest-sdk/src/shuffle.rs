//! Orders of which all are equally likely.

use rand_core::CryptoRng;

/// Puts elements into an order of which all are equally likely.
///
/// ```
/// use anchorhold_sdk::{Result, Task, shuffle};
///
/// fn run(task: &mut Task, mut rows: Vec<u64>) -> Result<Vec<u64>> {
///     shuffle(&mut rows, task.rng());
///     Ok(rows)
/// }
/// ```
pub fn shuffle<T>(elements: &mut [T], rng: &mut impl CryptoRng) {
    for (lower, upper) in exchanges(elements.len(), rng) {
        elements.swap(lower, upper);
    }
}

/// Returns which two places to exchange, one pair after the other and the lower place first, so that so
/// many elements come into an order of which all are equally likely: for what [`shuffle`] cannot take as
/// one slice.
///
/// Source: Durstenfeld, "Algorithm 235: Random permutation", CACM 1964, after Fisher and Yates.
pub fn exchanges(length: usize, rng: &mut impl CryptoRng) -> impl Iterator<Item = (usize, usize)> {
    let pairs = (1..length).rev().map(|last| (below(last + 1, rng), last));
    pairs.filter(|(lower, upper)| lower < upper)
}

/// Draws a number below a positive bound, all alike. A word is drawn again with a probability of at most the
/// bound divided by 2^64.
fn below(bound: usize, rng: &mut impl CryptoRng) -> usize {
    let bound = u64::try_from(bound).expect("a usize fits u64");
    // From here on numbers are no whole multiple of the bound.
    let end = u64::MAX - u64::MAX % bound;
    loop {
        let word = rng.next_u64();
        if word < end {
            return usize::try_from(word % bound).expect("it is below a usize");
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
