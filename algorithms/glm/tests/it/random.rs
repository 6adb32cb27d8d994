//! Random rows and divisions of them, against the oracle.

use proptest::prelude::*;
use serde_json::json;

use crate::{close, lab, oracle, split, table};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn coefficients_are_those_of_the_oracle(
        rows in 60_usize..200,
        seed: u64,
        parties in 3_usize..8,
        owners in prop::collection::vec(0_usize..100, 200),
        model in prop::sample::select(vec!["linear", "logistic", "poisson"]),
    ) {
        let mut columns = table(rows, seed);
        if model == "poisson" {
            // Counts of 0 to 8, which age explains.
            for (row, outcome) in columns[2].1.clone().into_iter().enumerate() {
                let age = columns[0].1[row].unwrap();
                columns[2].1[row] = outcome.map(|outcome| (age / 25.0).floor() + 5.0 * outcome);
            }
        }
        // Each party has at least one row.
        let of = |row: usize| if row < parties { row } else { owners[row] % parties };
        let parts = split(&columns, parties, of);
        let arguments = json!({
            "model": model,
            "outcome": { "name": "ill", "minimum": 0, "maximum": 9 },
            "features": [{ "name": "age", "minimum": -1000, "maximum": 1000 },
                         { "name": "dose", "minimum": -1, "maximum": 1 }],
            "min_party_rows": 1,
        });
        let report = lab(&arguments, &parts).seed(seed).run();
        let found = report.common_result();
        prop_assert_eq!(&found["rows"], rows);
        for (place, expected) in oracle::fit(model, &parts).into_iter().enumerate() {
            let coefficient = &found["coefficients"][place]["coefficient"];
            // Of a coefficient that is almost zero as much is known as of others.
            let error = found["coefficients"][place]["standard_error"].as_f64().unwrap();
            let difference = (coefficient.as_f64().unwrap() - expected).abs();
            prop_assert!(difference < 1e-9 * error, "{} {} {}", place, coefficient, expected);
        }
        close(&found["parties"], parties as f64, 0.0, "parties");
    }
}
