//! What one task gets of a dataset: chosen columns, or a file in pieces, under the keys that the contract
//! documents.

use std::io::{BufReader, Seek as _, SeekFrom};
use std::sync::Arc;

use anchorhold_model::ColumnType;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::field::{NotOfType, boolean, float64, int64, present};
use super::pieces::Pieces;
use super::rows::{RowError, Rows};
use super::{Batch, Content, Dataset, DatasetError, OfferedColumn, Table, open_file};

const SCHEMA: &str = "/schema";
const BATCH: &str = "/batch/";
const PIECE: &str = "/file/";

/// The columns of a dataset, or the file, that one task may read.
#[derive(Debug, Clone)]
pub struct Grant {
    dataset: Arc<Dataset>,
    /// Indices into the dataset's columns.
    columns: Vec<usize>,
    schema: SchemaRef,
}

/// What a key leads to.
enum Entry<'a> {
    Schema,
    Batch(&'a Table, &'a Batch),
    /// A piece of a file.
    Piece(&'a Pieces, usize),
}

impl Grant {
    pub(super) fn new(dataset: Arc<Dataset>, columns: Vec<usize>) -> Self {
        let field = |index: &usize| {
            let column = &dataset.columns()[*index].column;
            Field::new(&column.name, data_type(column.column_type), column.nullable)
        };
        let fields: Vec<Field> = columns.iter().map(field).collect();
        let schema = Schema::new(fields).with_metadata([("rows", dataset.rows().to_string())]);
        Self { dataset, columns, schema: Arc::new(schema) }
    }

    /// Returns the dataset that it is a view of.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Returns the columns granted, in the order in which the guest sees them.
    pub fn columns(&self) -> impl Iterator<Item = &OfferedColumn> {
        self.columns.iter().map(|index| &self.dataset.columns()[*index])
    }

    /// Returns all keys of the grant in the order of their bytes.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        let name = &self.dataset.name;
        let (folder, pieces, schema) = match &self.dataset.content {
            Content::Table(table) => (BATCH, table.batches.len(), Some(SCHEMA)),
            Content::File(pieces) => (PIECE, pieces.count(), None),
        };
        (0..pieces)
            .map(move |index| format!("data/{name}{folder}{index:08}"))
            .chain(schema.map(|schema| format!("data/{name}{schema}")))
    }

    /// Says whether a key is one of the grant's.
    pub fn contains(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Reads and encodes the value of a key, or returns none where the key is not the grant's. It
    /// holds one batch in memory and blocks while it reads the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not what it was when the dataset was opened.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, DatasetError> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        let batch = match entry {
            Entry::Schema => None,
            Entry::Batch(table, batch) => Some((self.read(table, batch)?, batch.rows)),
            Entry::Piece(pieces, index) => {
                let piece = pieces.read(&self.dataset.path, index)?;
                return piece.map(Some).ok_or_else(|| self.changed());
            }
        };
        self.encode(batch)
            .map(Some)
            .map_err(|source| DatasetError::Encode { key: key.to_owned(), source })
    }

    fn entry(&self, key: &str) -> Option<Entry<'_>> {
        let rest = key.strip_prefix("data/")?.strip_prefix(&self.dataset.name)?;
        match &self.dataset.content {
            Content::Table(table) if rest == SCHEMA => Some(Entry::Schema),
            Content::Table(table) => {
                let batch = table.batches.get(number(rest.strip_prefix(BATCH)?)?)?;
                Some(Entry::Batch(table, batch))
            }
            Content::File(pieces) => {
                let index = number(rest.strip_prefix(PIECE)?)?;
                (index < pieces.count()).then_some(Entry::Piece(pieces, index))
            }
        }
    }

    fn changed(&self) -> DatasetError {
        let Dataset { name, path, .. } = &*self.dataset;
        DatasetError::Changed { path: path.clone(), dataset: name.clone() }
    }

    /// Reads a batch and makes sure that it is what was found when the dataset was opened.
    fn read(&self, table: &Table, batch: &Batch) -> Result<Vec<ArrayRef>, DatasetError> {
        let (path, Table { nulls, columns, .. }) = (&self.dataset.path, table);
        let changed = || self.changed();
        let failed = |error: RowError| match error {
            RowError::Content { .. } => changed(),
            RowError::Read(_) => error.in_file(path),
        };
        let mut file = open_file(path)?;
        let start = SeekFrom::Start(batch.start.byte);
        file.seek(start).map_err(|source| failed(RowError::Read(source)))?;
        let mut rows = Rows::new(BufReader::new(file), batch.start);
        let mut builders: Vec<_> =
            self.columns().map(|offered| Builder::new(offered.column.column_type)).collect();
        let mut text = 0;
        for _ in 0..batch.rows {
            if !rows.seek_row().map_err(failed)? {
                return Err(changed());
            }
            let row = rows.read().map_err(failed)?;
            text += row.bytes();
            if row.len() != columns.len() || text > batch.text {
                return Err(changed());
            }
            for (builder, index) in builders.iter_mut().zip(&self.columns) {
                builder.push(present(row.field(*index), nulls)).map_err(|_| changed())?;
            }
        }
        if rows.take_digest() != batch.digest {
            return Err(changed());
        }
        Ok(builders.into_iter().map(Builder::finish).collect())
    }

    /// Encodes the schema and, if there is one, a batch as an Arrow IPC stream.
    fn encode(&self, batch: Option<(Vec<ArrayRef>, usize)>) -> Result<Vec<u8>, ArrowError> {
        let mut bytes = Vec::new();
        let mut stream = StreamWriter::try_new(&mut bytes, &self.schema)?;
        if let Some((columns, rows)) = batch {
            // Which it would not know where there is no column.
            let rows = RecordBatchOptions::new().with_row_count(Some(rows));
            let schema = Arc::clone(&self.schema);
            stream.write(&RecordBatch::try_new_with_options(schema, columns, &rows)?)?;
        }
        stream.finish()?;
        drop(stream);
        Ok(bytes)
    }
}

/// Reads the number of a batch or a piece.
fn number(text: &str) -> Option<usize> {
    let is_one = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| text.parse().ok())?
}

fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Float64 => DataType::Float64,
        ColumnType::Utf8 => DataType::Utf8,
        ColumnType::Boolean => DataType::Boolean,
    }
}

/// A column of a batch that is being filled.
enum Builder {
    Int64(Int64Builder),
    Float64(Float64Builder),
    Utf8(StringBuilder),
    Boolean(BooleanBuilder),
}

impl Builder {
    fn new(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Int64 => Self::Int64(Int64Builder::new()),
            ColumnType::Float64 => Self::Float64(Float64Builder::new()),
            ColumnType::Utf8 => Self::Utf8(StringBuilder::new()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new()),
        }
    }

    /// Appends a field, which may be null.
    fn push(&mut self, field: Option<&str>) -> Result<(), NotOfType> {
        match self {
            Self::Int64(builder) => builder.append_option(field.map(int64).transpose()?),
            Self::Float64(builder) => builder.append_option(field.map(float64).transpose()?),
            Self::Utf8(builder) => builder.append_option(field),
            Self::Boolean(builder) => builder.append_option(field.map(boolean).transpose()?),
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Int64(mut builder) => Arc::new(builder.finish()),
            Self::Float64(mut builder) => Arc::new(builder.finish()),
            Self::Utf8(mut builder) => Arc::new(builder.finish()),
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
        }
    }
}
