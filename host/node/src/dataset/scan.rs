//! The one pass over a file that finds out all there is to know before its rows are asked for.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anchorhold_model::limits::BATCH_ROWS;
use anchorhold_model::{Column, ColumnType};

use super::error::{ContentError, DatasetError, shown};
use super::field::{NotOfType, check, present};
use super::inference::Inference;
use super::rows::{COLUMN_NAME_BYTES, Position, Row, RowError, Rows};
use super::{Batch, OfferedColumn};

/// How much of the file is read at once: enough that system calls do not show.
const READ_BYTES: usize = 256 << 10;
/// Where a batch ends even if it has fewer than [`BATCH_ROWS`] rows, so that it, encoded, fits into
/// the value of a storage key however wide the table is.
const BATCH_BYTES: usize = 32 << 20;
/// What a field takes in a batch beyond its text, at the most: eight bytes and a bit.
const FIELD_OVERHEAD: usize = 9;

/// Reads a whole file and returns its columns and where its batches are.
pub(super) fn scan(
    path: &Path,
    file: File,
    declared: &[Column],
    nulls: &[String],
) -> Result<(Vec<OfferedColumn>, Vec<Batch>), DatasetError> {
    let failed = |error: RowError| error.in_file(path);
    let input = BufReader::with_capacity(READ_BYTES, file);
    let mut rows = Rows::new(input, Position { byte: 0, line: 1 });
    rows.skip_mark().map_err(failed)?;
    if !rows.seek_row().map_err(failed)? {
        return Err(DatasetError::Empty { path: path.to_owned() });
    }
    let line = rows.position().line;
    let header = rows.read().map_err(failed)?;
    let names =
        column_names(header).map_err(|problem| failed(RowError::Content { line, problem }))?;
    let mut columns = ColumnScan::all(path, names, declared)?;

    rows.take_digest();
    let mut batches: Vec<Batch> = Vec::new();
    let mut batch = BatchScan::default();
    while rows.seek_row().map_err(failed)? {
        let start = rows.position();
        if columns.len() == 1 && rows.skipped() > 0 {
            let (line, problem) = (start.line - 1, ContentError::EmptyLine);
            return Err(failed(RowError::Content { line, problem }));
        }
        let row = rows.read().map_err(failed)?;
        see(row, &mut columns, nulls)
            .map_err(|problem| failed(RowError::Content { line: start.line, problem }))?;
        batch.add(start, row);
        if batch.is_full() {
            batches.extend(batch.finish(rows.take_digest()));
        }
    }
    batches.extend(batch.finish(rows.take_digest()));
    Ok((columns.into_iter().map(ColumnScan::finish).collect(), batches))
}

/// Finds a column by its name.
pub(super) fn find<'a>(
    path: &Path,
    mut names: impl Iterator<Item = &'a str> + Clone,
    name: &str,
) -> Result<usize, DatasetError> {
    names.clone().position(|known| known == name).ok_or_else(|| {
        let mut present: Vec<String> = names.by_ref().take(10).map(shown).collect();
        if names.next().is_some() {
            present.push("...".to_owned());
        }
        let present = present.join(", ");
        DatasetError::NoSuchColumn { path: path.to_owned(), column: shown(name), present }
    })
}

/// Checks the header and returns the columns' names, without the spaces around them.
fn column_names(header: Row<'_>) -> Result<Vec<String>, ContentError> {
    if let (1, Some(only)) = (header.len(), header.fields().next())
        && only.contains([';', '\t'])
    {
        return Err(ContentError::Separator { header: shown(only) });
    }
    let mut seen = HashMap::new();
    for (number, name) in (1..).zip(header.fields()) {
        let name = name.trim_ascii();
        if name.is_empty() {
            return Err(ContentError::Unnamed { number });
        }
        if name.len() > COLUMN_NAME_BYTES || name.chars().any(char::is_control) {
            return Err(ContentError::ColumnName { number, name: shown(name) });
        }
        if let Some(first) = seen.insert(name, number) {
            return Err(ContentError::SameName { first, second: number, name: shown(name) });
        }
    }
    Ok(header.fields().map(|name| name.trim_ascii().to_owned()).collect())
}

/// Takes one row into account.
fn see(row: Row<'_>, columns: &mut [ColumnScan], nulls: &[String]) -> Result<(), ContentError> {
    if row.len() != columns.len() {
        return Err(ContentError::Fields { expected: columns.len(), actual: row.len() });
    }
    columns.iter_mut().zip(row.fields()).try_for_each(|(column, field)| column.see(field, nulls))
}

/// What is known of a column so far.
struct ColumnScan {
    name: String,
    nulls: u64,
    kind: Kind,
}

enum Kind {
    Declared { column_type: ColumnType, nullable: bool },
    Inferred(Inference),
}

impl ColumnScan {
    /// Begins with the columns of the header and what the operator declared of them.
    fn all(
        path: &Path,
        names: Vec<String>,
        declared: &[Column],
    ) -> Result<Vec<Self>, DatasetError> {
        let inferred = |name| Self { name, nulls: 0, kind: Kind::Inferred(Inference::new()) };
        let mut columns: Vec<Self> = names.into_iter().map(inferred).collect();
        for Column { name, column_type, nullable } in declared {
            let index = find(path, columns.iter().map(|column| column.name.as_str()), name)?;
            let kind = &mut columns[index].kind;
            if matches!(kind, Kind::Declared { .. }) {
                return Err(DatasetError::Repeated { column: shown(name) });
            }
            *kind = Kind::Declared { column_type: *column_type, nullable: *nullable };
        }
        Ok(columns)
    }

    fn see(&mut self, field: &str, nulls: &[String]) -> Result<(), ContentError> {
        let value = present(field, nulls);
        self.nulls += u64::from(value.is_none());
        let column = || shown(&self.name);
        match (&mut self.kind, value) {
            (Kind::Inferred(inference), Some(value)) => inference.see(value),
            (Kind::Inferred(_) | Kind::Declared { nullable: true, .. }, None) => {}
            (Kind::Declared { column_type: expected, .. }, None) => {
                let (column, expected, field) = (column(), *expected, shown(field));
                return Err(ContentError::Null { column, expected, field });
            }
            (Kind::Declared { column_type: expected, .. }, Some(value)) => {
                check(*expected, value).map_err(|NotOfType| {
                    let (column, expected, field) = (column(), *expected, shown(field));
                    ContentError::Value { column, expected, field }
                })?;
            }
        }
        Ok(())
    }

    fn finish(self) -> OfferedColumn {
        let (column_type, nullable) = match self.kind {
            Kind::Declared { column_type, nullable } => (column_type, nullable),
            Kind::Inferred(inference) => (inference.column_type(), self.nulls > 0),
        };
        let column = Column { name: self.name, column_type, nullable };
        OfferedColumn { column, nulls: self.nulls }
    }
}

/// The batch that is being filled.
#[derive(Default)]
struct BatchScan {
    start: Option<Position>,
    rows: usize,
    text: usize,
    fields: usize,
}

impl BatchScan {
    fn add(&mut self, start: Position, row: Row<'_>) {
        self.start.get_or_insert(start);
        self.rows += 1;
        self.text += row.bytes();
        self.fields += row.len();
    }

    fn is_full(&self) -> bool {
        self.rows == BATCH_ROWS || self.text + FIELD_OVERHEAD * self.fields >= BATCH_BYTES
    }

    /// Returns the batch, if it has rows, and begins the next one.
    fn finish(&mut self, digest: [u8; 32]) -> Option<Batch> {
        let Self { start, rows, text, .. } = std::mem::take(self);
        start.map(|start| Batch { start, rows, text, digest })
    }
}
