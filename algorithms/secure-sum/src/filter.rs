//! Which rows meet a condition.

use anchorhold_sdk::{Batch, ColumnType, Error, Result, Table};
use serde_json::Number;

use crate::arguments::{Condition, Literal};

/// A condition that makes sense for the column of a table.
pub struct Filter<'a> {
    column: &'a str,
    test: Test<'a>,
}

enum Test<'a> {
    Whole(Range<i64>),
    Real(Range<f64>),
    Text(&'a str),
    Boolean(bool),
}

struct Range<T> {
    minimum: Option<T>,
    maximum: Option<T>,
}

impl<T: PartialOrd + Copy> Range<T> {
    /// Reads the bounds of a range of which an equal value is both.
    fn read(condition: &Condition, read: impl Fn(&Number) -> Option<T>) -> Option<Self> {
        let (minimum, maximum) = match &condition.equals {
            Some(Literal::Number(number)) => (Some(number), Some(number)),
            Some(_) => return None,
            None => (condition.minimum.as_ref(), condition.maximum.as_ref()),
        };
        let read =
            |number: Option<&Number>| number.map(|number| read(number).ok_or(())).transpose();
        Some(Self { minimum: read(minimum).ok()?, maximum: read(maximum).ok()? })
    }

    fn contains(&self, value: T) -> bool {
        self.minimum.is_none_or(|minimum| value >= minimum)
            && self.maximum.is_none_or(|maximum| value <= maximum)
    }
}

impl<'a> Filter<'a> {
    /// Prepares a condition for a table.
    pub fn new(condition: &'a Condition, table: &Table) -> Result<Self> {
        let column = condition.column.as_str();
        let column_type = table.column(column)?.column_type;
        let test = match (column_type, &condition.equals) {
            (ColumnType::Int64, _) => Range::read(condition, Number::as_i64).map(Test::Whole),
            (ColumnType::Float64, _) => Range::read(condition, Number::as_f64).map(Test::Real),
            (ColumnType::Utf8, Some(Literal::Text(text))) => Some(Test::Text(text)),
            (ColumnType::Boolean, Some(Literal::Boolean(value))) => Some(Test::Boolean(*value)),
            _ => None,
        };
        let test = test.ok_or_else(|| {
            let suits = match column_type {
                ColumnType::Int64 => "whole numbers",
                ColumnType::Float64 => "numbers",
                ColumnType::Utf8 => "equals with a text",
                ColumnType::Boolean => "equals with true or false",
            };
            Error::new(format!(
                "the condition on the column {column:?} does not suit its type, {column_type}: it \
                 takes {suits}"
            ))
        })?;
        Ok(Self { column, test })
    }

    /// Unmarks the rows that do not meet the condition.
    pub fn apply(&self, batch: &Batch, marked: &mut [bool]) -> Result<()> {
        match &self.test {
            Test::Whole(range) => {
                let values = batch.int64(self.column)?;
                unmark(marked, values.iter(), |value| range.contains(value));
            }
            Test::Real(range) => {
                let values = batch.float64(self.column)?;
                unmark(marked, values.iter(), |value| range.contains(value));
            }
            Test::Text(text) => {
                let values = batch.utf8(self.column)?;
                unmark(marked, values.iter(), |value| value == *text);
            }
            Test::Boolean(wanted) => {
                let values = batch.boolean(self.column)?;
                unmark(marked, values.iter(), |value| value == *wanted);
            }
        }
        Ok(())
    }
}

fn unmark<T>(
    marked: &mut [bool],
    values: impl Iterator<Item = Option<T>>,
    meets: impl Fn(T) -> bool,
) {
    for (mark, value) in marked.iter_mut().zip(values) {
        *mark &= value.is_some_and(&meets);
    }
}
