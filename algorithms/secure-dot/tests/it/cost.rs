//! Rounds and bytes: as many as the README says, whatever the values are.

use anchorhold_sdk::lab::Report;

use crate::{SETTINGS, Third, computed, lab, oracle_of_whole, some_columns};

/// Bytes of an element of the field.
const ELEMENT: usize = 16;

/// The bytes of what a party sends another after they have agreed.
fn sent(report: &Report, from: usize, to: usize) -> usize {
    let sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == (from, to));
    sent.filter(|sent| sent.topic != "agree").map(|sent| sent.body.len()).sum()
}

/// What n holders of so many rows send with a provider.
fn with_provider(n: usize, rows: usize, from: usize, to: usize) -> usize {
    let (provider, pairs, results) = (n, n * (n - 1) / 2, (n - 1) * (n - 1));
    // Two commitments, what they were to, and among three or more a hash of what was heard.
    let check = 2 * 32 + 64 + 48 + if n > 2 { 32 } else { 0 };
    match (from == provider, to) {
        (true, 0) => 32 + ELEMENT * (2 * (2 * n - 1) * rows + 2 * results + 2 * n * pairs),
        (true, _) => 32,
        (false, to) if to == provider => 0,
        _ => ELEMENT * ((2 * n - 1) * rows + n * pairs) + (n + 1) * check,
    }
}

/// What they send without, the first three parties computing.
fn with_servers(n: usize, rows: usize, from: usize, to: usize) -> usize {
    let (pairs, results) = (n * (n - 1) / 2, (n - 1) * (n - 1));
    let opened = if to < n { pairs } else { 0 };
    let shared = if from < n { rows } else { 0 };
    // What was heard, twice; the coefficients' seed, and whether all fits.
    let check = 2 * 32 + ELEMENT * (4 + 1);
    match (from < 3, to < 3) {
        (true, true) if to == (from + 2) % 3 => {
            32 + ELEMENT * (shared + n * rows + 2 * results + 2 + opened) + check
        }
        (true, true) => ELEMENT * opened + check,
        (true, false) => 2 * ELEMENT * opened,
        (false, true) => 2 * ELEMENT * rows,
        (false, false) => 0,
    }
}

#[test]
fn rounds_and_bytes_are_as_stated_whatever_the_values_are() {
    for (n, third) in SETTINGS.into_iter().chain([(4, Third::Nobody), (4, Third::Provider)]) {
        for rows in [1, 100, 1_000] {
            let columns = some_columns(n, rows.try_into().unwrap());
            let zeros = vec![vec![0; rows]; n];
            for (columns, seed) in [(columns, 0), (zeros, 1)] {
                let report = lab(&columns, third).seed(seed).run();
                computed(&report, n, &oracle_of_whole(&columns));
                let has_provider = third == Third::Provider;
                let rounds = if has_provider { 8 + 5 * n } else { 11 + n.min(4) };
                assert_eq!(report.traffic().rounds as usize, rounds, "{n} {third:?}");
                let parties = report.outcomes().len();
                for (from, to) in
                    (0..parties).flat_map(|from| (0..parties).map(move |to| (from, to)))
                {
                    if from != to {
                        let stated = if has_provider { with_provider } else { with_servers };
                        let expected = stated(n, rows, from, to);
                        assert_eq!(sent(&report, from, to), expected, "{n} {third:?} {from} {to}");
                    }
                }
            }
        }
    }
}
