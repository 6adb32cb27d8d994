//! Columns within declared bounds, as numbers from -1 to 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, Number, Result, Table, TableError};

/// The largest absolute value of a bound, and one by the smallest width.
const LARGEST_BOUND: f64 = 1e12;

/// A column, and between what its values are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: whole or floating-point numbers.
    pub name: String,
    /// The smallest value that it may have.
    pub minimum: f64,
    /// The largest value that it may have.
    pub maximum: f64,
}

/// What becomes of rows in which a column that is used has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Nulls {
    /// There must be none.
    #[default]
    Refuse,
    /// They are left out.
    Omit,
}

impl Column {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`Error::Said`] if they are none, or too far from or near to each other.
    pub fn check(&self) -> Result<()> {
        let Self { name, minimum, maximum } = self;
        let is_small = |bound: &f64| bound.abs() <= LARGEST_BOUND;
        // Not so for what is no number.
        if is_small(minimum) && is_small(maximum) && maximum - minimum >= 1.0 / LARGEST_BOUND {
            return Ok(());
        }
        Err(Error::new(format!(
            "the column {name:?} must have bounds of which the maximum is above the minimum, not \
             {minimum} and {maximum}"
        )))
    }

    /// Returns what becomes 0.
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.minimum, self.maximum)
    }

    /// Returns the distance from the middle of what becomes 1.
    pub fn half_width(&self) -> f64 {
        (self.maximum - self.minimum) / 2.0
    }

    /// Brings a value within the bounds to -1 to 1.
    pub fn scaled(&self, value: f64) -> f64 {
        ((value - self.middle()) / self.half_width()).clamp(-1.0, 1.0)
    }
}

/// Reads whole columns: of each row that is used its values, as they are.
///
/// # Errors
/// [`Error::Said`] with the column, if a value is outside of its bounds or no number, or there are more than
/// `most` rows; [`TableError::Null`] if a row lacks a value and such rows are not left out; as
/// [`Table::int64`].
pub fn read_columns(
    table: &Table,
    dataset: &str,
    columns: &[&Column],
    nulls: Nulls,
    most: u64,
) -> Result<Vec<Vec<f64>>> {
    if table.rows() > most {
        return Err(Error::new(format!(
            "the dataset {dataset:?} has more rows than \"max_rows\" allows, {most}"
        )));
    }
    let columns = columns.iter().map(|column| read(table, dataset, column));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let mut rows = Vec::new();
    let count = columns.first().map_or(0, |(_, values)| values.len());
    for row in 0..count {
        let values: Option<Vec<f64>> = columns.iter().map(|(_, values)| values[row]).collect();
        match (values, nulls) {
            (Some(values), _) => rows.push(values),
            (None, Nulls::Omit) => {}
            (None, Nulls::Refuse) => {
                let lacking = columns.iter().find(|(_, values)| values[row].is_none());
                return Err(Error::from(TableError::Null {
                    dataset: dataset.to_owned(),
                    column: lacking.map(|(name, _)| (*name).clone()).unwrap_or_default(),
                    row: row as u64,
                }));
            }
        }
    }
    Ok(rows)
}

fn read<'a>(
    table: &Table,
    dataset: &str,
    column: &'a Column,
) -> Result<(&'a String, Vec<Option<f64>>)> {
    let Column { name, minimum, maximum } = column;
    // Also where there are no rows.
    table.column(name)?;
    let mut values = Vec::new();
    for batch in table.batches() {
        for number in batch?.numbers(name)?.iter() {
            let value = number.map(|number| match number {
                Number::Whole(number) => number as f64,
                Number::Real(number) => number,
            });
            // Nor is what is no number.
            if value.is_some_and(|value| !(*minimum..=*maximum).contains(&value)) {
                return Err(Error::new(format!(
                    "the column {name:?} of the dataset {dataset:?}: a value is outside the declared \
                     bounds {minimum} to {maximum}"
                )));
            }
            values.push(value);
        }
    }
    Ok((name, values))
}
