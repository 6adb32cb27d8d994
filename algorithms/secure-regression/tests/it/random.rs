//! Random numbers, and what is hard: columns that say the same, classes that can be told apart, extreme
//! scales, many rows.

use proptest::prelude::*;

use crate::{SETTINGS, Third, columns, study};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn it_is_what_the_oracle_says(
        setting in 0..SETTINGS.len(),
        is_linear: bool,
        rows in 20_usize..60,
        width in 1_usize..6,
        exponent in -2_i32..=1,
        seed in 1_u64..1_000_000,
    ) {
        let (holders, third) = SETTINGS[setting];
        let model = if is_linear { "ridge" } else { "logistic" };
        let features = columns(seed, rows, width.max(holders - 1));
        let mut study = study(model, 10_f64.powi(exponent), features, 1.0).among(holders);
        study.iterations = 120;
        study.fitted(&study.lab(third).seed(seed).run(), 0, study.tolerance(third));
    }
}

#[test]
fn columns_that_say_the_same_share_what_they_say() {
    for third in [Third::Helper, Third::Provider] {
        for (model, width, iterations) in [("ridge", 64, 1), ("ridge", 2, 1), ("logistic", 8, 300)]
        {
            let features = vec![columns(5, 80, 1).remove(0); width];
            let mut study = study(model, 0.001, features, 0.5).among(2);
            study.iterations = iterations;
            study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
        }
    }
}

#[test]
fn classes_that_can_be_told_apart_have_the_penalty_s_coefficients() {
    for third in [Third::Helper, Third::Provider] {
        let mut study = study("logistic", 0.01, columns(3, 100, 3), 0.0).among(2);
        study.iterations = 120;
        study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
    }
}

#[test]
fn the_scales_of_columns_do_not_matter() {
    for third in [Third::Helper, Third::Provider] {
        for model in ["ridge", "logistic"] {
            let mut study = study(model, 0.1, columns(9, 50, 4), 1.0).among(2);
            for (place, (scale, far)) in
                [(1e-6, 0.0), (1e9, -3e9), (1e-30, 1e-29), (1e60, 1e60)].into_iter().enumerate()
            {
                let to_scale = |value: &mut f64| *value = far + scale * *value;
                study.features[place].iter_mut().for_each(to_scale);
                study.bounds[place + 1] = [far - scale, far + scale];
            }
            if model == "ridge" {
                study.outcome.iter_mut().for_each(|value| *value = 1e7 + 1e5 * *value);
                study.bounds[0] = [1e7 - 1e6, 1e7 + 1e6];
            }
            study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
        }
    }
}

#[test]
fn bounds_that_are_wide_cost_little() {
    for third in [Third::Helper, Third::Provider] {
        for model in ["ridge", "logistic"] {
            let mut study = study(model, 0.1, columns(9, 50, 2), 1.0).among(2);
            // Of a deviation of about a half, 2,048 is nearly the widest.
            for bounds in study.bounds.iter_mut().skip(1) {
                *bounds = [-1_000.0, 1_000.0];
            }
            study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
        }
    }
}

#[test]
fn rare_outcomes_have_their_intercept() {
    for third in [Third::Helper, Third::Provider] {
        let mut study = study("logistic", 0.1, columns(9, 200, 2), 1.0).among(2);
        study.outcome = (0..200).map(|row| f64::from(row == 7)).collect();
        study.iterations = 120;
        study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
    }
}

#[test]
fn one_feature_of_one_holder_is_enough() {
    for (holders, third) in [(2, Third::Helper), (2, Third::Provider)] {
        for model in ["ridge", "logistic"] {
            let study = study(model, 0.1, columns(2, 12, 1), 0.5).among(holders);
            assert_eq!(study.of_holders, [0, 1]);
            study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
        }
    }
}

#[test]
fn more_rows_than_go_at_once_are_computed_in_several_steps() {
    // In the last step there is one row.
    let rows = 8_193;
    let ridge = study("ridge", 0.1, columns(4, rows, 2), 1.0).among(2);
    for third in [Third::Helper, Third::Provider] {
        let report = ridge.lab(third).run();
        ridge.fitted(&report, 0, ridge.tolerance(third));
        let shares = report.trace().iter().filter(|sent| sent.topic == "share");
        let to = if third == Third::Provider { 1 } else { 2 };
        // Of the first holder features and outcome twice, and once what brings them back.
        assert_eq!(shares.filter(|sent| (sent.from, sent.to) == (0, to)).count(), 6);
    }
    let mut logistic = study("logistic", 1.0, columns(4, rows, 2), 1.0).among(2);
    logistic.iterations = 15;
    let report = logistic.lab(Third::Helper).run();
    logistic.fitted(&report, 0, logistic.tolerance(Third::Helper) + 1e-5);
}
