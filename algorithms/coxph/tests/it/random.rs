//! Random rows with many ties and divisions of them, against the oracle.

use proptest::prelude::*;

use crate::{lab, oracle, split, study, table};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn coefficients_are_those_of_the_oracle(
        rows in 60_usize..120,
        seed: u64,
        parties in 3_usize..8,
        owners in prop::collection::vec(0_usize..100, 120),
        efron: bool,
        interval in 1_u32..6,
    ) {
        // Each party has at least one row.
        let of = |row: usize| if row < parties { row } else { owners[row] % parties };
        let mut parts = split(&table(rows, seed), parties, of);
        let (mut arguments, _) = study(3);
        arguments["ties"] = if efron { "efron" } else { "breslow" }.into();
        arguments["time"]["interval"] = interval.into();
        arguments["features"][0]["maximum"] = 2000.into();
        let report = lab(&arguments, &parts).seed(seed).run();
        let found = report.common_result();
        let cell = |time: f64| (time / f64::from(interval)).ceil();
        for part in &mut parts {
            part[0].1.iter_mut().for_each(|time| *time = time.map(cell));
        }
        let (coefficients, likelihood) = oracle::fit(&parts, efron);
        let difference = (found["log_likelihood"].as_f64().unwrap() - likelihood).abs();
        prop_assert!(difference < 1e-9, "{}", difference);
        for (place, expected) in coefficients.into_iter().enumerate() {
            let found = &found["coefficients"][place];
            let error = found["standard_error"].as_f64().unwrap();
            let difference = (found["coefficient"].as_f64().unwrap() - expected).abs();
            prop_assert!(difference < 1e-9 * error, "{} {} {}", place, found, expected);
        }
    }
}
