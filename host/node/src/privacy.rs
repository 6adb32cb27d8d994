//! What tasks reveal of single records, as differential privacy counts it. An algorithm that promises it
//! is told in its arguments how much; a node adds up what it was asked for, dataset by dataset, and
//! refuses what would be more than the operator allows. Whether the algorithm keeps its promise no node can
//! tell.
//!
//! Source: Dwork and Roth, "The Algorithmic Foundations of Differential Privacy", theorem 3.16: the
//! parameters of tasks that read the same records add.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The parameters of approximate differential privacy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spend {
    /// By what power of e the chance of an output may change with one record.
    pub epsilon: f64,
    /// With what probability it may change more.
    pub delta: f64,
}

/// Where the arguments of an algorithm have its parameters: JSON pointers (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pointers {
    /// That of epsilon, such as `/privacy/epsilon`.
    pub epsilon: String,
    /// That of delta.
    pub delta: String,
}

impl Spend {
    /// Nothing.
    pub const NONE: Self = Self { epsilon: 0.0, delta: 0.0 };

    /// Says whether these are parameters: finite and not negative, and delta below one.
    pub fn is_valid(&self) -> bool {
        self.epsilon >= 0.0 && self.epsilon.is_finite() && (0.0..1.0).contains(&self.delta)
    }

    /// Adds another; what cannot be written exactly is rounded up.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let add = |a: f64, b: f64| if a == 0.0 || b == 0.0 { a + b } else { (a + b).next_up() };
        Self { epsilon: add(self.epsilon, other.epsilon), delta: add(self.delta, other.delta) }
    }

    /// Says whether a budget covers it. Its rounding in some thousand sums is forgiven.
    pub fn is_within(&self, budget: &Self) -> bool {
        let is = |spent: f64, most: f64| spent <= most * (1.0 + 1e-9);
        is(self.epsilon, budget.epsilon) && is(self.delta, budget.delta)
    }
}

impl fmt::Display for Spend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As many digits as people want to see; a budget is not computed from these.
        let shown = |number: f64| format!("{number:.6e}").parse().unwrap_or(number);
        let (epsilon, delta): (f64, f64) = (shown(self.epsilon), shown(self.delta));
        match delta == 0.0 || delta >= 1e-3 {
            true => write!(f, "epsilon {epsilon}, delta {delta}"),
            false => write!(f, "epsilon {epsilon}, delta {delta:e}"),
        }
    }
}

impl Pointers {
    /// Reads what a task spends.
    ///
    /// # Errors
    ///
    /// The pointer that leads to no such number.
    pub fn read(&self, arguments: &Value) -> Result<Spend, String> {
        let number = |pointer: &String| {
            arguments.pointer(pointer).and_then(Value::as_f64).ok_or_else(|| pointer.clone())
        };
        let spend = Spend { epsilon: number(&self.epsilon)?, delta: number(&self.delta)? };
        match spend.is_valid() {
            true => Ok(spend),
            false if Spend { delta: 0.0, ..spend }.is_valid() => Err(self.delta.clone()),
            false => Err(self.epsilon.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers() -> Pointers {
        Pointers { epsilon: "/privacy/epsilon".into(), delta: "/privacy/delta".into() }
    }

    #[test]
    fn what_a_task_spends_is_in_its_arguments() {
        let read = |epsilon: Value, delta: Value| {
            pointers().read(&json!({ "privacy": { "epsilon": epsilon, "delta": delta } }))
        };
        assert_eq!(read(json!(1), json!(1e-5)), Ok(Spend { epsilon: 1.0, delta: 1e-5 }));
        for (epsilon, delta, wrong) in [
            (json!(-1), json!(0), "/privacy/epsilon"),
            (json!("1"), json!(0), "/privacy/epsilon"),
            (json!(1), json!(1), "/privacy/delta"),
            (json!(1), json!(-1e-9), "/privacy/delta"),
            (json!(1), Value::Null, "/privacy/delta"),
        ] {
            assert_eq!(read(epsilon, delta), Err(wrong.to_owned()));
        }
        assert_eq!(pointers().read(&json!({})), Err("/privacy/epsilon".to_owned()));
    }

    #[test]
    fn ten_tenths_are_one_whatever_the_rounding() {
        let tenth = Spend { epsilon: 0.1, delta: 1e-6 };
        let all = (0..10).fold(Spend::NONE, |sum, _| sum.plus(tenth));
        let budget = Spend { epsilon: 1.0, delta: 1e-5 };
        assert!(all.is_within(&budget));
        assert!(!all.plus(Spend { epsilon: 1e-6, delta: 0.0 }).is_within(&budget));
        assert!(!all.plus(Spend { epsilon: 0.0, delta: 1e-12 }).is_within(&budget));
        assert_eq!(all.to_string(), "epsilon 1, delta 1e-5");
    }
}
