//! The algorithm in the lab, against a plaintext oracle, on real data and on random ones.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod corrupt;
mod cost;
mod left;
mod oracle;
mod parties;
mod random;
mod real;
mod refused;

use anchorhold_sdk::lab::{Lab, Report, Rows};
use oracle::Fitted;
use serde_json::{Value, json};

/// Who is there beside the holders, at the last seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Third {
    Provider,
    Helper,
    Nobody,
}

/// Each kind of computation: so many holders, and who else.
const SETTINGS: [(usize, Third); 6] = [
    (2, Third::Provider),
    (2, Third::Helper),
    (3, Third::Nobody),
    (3, Third::Provider),
    (5, Third::Nobody),
    (5, Third::Provider),
];

impl Third {
    fn join(self, lab: &mut Lab, holders: usize) {
        let role = match self {
            Self::Provider => "provider",
            Self::Helper => "helper",
            Self::Nobody => return,
        };
        lab.party(&format!("party-{holders}"), role);
    }
}

/// Rows, whose first column is the outcome, and what to fit.
#[derive(Debug, Clone)]
struct Study {
    model: &'static str,
    penalty: f64,
    iterations: usize,
    outcome: Vec<f64>,
    features: Vec<Vec<f64>>,
    /// The bounds of the outcome and of each feature: a little wider than its values are.
    bounds: Vec<[f64; 2]>,
    /// How many features each holder has, the first of whom has the outcome.
    of_holders: Vec<usize>,
}

impl Study {
    /// Deals features to so many holders in turn.
    fn new(model: &'static str, penalty: f64, outcome: Vec<f64>, features: Vec<Vec<f64>>) -> Self {
        let bounds = |values: &Vec<f64>| {
            let fold = |of: fn(f64, f64) -> f64| values.iter().copied().reduce(of).unwrap();
            let (minimum, maximum) = (fold(f64::min), fold(f64::max));
            let more = (maximum - minimum) / 100.0;
            [minimum - more, maximum + more]
        };
        let bounds = [&outcome].into_iter().chain(&features).map(bounds).collect();
        Self { model, penalty, iterations: 60, outcome, features, bounds, of_holders: Vec::new() }
    }

    fn among(mut self, holders: usize) -> Self {
        let features = self.features.len();
        let of_holder = |holder| (features + holder) / holders;
        self.of_holders = (0..holders).map(of_holder).collect();
        self
    }

    /// How far off the README says that a coefficient of standardized columns may be, when there were
    /// enough iterations.
    fn tolerance(&self, third: Third) -> f64 {
        let of_setting = match third {
            Third::Provider => 2e-8 + 1e-9 / self.penalty,
            Third::Helper | Third::Nobody => 1e-9,
        };
        match self.model {
            "ridge" => of_setting,
            _ => {
                let width = self.features.len() as f64;
                of_setting + 2.5e-7 * (width.sqrt() / self.penalty + 1.0 / oracle::variance(self))
            }
        }
    }

    fn arguments(&self) -> Value {
        let column = |place: usize| {
            let [minimum, maximum] = self.bounds[place + 1];
            json!({ "name": format!("x{place}"), "minimum": minimum, "maximum": maximum })
        };
        let mut first = 0;
        let features = self.of_holders.iter().map(|count| {
            first += count;
            (first - count..first).map(column).collect::<Vec<_>>()
        });
        let [minimum, maximum] = self.bounds[0];
        json!({
            "model": self.model,
            "outcome": { "holder": "party-0", "name": "y", "minimum": minimum, "maximum": maximum },
            "features": features.collect::<Vec<_>>(),
            "penalty": self.penalty,
            "iterations": self.iterations,
        })
    }

    fn lab(&self, third: Third) -> Lab {
        let holders = self.of_holders.len();
        let mut lab = Lab::new(secure_regression::algorithm());
        lab.parties(holders);
        third.join(&mut lab, holders);
        lab.arguments(self.arguments());
        let mut first = 0;
        for (seat, count) in self.of_holders.iter().enumerate() {
            let mut rows = Rows::new();
            if seat == 0 {
                rows = rows.float64("y", self.outcome.clone());
            }
            for place in first..first + count {
                rows = rows.float64(&format!("x{place}"), self.features[place].clone());
            }
            first += count;
            lab.dataset(seat, "records", &rows);
        }
        lab
    }

    /// Checks that the receiver has the model, within this error of standardized coefficients, and
    /// that nobody else has it. Returns the error.
    fn fitted(&self, report: &Report, receiver: usize, tolerance: f64) -> f64 {
        let rows = json!({ "rows": self.outcome.len() });
        for seat in (0..report.outcomes().len()).filter(|seat| *seat != receiver) {
            assert_eq!(report.result(seat), &rows, "seat {seat}");
        }
        let result = report.result(receiver);
        assert_eq!(result["rows"], rows["rows"]);
        let coefficients = result["coefficients"].as_array().unwrap();
        assert_eq!(coefficients.len(), self.features.len());
        let mut place = 0;
        for (holder, count) in self.of_holders.iter().enumerate() {
            for _ in 0..*count {
                let coefficient = &coefficients[place];
                assert_eq!(coefficient["holder"], json!(format!("party-{holder}")));
                assert_eq!(coefficient["column"], json!(format!("x{place}")));
                place += 1;
            }
        }
        let found = Fitted {
            intercept: result["intercept"].as_f64().unwrap(),
            coefficients: coefficients
                .iter()
                .map(|one| one["coefficient"].as_f64().unwrap())
                .collect(),
        };
        let error = oracle::error(self, &found);
        assert!(error <= tolerance, "{error:e} above {tolerance:e}: {found:?}");
        error
    }
}

/// Numbers from -1 to 1 that look random, the same each time.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    move || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

fn columns(seed: u64, rows: usize, width: usize) -> Vec<Vec<f64>> {
    let mut noise = noise(seed);
    (0..width).map(|_| (0..rows).map(|_| noise()).collect()).collect()
}

/// A study whose outcome depends on the first features, with some noise.
fn study(model: &'static str, penalty: f64, features: Vec<Vec<f64>>, noisy: f64) -> Study {
    let mut noise = noise(77);
    let sum = |row: usize| -> f64 {
        features.iter().take(3).zip([2.0, -1.0, 0.5]).map(|(x, by)| x[row] * by).sum()
    };
    let outcome = (0..features[0].len()).map(|row| sum(row) + noisy * noise());
    let outcome: Vec<f64> = match model {
        "ridge" => outcome.collect(),
        _ => outcome.map(|value| f64::from(value > 0.0)).collect(),
    };
    Study::new(model, penalty, outcome, features)
}
