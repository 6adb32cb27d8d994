//! The rows of a dataset in the lab, and how they become storage keys.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};

use crate::{Column, ColumnType};

/// How many rows one batch has, as in `wit/storage.wit`.
const BATCH_ROWS: usize = 4_096;

/// Why a CSV text is not the table that its columns say.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// The text is not CSV.
    #[error("the text is not CSV")]
    Csv(#[from] csv::Error),
    /// There is no such column.
    #[error("there is no column {column:?}")]
    NoColumn {
        /// The column's name.
        column: String,
    },
    /// A cell is not a value of the column's type.
    #[error("{cell:?} in row {row} is no value of {column:?}")]
    Cell {
        /// The column's name.
        column: String,
        /// The row, from 0, without the header.
        row: usize,
        /// The text found.
        cell: String,
    },
}

/// The rows of a dataset: columns of the same length, each with a name.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Rows {
    /// Begins a table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of whole numbers, which may have nulls.
    pub fn int64<T: Into<Option<i64>>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: Int64Array = values.into_iter().map(Into::into).collect();
        self.add(name, ColumnType::Int64, true, Arc::new(values))
    }

    /// Adds a column of floating-point numbers, which may have nulls.
    pub fn float64<T: Into<Option<f64>>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: Float64Array = values.into_iter().map(Into::into).collect();
        self.add(name, ColumnType::Float64, true, Arc::new(values))
    }

    /// Adds a column of text, which may have nulls.
    pub fn utf8<'a, T: Into<Option<&'a str>>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: StringArray = values.into_iter().map(Into::into).collect();
        self.add(name, ColumnType::Utf8, true, Arc::new(values))
    }

    /// Adds a column of truth values, which may have nulls.
    pub fn boolean<T: Into<Option<bool>>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: BooleanArray = values.into_iter().map(Into::into).collect();
        self.add(name, ColumnType::Boolean, true, Arc::new(values))
    }

    /// Reads these columns of a CSV text with a header. An empty cell of a nullable column is null.
    ///
    /// # Errors
    /// [`RowsError`] where the text is not what the columns say.
    pub fn from_csv(text: &str, columns: &[Column]) -> Result<Self, RowsError> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let records: Vec<_> = reader.records().collect::<Result<_, _>>()?;
        columns.iter().try_fold(Self::new(), |rows, column| {
            let position = header.iter().position(|name| name == column.name);
            let position =
                position.ok_or_else(|| RowsError::NoColumn { column: column.name.clone() })?;
            let cells = records.iter().map(|record| &record[position]);
            let array = parse_column(column, cells)?;
            Ok(rows.add(&column.name, column.column_type, column.nullable, array))
        })
    }

    fn add(mut self, name: &str, column_type: ColumnType, nullable: bool, array: ArrayRef) -> Self {
        let data_type = match column_type {
            ColumnType::Int64 => DataType::Int64,
            ColumnType::Float64 => DataType::Float64,
            ColumnType::Utf8 => DataType::Utf8,
            ColumnType::Boolean => DataType::Boolean,
        };
        self.fields.push(Field::new(name, data_type, nullable));
        self.arrays.push(array);
        self
    }

    /// Encodes the rows as the keys of a dataset, as `wit/storage.wit` has them.
    ///
    /// # Panics
    /// If the columns are of different lengths.
    pub(crate) fn to_keys(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let rows = self.arrays.first().map_or(0, |array| array.len());
        let metadata = HashMap::from([("rows".to_owned(), rows.to_string())]);
        let schema = Arc::new(Schema::new_with_metadata(self.fields.clone(), metadata));
        let mut keys = BTreeMap::from([(format!("data/{name}/schema"), encode(&schema, None))]);
        if rows > 0 {
            let whole = RecordBatch::try_new(Arc::clone(&schema), self.arrays.clone())
                .expect("columns of the same length, without nulls where none are declared");
            for (index, first) in (0..rows).step_by(BATCH_ROWS).enumerate() {
                let batch = whole.slice(first, BATCH_ROWS.min(rows - first));
                let key = format!("data/{name}/batch/{index:08}");
                keys.insert(key, encode(&schema, Some(&batch)));
            }
        }
        keys
    }
}

fn encode(schema: &Schema, batch: Option<&RecordBatch>) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), schema).expect("the types are supported");
    if let Some(batch) = batch {
        writer.write(batch).expect("the batch has the schema");
    }
    writer.into_inner().expect("memory can be written")
}

fn parse_column<'a>(
    column: &Column,
    cells: impl Iterator<Item = &'a str>,
) -> Result<ArrayRef, RowsError> {
    Ok(match column.column_type {
        ColumnType::Int64 => Arc::new(parse::<i64, Int64Array>(column, cells)?),
        ColumnType::Float64 => Arc::new(parse::<f64, Float64Array>(column, cells)?),
        ColumnType::Utf8 => Arc::new(parse::<String, StringArray>(column, cells)?),
        ColumnType::Boolean => Arc::new(parse::<bool, BooleanArray>(column, cells)?),
    })
}

fn parse<'a, T: std::str::FromStr, A: FromIterator<Option<T>>>(
    column: &Column,
    cells: impl Iterator<Item = &'a str>,
) -> Result<A, RowsError> {
    let values = cells.enumerate().map(|(row, cell)| {
        if cell.is_empty() && column.nullable {
            return Ok(None);
        }
        cell.parse().map(Some).map_err(|_| RowsError::Cell {
            column: column.name.clone(),
            row,
            cell: cell.to_owned(),
        })
    });
    values.collect()
}
