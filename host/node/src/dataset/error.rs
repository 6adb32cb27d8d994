//! Why a dataset is not opened, granted or read.

use std::io;
use std::path::PathBuf;

use anchorhold_model::ColumnType;
use arrow_schema::ArrowError;

use super::rows::{COLUMN_NAME_BYTES, COLUMNS, FIELD_BYTES, ROW_BYTES};

/// How many characters of a text from a file an error shows.
const SHOWN_CHARS: usize = 40;

/// Why a dataset is not opened, granted or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The name of the dataset is not one.
    #[error(
        "the name of a dataset must be 1 to 64 letters, digits, hyphens and underscores, not {name}"
    )]
    Name {
        /// The name, quoted.
        name: String,
    },
    /// The path leads to nothing.
    #[error("there is no file {path}")]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The path leads to something other than a file.
    #[error("{path} is {what}, not a file")]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it leads to.
        what: &'static str,
    },
    /// The operating system refused to open or read the file.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file has no row at all.
    #[error("{path} is empty, but its first row must name the columns")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A row is not as it must be.
    #[error("{path}, line {line}: {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// The line that the row begins in, from 1.
        line: u64,
        /// What is wrong.
        problem: ContentError,
    },
    /// A column that was declared or asked for is not in the file.
    #[error("{path} has no column {column}: it has {present}")]
    NoSuchColumn {
        /// The file.
        path: PathBuf,
        /// The column's name, quoted.
        column: String,
        /// The columns that there are.
        present: String,
    },
    /// A column is declared or asked for twice.
    #[error("column {column} is named twice")]
    Repeated {
        /// The column's name, quoted.
        column: String,
    },
    /// The file is not what it was when it was opened.
    #[error("{path} changed after it was opened as dataset {dataset}: open it again")]
    Changed {
        /// The file.
        path: PathBuf,
        /// The dataset's name.
        dataset: String,
    },
    /// The encoder refused a batch.
    #[error("cannot encode {key}")]
    Encode {
        /// The key that was asked for.
        key: String,
        /// What the encoder said.
        source: ArrowError,
    },
}

/// What is wrong with a row of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// Something else than a comma stands between the fields.
    #[error("the header is one field, {header}: the fields must be separated by commas")]
    Separator {
        /// The header, quoted and shortened.
        header: String,
    },
    /// A column has no name.
    #[error("column {number} has no name")]
    Unnamed {
        /// The column's number, from 1.
        number: usize,
    },
    /// The name of a column is too long or has control characters.
    #[error(
        "the name of column {number} must be one line of at most {COLUMN_NAME_BYTES} bytes, not {name}"
    )]
    ColumnName {
        /// The column's number, from 1.
        number: usize,
        /// The name, quoted and shortened.
        name: String,
    },
    /// Two columns have the same name.
    #[error("columns {first} and {second} are both named {name}")]
    SameName {
        /// The first column's number, from 1.
        first: usize,
        /// The second column's number.
        second: usize,
        /// The name, quoted.
        name: String,
    },
    /// There are more columns than any table needs.
    #[error("expected at most {COLUMNS} columns, got more")]
    TooManyColumns,
    /// The row has another number of fields than the header.
    #[error("expected {expected} fields as in the header, got {actual}")]
    Fields {
        /// How many columns the header names.
        expected: usize,
        /// How many fields the row has.
        actual: usize,
    },
    /// A line is empty where there is one column.
    #[error("the line is empty: of one column that may be a null, which is written as \"\"")]
    EmptyLine,
    /// A field is too long.
    #[error(
        "expected at most {FIELD_BYTES} bytes in column {number}, got more (is a quote left open?)"
    )]
    LongField {
        /// The column's number, from 1.
        number: usize,
    },
    /// A row is too long.
    #[error("expected a row of at most {ROW_BYTES} bytes, got a longer one")]
    LongRow,
    /// The file ends within quotes.
    #[error("a quote is opened in column {number} and never closed")]
    OpenQuote {
        /// The column's number, from 1.
        number: usize,
    },
    /// A field is not UTF-8.
    #[error("expected UTF-8 text in column {number}, got {field}")]
    NotUtf8 {
        /// The column's number, from 1.
        number: usize,
        /// The field, quoted and shortened, other bytes replaced.
        field: String,
    },
    /// A value is not of its column's type.
    #[error("column {column}: expected {expected}, got {field}")]
    Value {
        /// The column's name, quoted.
        column: String,
        /// The column's type.
        expected: ColumnType,
        /// The field, quoted and shortened.
        field: String,
    },
    /// A value is missing in a column that is declared to have no nulls.
    #[error("column {column}: expected {expected} and no nulls, got the null {field}")]
    Null {
        /// The column's name, quoted.
        column: String,
        /// The column's type.
        expected: ColumnType,
        /// The field, quoted and shortened.
        field: String,
    },
}

/// Shows a text from a file: in quotes, shortened, control characters escaped.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}
