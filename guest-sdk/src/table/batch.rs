//! Some rows of a table.

use arrow_array::{BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};

use super::{ColumnArray, Numbers, Table, TableError, Values};
use crate::ColumnType;

/// Some rows of a [`Table`].
#[derive(Debug)]
pub struct Batch {
    pub(super) table: Table,
    pub(super) rows: RecordBatch,
    pub(super) first_row: u64,
}

impl Batch {
    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows.num_rows()
    }

    /// Returns the rows as Arrow holds them.
    pub fn as_arrow(&self) -> &RecordBatch {
        &self.rows
    }

    /// Returns a column of whole numbers.
    ///
    /// # Errors
    /// [`TableError::NoColumn`], [`TableError::WrongType`].
    pub fn int64(&self, column: &str) -> Result<Values<Int64Array>, TableError> {
        self.values(column)
    }

    /// Returns a column of floating-point numbers.
    ///
    /// # Errors
    /// As [`Batch::int64`].
    pub fn float64(&self, column: &str) -> Result<Values<Float64Array>, TableError> {
        self.values(column)
    }

    /// Returns a column of text.
    ///
    /// # Errors
    /// As [`Batch::int64`].
    pub fn utf8(&self, column: &str) -> Result<Values<StringArray>, TableError> {
        self.values(column)
    }

    /// Returns a column of truth values.
    ///
    /// # Errors
    /// As [`Batch::int64`].
    pub fn boolean(&self, column: &str) -> Result<Values<BooleanArray>, TableError> {
        self.values(column)
    }

    /// Returns a column of numbers, whole or floating-point.
    ///
    /// # Errors
    /// [`TableError::NoColumn`], [`TableError::NotNumbers`].
    pub fn numbers(&self, column: &str) -> Result<Numbers, TableError> {
        match self.table.column(column)?.column_type {
            ColumnType::Float64 => self.float64(column).map(Numbers::Real),
            ColumnType::Int64 => self.int64(column).map(Numbers::Whole),
            actual => {
                let (dataset, column) = (self.table.dataset.to_string(), column.to_owned());
                Err(TableError::NotNumbers { dataset, column, actual })
            }
        }
    }

    pub(super) fn values<A: ColumnArray>(&self, column: &str) -> Result<Values<A>, TableError> {
        let dataset = &self.table.dataset;
        let mut values = Values::none(dataset, self.table.column(column)?)?;
        let array = self.rows.column_by_name(column);
        let array = array.and_then(|array| array.as_any().downcast_ref::<A>());
        values.begin(self.first_row, array.expect("the batch has the table's columns").clone());
        Ok(values)
    }
}
