//! The regression on shares: one program for all parties, in either setting.

use std::ops::Range;

use anchorhold_sdk::Result;
use anchorhold_sdk::mpc::{Arithmetic, Domain as _, Number as _, Numbers, Shared, SharedMatrix};

use crate::input::{Input, Outcome, Standardized, halvings};
use crate::inverse::inverse;
use crate::plan::Plan;
use crate::precision::{Precision, fixed, power_of_two};
use crate::{Kind, logistic, ridge};

/// How many rows are shared and computed with at once, so that what they take on the way fits into the
/// memory of an execution.
const ROWS_AT_ONCE: usize = 1 << 13;

/// A diagonal element of the matrix that is inverted is below 2 to this: 1 and the largest penalty.
const DIAGONAL_BITS: u32 = 4;

/// What all steps know.
pub struct Problem<'a> {
    pub plan: &'a Plan<'a>,
    pub input: &'a Input,
    pub precision: Precision,
    pub rows: usize,
    /// See [`halvings`].
    pub halvings: u32,
}

/// Some rows.
pub struct Batch<A: Arithmetic> {
    /// A row for each row, and a column for each feature.
    pub features: SharedMatrix<A::Scheme>,
    pub outcome: Shared<A::Scheme>,
}

/// Returns, at the receiver, the coefficients and the intercept as [`Plan::model`] takes them.
pub fn fit<A: Numbers>(
    parties: &mut A,
    plan: &Plan,
    input: &Input,
    rows: usize,
) -> Result<Option<Vec<f64>>> {
    let precision = Precision::of::<A::Element>();
    let problem = Problem { plan, input, precision, rows, halvings: halvings(rows) };
    let fitted = match plan.arguments.model {
        Kind::Ridge => ridge::fit(parties, &problem)?,
        Kind::Logistic => logistic::fit(parties, &problem)?,
    };
    let Precision { number, unit, .. } = precision;
    let fitted = parties.truncate_exactly(&fitted, unit)?;
    let opened = parties.open_to(plan.receiver, &fitted)?;
    let scale = power_of_two(-number.cast_signed());
    Ok(opened.map(|opened| opened.iter().map(|one| one.to_integer() as f64 * scale).collect()))
}

impl Problem<'_> {
    /// Returns the part of four to the halvings that the rows are: what a squared column adds to.
    pub fn filled(&self) -> f64 {
        self.rows as f64 * power_of_two(-2 * self.halvings.cast_signed())
    }

    /// Returns the penalty, to be added to sums over halved columns.
    pub fn penalty(&self) -> f64 {
        self.plan.arguments.penalty * self.filled()
    }

    /// Returns the rows in so many steps.
    pub fn steps(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.rows;
        let starts = (0..rows).step_by(ROWS_AT_ONCE);
        starts.map(move |first| first..rows.min(first + ROWS_AT_ONCE))
    }

    /// Shares some rows: first the features of each holder, and then the outcome.
    pub fn share<A: Numbers>(&self, parties: &mut A, rows: &Range<usize>) -> Result<Batch<A>> {
        let Precision { number, value, .. } = self.precision;
        let features = self.share_of_holders(parties, rows.len(), |column| {
            column.values[rows.clone()].iter().map(|one| fixed(*one, value)).collect()
        })?;
        let outcome = self.input.outcome.as_ref().map(|outcome| -> Vec<A::Element> {
            let (values, bits) = match outcome {
                Outcome::Number(column) => (&column.values, value),
                Outcome::Class(values) => (values, number),
            };
            values[rows.clone()].iter().map(|one| fixed(*one, bits)).collect()
        });
        let outcome = parties.share(self.plan.outcome_holder, outcome.as_deref(), rows.len())?;
        let features = features.into_matrix((self.plan.width, rows.len())).transposed();
        Ok(Batch { features, outcome })
    }

    /// Shares so many numbers of each feature, feature by feature.
    fn share_of_holders<A: Numbers>(
        &self,
        parties: &mut A,
        length: usize,
        of: impl Fn(&Standardized) -> Vec<A::Element>,
    ) -> Result<Shared<A::Scheme>> {
        let own: Vec<_> = self.input.features.iter().flat_map(of).collect();
        let seat = parties.task().seat();
        let holders = self.plan.holders.iter().zip(&self.plan.arguments.features);
        let holders = holders.filter(|(_, columns)| !columns.is_empty());
        let shared = holders.map(|(holder, columns)| {
            let own = (*holder == seat).then_some(&own[..]);
            parties.share(*holder, own, columns.len() * length)
        });
        Ok(Shared::concatenation(&shared.collect::<Result<Vec<_>>>()?))
    }

    /// Inverts the products of the features with one another, divided by 2 to the power of `less`, with
    /// the penalty on their diagonal.
    pub fn inverse<A: Numbers>(
        &self,
        parties: &mut A,
        products: &Shared<A::Scheme>,
        less: u32,
    ) -> Result<SharedMatrix<A::Scheme>> {
        let Precision { number, value, .. } = self.precision;
        let products = parties.truncate(products, 2 * value + less - number)?;
        let matrix = products.plus(&self.diagonal(parties, number));
        let width = self.plan.width;
        inverse(parties, &matrix.into_matrix((width, width)), number, number + DIAGONAL_BITS)
    }

    /// Returns a matrix of nothing but the penalty on its diagonal.
    pub fn diagonal<A: Numbers>(&self, parties: &A, bits: u32) -> Shared<A::Scheme> {
        let width = self.plan.width;
        let penalty = fixed(self.penalty(), bits);
        let place =
            |place: usize| if place.is_multiple_of(width + 1) { penalty } else { A::Element::ZERO };
        parties.public(&(0..width * width).map(place).collect::<Vec<_>>())
    }

    /// Brings coefficients of standardized features back to their units, and returns the intercept behind
    /// them, with the fractional bits of both numbers and units. From the intercept is taken what the
    /// features' means add to a prediction.
    pub fn in_units<A: Numbers>(
        &self,
        parties: &mut A,
        coefficients: &Shared<A::Scheme>,
        intercept: &Shared<A::Scheme>,
    ) -> Result<Shared<A::Scheme>> {
        let unit = self.precision.unit;
        let units = self.share_of_holders(parties, 2, |column| {
            let Standardized { mean, deviation, .. } = column;
            vec![fixed(1.0 / deviation, unit), fixed(mean / deviation, unit)]
        })?;
        let products = parties.multiply(&units, &coefficients.each_repeated(2))?;
        let every_second =
            |first: usize| (first..2 * self.plan.width).step_by(2).collect::<Vec<_>>();
        let means = products.at(&every_second(1)).sum();
        Ok(products.at(&every_second(0)).concatenated(&intercept.minus(&means)))
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
