//! Random numbers, and the largest.

use anchorhold_sdk::lab::Rows;
use proptest::prelude::*;
use serde_json::json;

use crate::{
    SETTINGS, Third, arguments, computed, lab, oracle, oracle_of_whole, parties, rows, some_columns,
};

/// Computes with bounds that the field has just room for.
fn with_bounds(columns: &[Vec<i64>], bounds: &[i64], third: Third, seed: u64) {
    let mut lab = parties(columns.len(), third);
    lab.arguments(arguments(bounds, columns[0].len())).seed(seed);
    for (seat, values) in columns.iter().enumerate() {
        lab.dataset(seat, "records", &rows(values));
    }
    computed(&lab.run(), columns.len(), &oracle_of_whole(columns));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn it_is_what_the_oracle_says(
        (setting, columns) in (0..SETTINGS.len(), 1_usize..40).prop_flat_map(|(setting, rows)| {
            let bound = 1_i64 << 60;
            let column = prop::collection::vec(-bound..=bound, rows);
            (Just(setting), prop::collection::vec(column, SETTINGS[setting].0))
        }),
        seed: u64,
    ) {
        let (holders, third) = SETTINGS[setting];
        with_bounds(&columns, &vec![1 << 60; holders], third, seed);
    }

    #[test]
    fn numbers_with_decimals_are_rounded_first(
        values in prop::collection::vec((-9_999_i32..=9_999, -9_999_i32..=9_999), 1..20),
        left in 0_u32..4,
        right in 0_u32..4,
    ) {
        let scale = |decimals: u32| 10_f64.powi(decimals.try_into().unwrap());
        let third = if left < right { Third::Provider } else { Third::Helper };
        let mut lab = parties(2, third);
        let column = |decimals| {
            json!({ "name": "x", "minimum": -10_000, "maximum": 10_000, "decimals": decimals })
        };
        lab.arguments(json!({ "columns": [column(left), column(right)] }));
        let (lefts, rights): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let both = [(&lefts, left), (&rights, right)];
        for (seat, (integers, decimals)) in both.into_iter().enumerate() {
            // A quarter more than the last decimal.
            let reals = integers.iter().map(|one| (f64::from(*one) + 0.25) / scale(decimals));
            lab.dataset(seat, "records", &Rows::new().float64("x", reals));
        }
        let expected = both.map(|(integers, decimals)| {
            (integers.iter().map(|one| (*one).into()).collect(), decimals.try_into().unwrap())
        });
        computed(&lab.run(), 2, &oracle(&expected));
    }
}

#[test]
fn the_largest_numbers_are_multiplied_right() {
    const MOST: i64 = i64::MAX;
    let half = (1_i64 << 62) - 1;
    for (holders, third) in SETTINGS {
        // One row: the product of the largest is just below 2^126.
        for values in [[MOST; 5], [-MOST; 5], [MOST, -MOST, 0, 1, -1], [0; 5]] {
            let columns: Vec<_> = values[..holders].iter().map(|value| vec![*value]).collect();
            with_bounds(&columns, &vec![MOST; holders], third, 0);
        }
        let fours = [vec![half; 4], vec![-half; 4], vec![half, -half, half, half]];
        let columns: Vec<_> = fours.iter().cycle().take(holders).cloned().collect();
        with_bounds(&columns, &vec![half; holders], third, 0);
    }
}

#[test]
fn a_table_of_more_values_than_go_at_once_is_computed_in_several_steps() {
    // In the last step there is one row. And to whom the first party gives its share.
    for (holders, third, rows, to) in
        [(2, Third::Provider, 131_073, 1), (3, Third::Nobody, 87_381, 2)]
    {
        let columns = some_columns(holders, rows);
        let mut lab = lab(&columns, third);
        lab.arguments(arguments(&vec![1_000; holders], 1_000_000));
        let report = lab.run();
        computed(&report, holders, &oracle_of_whole(&columns));
        let shares = report.trace().iter().filter(|sent| sent.topic == "share");
        assert_eq!(shares.filter(|sent| (sent.from, sent.to) == (0, to)).count(), 3, "steps");
    }
}

#[test]
fn the_third_party_may_have_any_seat() {
    for role in ["provider", "helper"] {
        for place in 0..3 {
            let mut lab = anchorhold_sdk::lab::Lab::new(secure_dot::algorithm());
            for seat in 0..3 {
                lab.party(&format!("org-{seat}"), if seat == place { role } else { "holder" });
            }
            lab.arguments(arguments(&[10, 10], 10));
            let holders: Vec<_> = (0..3).filter(|seat| *seat != place).collect();
            for (seat, values) in holders.iter().zip([[1, 2, 3], [4, 5, -6]]) {
                lab.dataset(*seat, "records", &rows(&values));
            }
            let report = lab.run();
            let [left, right] = [0, 1].map(|holder| format!("org-{}", holders[holder]));
            let expected =
                json!({ "rows": 3, "products": [{ "left": left, "right": right, "dot": "-4" }] });
            for seat in 0..3 {
                let expected = if seat == place { &json!({ "rows": 3 }) } else { &expected };
                assert_eq!(report.result(seat), expected);
            }
        }
    }
}
