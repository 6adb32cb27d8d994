//! Rounds and bytes: as many as the README says, whatever the values are.

use anchorhold_sdk::lab::Report;

use crate::{Study, Third, columns, study};

/// Bytes of an element, in either setting.
const ELEMENT: usize = 16;

/// Half of the features are each holder's, of other values for each seed.
fn sized(model: &'static str, rows: usize, width: usize, iterations: usize, seed: u64) -> Study {
    let mut study = study(model, 1.0, columns(seed, rows, width), 0.5).among(2);
    study.iterations = iterations;
    study
}

/// The bytes of what a party sends others after they have agreed.
fn sent(report: &Report, from: usize, to: &[usize]) -> usize {
    let sent = report.trace().iter().filter(|sent| sent.from == from && to.contains(&sent.to));
    sent.filter(|sent| sent.topic != "agree").map(|sent| sent.body.len()).sum()
}

/// What so many signs of 128 bits take of each of the three.
fn signs(numbers: usize) -> usize {
    48 * numbers + 3_040 * numbers.div_ceil(64)
}

/// What each of the three that compute sends, but for its own columns and what is opened.
fn of_server(model: &str, rows: usize, p: usize, iterations: usize) -> usize {
    let inverse = ELEMENT * (2 * p * p + p * (28 + 3 * p + 3 * p * p)) + p * signs(43);
    let in_units = ELEMENT * (2 * p + 2 * (p + 1)) + signs(p + 1);
    let fitted = match model {
        "ridge" => ELEMENT * (3 * p * (p + 1) + 18 * p + 3 * p),
        _ => {
            let iteration = ELEMENT * (142 * rows + 8 * p + 4) + signs(2 * rows);
            ELEMENT * p * p + iterations * iteration
        }
    };
    32 + inverse + fitted + in_units
}

#[test]
fn among_three_rounds_and_bytes_are_as_stated_whatever_the_values_are() {
    for (model, rows, p, iterations) in
        [("ridge", 20, 2, 1), ("ridge", 90, 4, 1), ("logistic", 20, 2, 1), ("logistic", 90, 4, 3)]
    {
        for seed in [1, 2] {
            let report =
                sized(model, rows, p, iterations, seed).lab(Third::Helper).seed(seed).run();
            let is_linear = model == "ridge";
            let rounds = if is_linear { 46 + 45 * p } else { 23 + 45 * p + 44 * iterations };
            assert_eq!(report.traffic().rounds as usize, rounds, "{model} {p} {iterations}");
            // The first one has the outcome, too, and is the one to whom the helper opens.
            let own =
                [(p / 2 + 1) * rows + p + if is_linear { 2 } else { 0 }, p / 2 * rows + p, p + 1];
            for (seat, own) in own.into_iter().enumerate() {
                let expected = of_server(model, rows, p, iterations) + ELEMENT * own;
                assert_eq!(sent(&report, seat, &[0, 1, 2]), expected, "{model} {p} {seat}");
            }
        }
    }
}

#[test]
fn with_a_provider_a_row_costs_as_stated_whatever_its_values_are() {
    for (model, p, iterations) in
        [("ridge", 2, 1), ("ridge", 4, 1), ("logistic", 2, 1), ("logistic", 4, 2)]
    {
        let [few, more, others] = [(20, 1), (60, 1), (60, 2)].map(|(rows, seed)| {
            sized(model, rows, p, iterations, seed).lab(Third::Provider).seed(seed).run()
        });
        assert_eq!(more.traffic(), others.traffic(), "{model}");
        // What is multiplied once, and in each iteration; and what the provider deals for it.
        let (once, each) = match model {
            "ridge" => ([2 * p + 1; 2], [0; 2]),
            _ => ([2 * p; 2], [2 * p + 260, 2 * p + 1_639]),
        };
        let shared = [p / 2 + 1, p / 2];
        for (from, to, expected) in [
            (0, 1, shared[0] + once[0] + iterations * each[0]),
            (1, 0, shared[1] + once[0] + iterations * each[0]),
            (2, 0, 2 * (p + 1) + once[1] + iterations * each[1]),
            (2, 1, 0),
        ] {
            let of_rows = sent(&more, from, &[to]) - sent(&few, from, &[to]);
            assert_eq!(of_rows, 40 * ELEMENT * expected, "{model} {p} {from} {to}");
        }
        let rounds = if model == "ridge" { 82 + 70 * p } else { 35 + 70 * p + 76 * iterations };
        let counted = more.traffic().rounds as usize;
        assert!((rounds - 10..=rounds).contains(&counted), "{model} {p}: {counted}, {rounds}");
    }
}

#[test]
fn of_the_result_nobody_but_the_receiver_is_told() {
    for third in [Third::Helper, Third::Provider] {
        let report = sized("ridge", 20, 2, 1, 1).lab(third).run();
        let last = report.trace().iter().rev().find(|sent| sent.topic == "open").unwrap();
        match third {
            // A provider's mask, which the receiver alone knows, hides it from all others.
            Third::Provider => assert_eq!(sent(&report, 0, &[2]) + sent(&report, 1, &[2]), 0),
            _ => {
                assert_eq!((last.from, last.to), (2, 0));
                let opened = report.trace().iter().filter(|sent| sent.topic == "open");
                assert_eq!(opened.count(), 1);
            }
        }
    }
}
