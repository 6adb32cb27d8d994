//! Datasets: named tables that a node's operator offers, read-only, from CSV files, and files that
//! algorithms read as they are.
//!
//! [`Dataset::open`] reads the file once from end to end: it checks it, finds types, nulls and the
//! number of rows, and remembers where each batch of rows begins and the hash of its bytes. A task
//! is then granted chosen columns ([`Dataset::grant`]), and each batch is read when it is asked for
//! and must still be, byte for byte, what was checked. So a table may be larger than memory, and
//! a file that changes meanwhile gives an error and never another value. Before a task a node opens a
//! dataset again whose file has changed ([`Dataset::is_current`]).
//!
//! A file that is no table ([`Dataset::open_file`]) is granted whole, in pieces, and checked alike.
//!
//! The file of a table is CSV as in RFC 4180, in UTF-8 with or without a byte order mark, with line ends of
//! either kind. Its first row names the columns. Empty lines are skipped, but
//! not between the rows of a table with one column, where one may be a null. Spaces around names,
//! numbers, truth values and null texts are not part of them; in text columns they are.

mod declaration;
mod error;
mod field;
mod grant;
mod inference;
mod pieces;
mod rows;
mod scan;

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anchorhold_model::{Column, limits};

pub use declaration::{DeclarationError, parse_columns};
pub use error::{ContentError, DatasetError};
pub use grant::Grant;

use pieces::Pieces;
use rows::Position;

/// The texts that are null unless the operator says otherwise: the empty field, and what R writes.
pub const NULL_TEXTS: [&str; 2] = ["", "NA"];

/// A named table or file that a node's operator offers, read-only.
#[derive(Debug)]
pub struct Dataset {
    name: String,
    path: PathBuf,
    version: Version,
    content: Content,
}

/// What a file system says of a file that nobody changed.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    device: u64,
    inode: u64,
    bytes: u64,
    /// When it was changed, by seconds and nanoseconds: its content, or anything about it.
    changed: [i64; 4],
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            changed: [
                metadata.mtime(),
                metadata.mtime_nsec(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ],
        }
    }
}

#[derive(Debug)]
enum Content {
    Table(Table),
    File(Pieces),
}

#[derive(Debug)]
struct Table {
    nulls: Vec<String>,
    columns: Vec<OfferedColumn>,
    rows: u64,
    batches: Vec<Batch>,
}

/// A column of a dataset, and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedColumn {
    /// Its name, its type and whether it may have nulls.
    pub column: Column,
    /// How many nulls it has.
    pub nulls: u64,
}

/// Where a batch of rows begins in the file, and what must be found there.
#[derive(Debug)]
struct Batch {
    start: Position,
    rows: usize,
    /// The bytes of all fields.
    text: usize,
    /// The SHA-256 of the rows as they are in the file.
    digest: [u8; 32],
}

impl Dataset {
    /// Opens a CSV file as a dataset, reading all of it once.
    ///
    /// `declared` are the columns whose types the operator states; the others' types are inferred
    /// from all of their values: `int64`, else `float64`, else `boolean` (`true` and `false` in any
    /// case), else `utf8`. Inference loses nothing: numbers with leading zeros or a plus sign, and
    /// whole numbers that the type cannot hold exactly, make a column text, as do `inf` and `nan`.
    /// A column without any value is text. A column whose type is inferred is nullable if it has a
    /// null; a declared one as declared. A field is null if it is one of `nulls`, quoted or not.
    ///
    /// # Errors
    ///
    /// The name is not one, the file cannot be read, a declared column is not in it, or its content
    /// is not a table as described: with the line and the column.
    pub fn open(
        name: &str,
        path: &Path,
        declared: &[Column],
        nulls: &[impl AsRef<str>],
    ) -> Result<Self, DatasetError> {
        check_name(name)?;
        let nulls: Vec<String> = nulls.iter().map(|text| text.as_ref().to_owned()).collect();
        let (file, version) = open_version(path)?;
        let (columns, batches) = scan::scan(path, file, declared, &nulls)?;
        let rows = batches.iter().map(|batch| batch.rows as u64).sum();
        let content = Content::Table(Table { nulls, columns, rows, batches });
        Ok(Self { name: name.to_owned(), path: path.to_owned(), version, content })
    }

    /// Opens a file as a dataset that is no table, reading all of it once.
    ///
    /// # Errors
    ///
    /// The name is not one, or the file cannot be read.
    pub fn open_file(name: &str, path: &Path) -> Result<Self, DatasetError> {
        check_name(name)?;
        let (file, version) = open_version(path)?;
        let content = Content::File(Pieces::scan(path, file)?);
        Ok(Self { name: name.to_owned(), path: path.to_owned(), version, content })
    }

    /// Returns the dataset's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the file that it was opened from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says whether its file is the one that was opened, and nobody changed it since.
    pub fn is_current(&self) -> bool {
        self.path.metadata().is_ok_and(|metadata| Version::of(&metadata) == self.version)
    }

    /// Says whether it is a file that is no table.
    pub fn is_file(&self) -> bool {
        matches!(self.content, Content::File(_))
    }

    /// Returns its columns in the order of the file; a file that is no table has none.
    pub fn columns(&self) -> &[OfferedColumn] {
        match &self.content {
            Content::Table(table) => &table.columns,
            Content::File(_) => &[],
        }
    }

    /// Returns the number of its rows, the header not counted; a file that is no table has none.
    pub fn rows(&self) -> u64 {
        match &self.content {
            Content::Table(table) => table.rows,
            Content::File(_) => 0,
        }
    }

    /// Says for people how large it is.
    pub fn size(&self) -> String {
        match &self.content {
            Content::Table(table) => format!("{} rows", table.rows),
            Content::File(pieces) => format!("{} bytes", pieces.bytes()),
        }
    }

    /// Makes the view that one task gets: the columns chosen, in the order in which they are named,
    /// or all columns; of a file that is no table all of it. Where none is chosen it has the number of rows
    /// alone.
    ///
    /// # Errors
    ///
    /// A column is not in the dataset or is named twice.
    pub fn grant(self: &Arc<Self>, columns: Option<&[String]>) -> Result<Grant, DatasetError> {
        let names = match columns {
            Some(names) if !self.is_file() => names,
            _ => return Ok(Grant::new(Arc::clone(self), (0..self.columns().len()).collect())),
        };
        let mut chosen = Vec::with_capacity(names.len());
        for name in names {
            let index = self.index(name)?;
            if chosen.contains(&index) {
                return Err(DatasetError::Repeated { column: error::shown(name) });
            }
            chosen.push(index);
        }
        Ok(Grant::new(Arc::clone(self), chosen))
    }

    fn index(&self, name: &str) -> Result<usize, DatasetError> {
        let names = self.columns().iter().map(|offered| offered.column.name.as_str());
        scan::find(&self.path, names, name)
    }
}

fn check_name(name: &str) -> Result<(), DatasetError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > limits::NAME_BYTES || !name.chars().all(allowed) {
        return Err(DatasetError::Name { name: error::shown(name) });
    }
    Ok(())
}

/// Opens a file, with what it is before it is read.
fn open_version(path: &Path) -> Result<(File, Version), DatasetError> {
    let file = open_file(path)?;
    let failed = |source| DatasetError::Read { path: path.to_owned(), source };
    let version = Version::of(&file.metadata().map_err(failed)?);
    Ok((file, version))
}

/// Opens a file, and nothing that is not a file: a pipe would wait for ever.
fn open_file(path: &Path) -> Result<File, DatasetError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => DatasetError::Missing { path: path.to_owned() },
        _ => DatasetError::Read { path: path.to_owned(), source },
    };
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "a device or a pipe" };
        return Err(DatasetError::NotAFile { path: path.to_owned(), what });
    }
    File::open(path).map_err(failed)
}

#[cfg(test)]
mod tests;
