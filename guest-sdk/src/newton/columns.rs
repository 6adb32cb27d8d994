//! Columns within declared bounds, as numbers from -1 to 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::mpc::pairwise::MIN_PARTIES;
use crate::{Error, Number, Result, Table, TableError, Task, check_range};

/// The most that [`Limits::max_rows`] may be.
pub const MAX_ROWS: u64 = 1_048_576;
/// The most that [`Limits::max_steps`] may be.
pub const MAX_STEPS: u32 = 100;

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

/// Between what the numbers of a fit must be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most features.
    pub features: usize,
    /// The most rows of a party.
    pub max_rows: u64,
    /// The fewest rows that a party may use.
    pub min_party_rows: u64,
    /// After how many steps it is given up.
    pub max_steps: u32,
}

impl Limits {
    /// Checks what a fit is of: its features, and the columns beside them.
    ///
    /// # Errors
    /// [`Error::Said`] if there are fewer parties than sums take; too few features or too many; a column
    /// twice, or with bounds that are none; or if the limits themselves are not possible.
    pub fn check(&self, task: &Task, features: &[Column], others: &[&Column]) -> Result<()> {
        let parties = task.parties().len();
        if parties < MIN_PARTIES {
            return Err(Error::new(format!(
                "a model takes at least {MIN_PARTIES} parties, not {parties}: a party that subtracts its own \
                 sums from those of two learns the other's"
            )));
        }
        if features.is_empty() || features.len() > self.features {
            let (most, count) = (self.features, features.len());
            return Err(Error::new(format!("there must be 1 to {most} features, not {count}")));
        }
        let columns: Vec<_> = features.iter().chain(others.iter().copied()).collect();
        for (place, column) in columns.iter().enumerate() {
            column.check()?;
            if columns[..place].iter().any(|before| before.name == column.name) {
                return Err(Error::new(format!("the column {:?} is named twice", column.name)));
            }
        }
        check_range("max_rows", self.max_rows, 1..=MAX_ROWS)?;
        check_range("max_steps", self.max_steps, 2..=MAX_STEPS)
    }

    /// Returns the most rows of a party where no argument says it.
    pub fn default_max_rows() -> u64 {
        100_000
    }

    /// Returns the fewest rows that a party may use where no argument says it.
    pub fn default_min_party_rows() -> u64 {
        5
    }

    /// Returns after how many steps it is given up where no argument says it.
    pub fn default_max_steps() -> u32 {
        25
    }
}

/// Reads whole columns: of each row that is used its values, as they are.
///
/// # Errors
/// [`Error::Said`] with the column, if a value is outside of its bounds or no number, or with the dataset, if
/// there are too few rows to use; [`TableError::TooManyRows`]; [`TableError::Null`] if a row lacks a value and
/// such rows are not left out; as [`Table::int64`].
pub fn read_columns(
    task: &Task,
    table: &Table,
    columns: &[&Column],
    nulls: Nulls,
    limits: &Limits,
) -> Result<Vec<Vec<f64>>> {
    let (dataset, fewest) = (table.name(), limits.min_party_rows);
    table.check_rows(limits.max_rows)?;
    let columns = columns.iter().map(|column| read(table, column, Outside::Refused));
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
    if (rows.len() as u64) < fewest {
        return Err(Error::new(format!(
            "the dataset {dataset:?} has fewer rows to use than \"min_party_rows\" asks for, {fewest}"
        )));
    }
    task.info(&format!("{} of {} rows are used", rows.len(), table.rows()));
    Ok(rows)
}

/// Reads whole columns: of each row that fits its values, as they are. A row that lacks a value, or has one
/// that is outside of its bounds or no number, is left out: no row is told of.
///
/// # Errors
/// As [`Table::int64`].
pub fn read_rows_that_fit(
    task: &Task,
    table: &Table,
    columns: &[&Column],
) -> Result<Vec<Vec<f64>>> {
    let columns = columns.iter().map(|column| read(table, column, Outside::LeftOut));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let count = columns.first().map_or(0, |(_, values)| values.len());
    let row = |row: usize| columns.iter().map(|(_, values)| values[row]).collect();
    let rows: Vec<Vec<f64>> = (0..count).filter_map(row).collect();
    task.info(&format!("{} of {} rows are used", rows.len(), table.rows()));
    Ok(rows)
}

/// What becomes of a value outside of its bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outside {
    Refused,
    /// It is as if it were not there.
    LeftOut,
}

fn read<'a>(
    table: &Table,
    column: &'a Column,
    outside: Outside,
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
            let fits = |value: &f64| (*minimum..=*maximum).contains(value);
            if outside == Outside::Refused && !value.as_ref().is_none_or(fits) {
                let problem =
                    format!("a value is outside the declared bounds {minimum} to {maximum}");
                return Err(table.wrong(name, &problem));
            }
            values.push(value.filter(fits));
        }
    }
    Ok((name, values))
}
