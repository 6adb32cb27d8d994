//! The datasets granted to a task, as tables of typed columns.
//!
//! A dataset lies in storage under `data/` as Arrow IPC (`wit/storage.wit`), in batches of some
//! thousand rows, so that a table larger than the memory of an execution can be read.

mod batch;
mod ipc;
mod values;

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, StringArray};
use arrow_schema::{DataType, SchemaRef};

pub use batch::Batch;
pub use values::{ColumnArray, Number, Numbers, Values};

use crate::windows::Windows;
use crate::{Column, ColumnType, Decimal, Error, Task};

/// Why a dataset is not as the algorithm needs it. No message names a value of the data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The dataset was not granted to this task.
    #[error("the dataset {dataset:?} was not granted, but {granted:?}")]
    NotGranted {
        /// The dataset's name.
        dataset: String,
        /// The names of those that were.
        granted: Vec<String>,
    },
    /// The dataset is no table.
    #[error("the dataset {dataset:?} is a file and no table")]
    NotATable {
        /// The dataset's name.
        dataset: String,
    },
    /// The dataset has no such column, or it was not granted.
    #[error("the dataset {dataset:?} has no column {column:?}, but {columns:?}")]
    NoColumn {
        /// The dataset's name.
        dataset: String,
        /// The column's name.
        column: String,
        /// The names of those that it has.
        columns: Vec<String>,
    },
    /// The dataset has more rows than the argument `max_rows` says.
    #[error("the dataset {dataset:?} has more rows than \"max_rows\" allows, {max_rows}")]
    TooManyRows {
        /// The dataset's name.
        dataset: String,
        /// The most that it may have.
        max_rows: u64,
    },
    /// The column is not of numbers.
    #[error(
        "the column {column:?} of the dataset {dataset:?} is not of numbers: it is of type {actual}, as a \
         column is in which not all values are numbers; the type can be declared"
    )]
    NotNumbers {
        /// The dataset's name.
        dataset: String,
        /// The column's name.
        column: String,
        /// What it is.
        actual: ColumnType,
    },
    /// The column has another type.
    #[error("the column {column:?} of the dataset {dataset:?} is of type {actual}, not {expected}")]
    WrongType {
        /// The dataset's name.
        dataset: String,
        /// The column's name.
        column: String,
        /// What was asked for.
        expected: ColumnType,
        /// What it is.
        actual: ColumnType,
    },
    /// The column has a null where none is allowed.
    #[error("the column {column:?} of the dataset {dataset:?} has a null in row {row}")]
    Null {
        /// The dataset's name.
        dataset: String,
        /// The column's name.
        column: String,
        /// The row, from 0.
        row: u64,
    },
    /// What the host put under a key is not what the contract says.
    #[error("the host's {key:?} is malformed: {reason}")]
    Malformed {
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl TableError {
    pub(crate) fn malformed(key: &str, reason: impl fmt::Display) -> Self {
        Self::Malformed { key: key.to_owned(), reason: reason.to_string() }
    }
}

impl Task {
    /// Opens a dataset. Its rows are read later, batch by batch.
    ///
    /// # Errors
    /// [`TableError::NotGranted`], [`TableError::NotATable`], [`TableError::Malformed`].
    pub fn table(&self, dataset: &str) -> Result<Table, TableError> {
        self.granted(dataset)?;
        if self.is_file(dataset) {
            return Err(TableError::NotATable { dataset: dataset.to_owned() });
        }
        let key = format!("data/{dataset}/schema");
        let schema = read(self.windows.as_ref(), &key)?.schema;
        let rows = schema.metadata().get("rows");
        let rows = rows
            .and_then(|rows| rows.parse().ok())
            .ok_or_else(|| TableError::malformed(&key, "it has no number of rows"))?;
        let columns = schema.fields().iter().map(|field| {
            let column_type = column_type(field.data_type())
                .ok_or_else(|| TableError::malformed(&key, format!("it has the {field:?}")))?;
            Ok(Column { name: field.name().clone(), column_type, nullable: field.is_nullable() })
        });
        Ok(Table {
            columns: columns.collect::<Result<_, TableError>>()?,
            dataset: dataset.into(),
            windows: Rc::clone(&self.windows),
            schema,
            rows,
        })
    }

    pub(crate) fn granted(&self, dataset: &str) -> Result<(), TableError> {
        if self.datasets.iter().any(|name| name == dataset) {
            return Ok(());
        }
        let granted = self.datasets.clone();
        Err(TableError::NotGranted { dataset: dataset.to_owned(), granted })
    }
}

/// A dataset.
///
/// [`Table::batches`] reads it piece by piece. [`Table::int64`] and the like read one whole column.
#[derive(Clone)]
pub struct Table {
    dataset: Rc<str>,
    windows: Rc<dyn Windows>,
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: u64,
}

impl Table {
    /// Returns the dataset's name.
    pub fn name(&self) -> &str {
        &self.dataset
    }

    /// Returns the columns granted.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Checks that there are no more rows than the argument `max_rows` says.
    ///
    /// # Errors
    /// [`TableError::TooManyRows`].
    pub fn check_rows(&self, max_rows: u64) -> Result<(), TableError> {
        match self.rows <= max_rows {
            true => Ok(()),
            false => Err(TableError::TooManyRows { dataset: self.name().to_owned(), max_rows }),
        }
    }

    /// Returns one column.
    ///
    /// # Errors
    /// [`TableError::NoColumn`].
    pub fn column(&self, name: &str) -> Result<&Column, TableError> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| no_column(&self.dataset, name, self.columns.iter().map(|c| &c.name)))
    }

    /// Reads the rows in order, batch by batch.
    pub fn batches(&self) -> Batches {
        Batches { table: self.clone(), next: 0, read: 0 }
    }

    /// Reads a whole column of whole numbers.
    ///
    /// # Errors
    /// [`TableError::NoColumn`], [`TableError::WrongType`], [`TableError::Malformed`].
    pub fn int64(&self, column: &str) -> Result<Values<Int64Array>, TableError> {
        self.values(column)
    }

    /// Reads a whole column of floating-point numbers.
    ///
    /// # Errors
    /// As [`Table::int64`].
    pub fn float64(&self, column: &str) -> Result<Values<Float64Array>, TableError> {
        self.values(column)
    }

    /// Reads a whole column of text.
    ///
    /// # Errors
    /// As [`Table::int64`].
    pub fn utf8(&self, column: &str) -> Result<Values<StringArray>, TableError> {
        self.values(column)
    }

    /// Reads a whole column of truth values.
    ///
    /// # Errors
    /// As [`Table::int64`].
    pub fn boolean(&self, column: &str) -> Result<Values<BooleanArray>, TableError> {
        self.values(column)
    }

    /// Reads a whole column of numbers as the integers that protocols compute with; nulls stay.
    ///
    /// # Errors
    /// [`Error::Said`] with the column, if a number is outside the declared bounds; as
    /// [`Table::int64`].
    pub fn encoded(&self, column: &str, decimal: &Decimal) -> crate::Result<Vec<Option<i64>>> {
        // Also where there are no rows.
        self.column(column)?;
        let mut encoded = Vec::new();
        for batch in self.batches() {
            for number in batch?.numbers(column)?.iter() {
                let number = number.map(|number| decimal.encode(number)).transpose();
                encoded.push(number.map_err(|error| self.wrong(column, &error))?);
            }
        }
        Ok(encoded)
    }

    /// Reads the one number of a dataset that has one row, as [`Table::encoded`].
    ///
    /// # Errors
    /// [`Error::Said`] if there are other rows, or it is null; as [`Table::encoded`].
    pub fn only(&self, column: &str, decimal: &Decimal) -> crate::Result<i64> {
        self.column(column)?;
        if self.rows != 1 {
            return Err(self.wrong(column, &"it must have exactly one row"));
        }
        let encoded = self.encoded(column, decimal)?;
        let value = encoded.into_iter().flatten().next();
        value.ok_or_else(|| self.wrong(column, &"its value is null"))
    }

    /// Says what is wrong with a column. The problem should name no value of the data.
    pub fn wrong(&self, column: &str, problem: &dyn fmt::Display) -> Error {
        let dataset = &self.dataset;
        Error::new(format!("the column {column:?} of the dataset {dataset:?}: {problem}"))
    }

    fn values<A: ColumnArray>(&self, column: &str) -> Result<Values<A>, TableError> {
        let mut whole = Values::none(&self.dataset, self.column(column)?)?;
        for batch in self.batches() {
            whole.append(batch?.values(column)?);
        }
        Ok(whole)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("dataset", &self.dataset)
            .field("columns", &self.columns)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// The rows of a [`Table`] in order, batch by batch.
#[derive(Debug)]
pub struct Batches {
    table: Table,
    next: u64,
    read: u64,
}

impl Batches {
    fn read_next(&mut self) -> Result<Option<Batch>, TableError> {
        let Table { dataset, windows, schema, rows, .. } = &self.table;
        if self.read == *rows {
            return Ok(None);
        }
        let key = format!("data/{dataset}/batch/{:08}", self.next);
        let malformed = |reason: &str| TableError::malformed(&key, reason);
        let batch = read(windows.as_ref(), &key)?.batch;
        let batch = batch.ok_or_else(|| malformed("it has no rows"))?;
        if batch.schema_ref().fields() != schema.fields() {
            return Err(malformed("its columns are not those of the schema"));
        }
        let first_row = self.read;
        self.next += 1;
        self.read += as_count(batch.num_rows());
        if batch.num_rows() == 0 || self.read > *rows {
            return Err(malformed("its number of rows is not that of the schema"));
        }
        Ok(Some(Batch { table: self.table.clone(), rows: batch, first_row }))
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.read_next();
        if batch.is_err() {
            self.read = self.table.rows; // nothing follows an error
        }
        batch.transpose()
    }
}

fn read(windows: &dyn Windows, key: &str) -> Result<ipc::Stream, TableError> {
    let bytes = windows.get(key).ok_or_else(|| TableError::malformed(key, "it is not there"))?;
    ipc::read(&bytes).map_err(|error| TableError::malformed(key, error))
}

fn column_type(data_type: &DataType) -> Option<ColumnType> {
    match data_type {
        DataType::Int64 => Some(ColumnType::Int64),
        DataType::Float64 => Some(ColumnType::Float64),
        DataType::Utf8 => Some(ColumnType::Utf8),
        DataType::Boolean => Some(ColumnType::Boolean),
        _ => None,
    }
}

fn no_column<'a>(
    dataset: &str,
    column: &str,
    columns: impl Iterator<Item = &'a String>,
) -> TableError {
    let columns: BTreeSet<_> = columns.cloned().collect();
    TableError::NoColumn {
        dataset: dataset.to_owned(),
        column: column.to_owned(),
        columns: columns.into_iter().collect(),
    }
}

fn as_count(length: usize) -> u64 {
    u64::try_from(length).expect("a usize fits u64")
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
