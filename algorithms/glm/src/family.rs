//! What a row adds to the loss of a model and to its derivatives.

use anchorhold_sdk::newton::Column;

use crate::Kind;

/// Where a linear predictor is cut below, and of a logistic model above: e to its power is almost what a
/// double cannot represent. No predictor of a model that fits is there.
const FARTHEST: f64 = 700.0;

/// A model, and how large the numbers are that occur in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    pub kind: Kind,
    /// What a linear model's outcome is divided by, and what is subtracted before.
    pub factor: f64,
    pub shift: f64,
    /// Where a linear predictor is cut, below and above.
    lowest: f64,
    highest: f64,
    /// The largest part of a row.
    largest: f64,
}

/// What a row adds, as a function of its linear predictor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    pub loss: f64,
    /// By the predictor.
    pub first: f64,
    /// By the predictor, twice.
    pub second: f64,
}

impl Family {
    /// Describes a model of so many rows at the most.
    ///
    /// Where a model fits, no predictor is cut: squared predictors of a linear one add to no more than
    /// squared outcomes, predicted counts of a Poisson one to the counts.
    pub fn new(kind: Kind, outcome: &Column, rows: f64) -> Self {
        let (factor, shift) = match kind {
            Kind::Linear => (outcome.half_width(), outcome.middle()),
            Kind::Logistic | Kind::Poisson => (1.0, 0.0),
        };
        let most = outcome.maximum.max(1.0);
        let (lowest, highest, largest) = match kind {
            Kind::Linear => {
                let farthest = rows.sqrt() + 1.0;
                (-farthest, farthest, (farthest + 1.0) * (farthest + 1.0))
            }
            Kind::Logistic => (-FARTHEST, FARTHEST, FARTHEST + 1.0),
            Kind::Poisson => {
                let highest = libm::log(rows * most);
                // y ln(y / mu) is at most this where mu is cut below, and mu at most that above.
                (-FARTHEST, highest, most * (libm::log(most) + FARTHEST + 1.0) + 2.0 * rows * most)
            }
        };
        Self { kind, factor, shift, lowest, highest, largest }
    }

    /// Returns what no number of a row's part is above, in its absolute value.
    pub fn largest_part(&self) -> f64 {
        self.largest
    }

    /// Brings an outcome to what is computed with; none where the model has no such outcome.
    pub fn outcome(&self, value: f64) -> Option<f64> {
        match self.kind {
            Kind::Linear => Some(((value - self.shift) / self.factor).clamp(-1.0, 1.0)),
            Kind::Logistic => (value == 0.0 || value == 1.0).then_some(value),
            Kind::Poisson => (value >= 0.0 && value.fract() == 0.0).then_some(value),
        }
    }

    /// Computes what a row adds: half of its deviance, and the derivatives.
    pub fn part(&self, outcome: f64, predictor: f64) -> Part {
        let at = predictor.clamp(self.lowest, self.highest);
        match self.kind {
            Kind::Linear => {
                let error = at - outcome;
                Part { loss: error * error / 2.0, first: error, second: 1.0 }
            }
            Kind::Logistic => {
                let small = libm::exp(-at.abs());
                let of_less = small / (1.0 + small);
                let (one, zero) =
                    if at > 0.0 { (1.0 - of_less, of_less) } else { (of_less, 1.0 - of_less) };
                // The distance to the outcome without cancellation.
                let first = if outcome == 1.0 { -zero } else { one };
                let towards = if outcome == 1.0 { -at } else { at };
                let loss = towards.max(0.0) + libm::log1p(small);
                Part { loss, first, second: one * zero }
            }
            Kind::Poisson => {
                let mean = libm::exp(at);
                let ratio = if outcome > 0.0 { outcome * (libm::log(outcome) - at) } else { 0.0 };
                Part { loss: ratio - outcome + mean, first: mean - outcome, second: mean }
            }
        }
    }

    /// Computes a row's logarithm of the likelihood where the model fits it exactly.
    pub fn saturated(&self, outcome: f64) -> f64 {
        match self.kind {
            Kind::Poisson if outcome > 0.0 => {
                outcome * libm::log(outcome) - outcome - libm::lgamma(outcome + 1.0)
            }
            _ => 0.0,
        }
    }

    /// Returns the predictor of a mean outcome; none where all outcomes are at an end.
    pub fn link(&self, mean: f64) -> Option<f64> {
        match self.kind {
            Kind::Linear => Some(mean),
            Kind::Logistic => (mean > 0.0 && mean < 1.0).then(|| libm::log(mean / (1.0 - mean))),
            Kind::Poisson => (mean > 0.0).then(|| libm::log(mean)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(kind: Kind, maximum: f64) -> Family {
        let outcome = Column { name: "y".to_owned(), minimum: 0.0, maximum };
        Family::new(kind, &outcome, 1_000.0)
    }

    #[test]
    fn derivatives_are_those_of_the_loss() {
        for (kind, maximum) in [(Kind::Linear, 1.0), (Kind::Logistic, 1.0), (Kind::Poisson, 9.0)] {
            let family = family(kind, maximum);
            for outcome in [0.0, 1.0] {
                for at in [-30.0, -2.0, -0.1, 0.0, 0.7, 3.0, 6.0] {
                    let step = 1e-5;
                    let [below, here, above] =
                        [at - step, at, at + step].map(|at| family.part(outcome, at));
                    let close = |a: f64, b: f64| (a - b).abs() < 1e-7 * (1.0 + b.abs());
                    let what = format!("{kind:?} {outcome} {at}");
                    assert!(close((above.loss - below.loss) / (2.0 * step), here.first), "{what}");
                    assert!(
                        close((above.first - below.first) / (2.0 * step), here.second),
                        "{what}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_part_is_above_what_is_declared() {
        for (kind, maximum) in
            [(Kind::Linear, 1.0), (Kind::Logistic, 1.0), (Kind::Poisson, 1.0), (Kind::Poisson, 1e6)]
        {
            let family = family(kind, maximum);
            for outcome in [0.0, 1.0, maximum] {
                for at in [f64::NEG_INFINITY, -1e300, -700.0, 0.0, 20.0, 1e300, f64::INFINITY] {
                    let Part { loss, first, second } = family.part(outcome, at);
                    for number in [loss, first, second, family.saturated(outcome)] {
                        assert!(number.abs() <= family.largest_part(), "{kind:?} {outcome} {at}");
                    }
                }
            }
        }
    }
}
