//! Pairs of measurements and how they are printed.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How often each pair is measured; the median counts.
const PAIRS: usize = 7;

/// Measures the time of one call.
#[allow(dead_code, reason = "not every benchmark measures calls that block")]
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Prints the head of a table.
pub fn header(title: &str) {
    println!("\n{title:38} {:>12} {:>12} {:>8}", "ours", "floor", "ratio");
}

/// Measures `n` times the work and its floor in turn, and prints the medians for one time and the
/// median of the ratios.
pub fn compare(
    what: &str,
    n: u64,
    mut ours: impl FnMut(u64) -> Duration,
    mut floor: impl FnMut(u64) -> Duration,
) {
    let mut pairs: Vec<(f64, f64)> = (0..PAIRS)
        .map(|_| (ours(n).as_secs_f64() / n as f64, floor(n).as_secs_f64() / n as f64))
        .collect();
    let median = |pairs: &mut Vec<(f64, f64)>, of: fn(&(f64, f64)) -> f64| {
        pairs.sort_by(|a, b| of(a).total_cmp(&of(b)));
        of(&pairs[PAIRS / 2])
    };
    let ratio = median(&mut pairs, |(ours, floor)| ours / floor);
    let ours = median(&mut pairs, |(ours, _)| *ours);
    let floor = median(&mut pairs, |(_, floor)| *floor);
    println!("  {what:36} {:>12} {:>12} {ratio:>8.2}", seconds(ours), seconds(floor));
}

fn seconds(time: f64) -> String {
    match time {
        time if time >= 1.0 => format!("{time:.2} s"),
        time if time >= 1e-3 => format!("{:.2} ms", time * 1e3),
        time if time >= 1e-6 => format!("{:.2} us", time * 1e6),
        time => format!("{:.2} ns", time * 1e9),
    }
}
