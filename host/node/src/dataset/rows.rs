//! Reads the rows of a CSV file within bounds, knowing where each row begins.
//!
//! The parser is `csv-core`: it works in buffers of its caller, so that a file of which one quote
//! was left open cannot fill the memory, and where a row begins is known to the byte and the line.

use std::io::{self, BufRead};
use std::mem;
use std::path::Path;

use csv_core::ReadRecordResult;
use sha2::{Digest as _, Sha256};

use super::error::{ContentError, DatasetError, shown};

/// The most columns of a table: ten times what a description may ask for.
pub(super) const COLUMNS: usize = 10_000;
/// The longest name of a column: a label, and not data.
pub(super) const COLUMN_NAME_BYTES: usize = 256;
/// The longest field: a long document. More of it is most likely a quote that was left open.
pub(super) const FIELD_BYTES: usize = 1 << 20;
/// The longest row without its separators, so that any row fits into the value of a storage key.
pub(super) const ROW_BYTES: usize = 16 << 20;

/// A row's place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The offset of its first byte.
    pub(super) byte: u64,
    /// Its line, from 1.
    pub(super) line: u64,
}

/// The rows of a file, or of a part of it that begins with a row.
pub(super) struct Rows<R> {
    input: R,
    parser: csv_core::Reader,
    position: Position,
    digest: Sha256,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Whether the line feed that may come next ends the row that was read.
    ends_with_return: bool,
    /// How many empty lines were skipped before the row that comes next.
    skipped: usize,
}

/// One row: at least one field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    text: &'a str,
    ends: &'a [usize],
}

/// Why a row cannot be read.
#[derive(Debug)]
pub(super) enum RowError {
    Read(io::Error),
    Content { line: u64, problem: ContentError },
}

impl RowError {
    /// Names the file that the row is in.
    pub(super) fn in_file(self, path: &Path) -> DatasetError {
        let path = path.to_owned();
        match self {
            Self::Read(source) => DatasetError::Read { path, source },
            Self::Content { line, problem } => DatasetError::Content { path, line, problem },
        }
    }
}

impl<R: BufRead> Rows<R> {
    /// Begins to read at a row whose position in the file is known.
    pub(super) fn new(input: R, position: Position) -> Self {
        let mut parser = csv_core::Reader::new();
        // The parser would take a byte order mark from the first bytes it sees, which may be a
        // value's here, so it sees an empty line first.
        parser.read_record(b"\n", &mut [0], &mut [0]);
        parser.set_line(position.line);
        let (text, ends) = (vec![0; 1 << 12], vec![0; 1 << 6]);
        let digest = Sha256::new();
        Self { input, parser, position, digest, text, ends, ends_with_return: false, skipped: 0 }
    }

    /// Skips the byte order mark that a file may begin with.
    pub(super) fn skip_mark(&mut self) -> Result<(), RowError> {
        let mark = "\u{feff}".as_bytes();
        if self.input.fill_buf().map_err(RowError::Read)?.starts_with(mark) {
            self.input.consume(mark.len());
            self.position.byte += mark.len() as u64;
        }
        Ok(())
    }

    /// Skips empty lines and says whether there is one more row.
    pub(super) fn seek_row(&mut self) -> Result<bool, RowError> {
        self.skipped = 0;
        loop {
            let input = self.input.fill_buf().map_err(RowError::Read)?;
            let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let more = blank < input.len();
            let lines = input[..blank].iter().filter(|byte| **byte == b'\n').count();
            let of_row = mem::take(&mut self.ends_with_return) && input.first() == Some(&b'\n');
            self.skipped += lines - usize::from(of_row);
            self.input.consume(blank);
            self.position.byte += blank as u64;
            self.position.line += lines as u64;
            self.parser.set_line(self.position.line);
            if more || blank == 0 {
                return Ok(more);
            }
        }
    }

    /// Returns how many empty lines [`Self::seek_row`] skipped.
    pub(super) fn skipped(&self) -> usize {
        self.skipped
    }

    /// Returns where the next row begins, after [`Self::seek_row`] said that there is one.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Returns the SHA-256 of the rows read since the last call, empty lines not counted.
    pub(super) fn take_digest(&mut self) -> [u8; 32] {
        mem::take(&mut self.digest).finalize().into()
    }

    /// Reads the row that [`Self::seek_row`] found.
    pub(super) fn read(&mut self) -> Result<Row<'_>, RowError> {
        let line = self.position.line;
        let wrong = |problem| RowError::Content { line, problem };
        let (mut text, mut ends) = (0, 0);
        loop {
            let input = self.input.fill_buf().map_err(RowError::Read)?;
            let at_end = input.is_empty();
            // The line end that the last row may lack ends it, unless it is within quotes.
            let parsed = if at_end { b"\n" } else { input };
            let (text_room, ends_room) = (&mut self.text[text..], &mut self.ends[ends..]);
            let (result, taken, written, ended) =
                self.parser.read_record(parsed, text_room, ends_room);
            if !at_end {
                self.digest.update(&input[..taken]);
                self.ends_with_return = input[..taken].last() == Some(&b'\r');
                self.input.consume(taken);
                self.position.byte += taken as u64;
                self.position.line = self.parser.line();
            }
            text += written;
            ends += ended;
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::OutputFull => self.grow_text(text, ends).map_err(wrong)?,
                ReadRecordResult::OutputEndsFull if ends > COLUMNS => {
                    return Err(wrong(ContentError::TooManyColumns));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * ends, 0),
                _ if at_end => return Err(wrong(ContentError::OpenQuote { number: ends + 1 })),
                _ => {}
            }
        }
        Row::new(&self.text[..text], &self.ends[..ends]).map_err(wrong)
    }

    /// Makes room for more of a row, unless it is too long already.
    fn grow_text(&mut self, text: usize, ends: usize) -> Result<(), ContentError> {
        let field = ends.checked_sub(1).map_or(0, |last| self.ends[last]);
        if text - field > FIELD_BYTES {
            return Err(ContentError::LongField { number: ends + 1 });
        }
        if text > ROW_BYTES {
            return Err(ContentError::LongRow);
        }
        self.text.resize((2 * text).min(ROW_BYTES + 1), 0);
        Ok(())
    }
}

impl<'a> Row<'a> {
    /// Checks that each field is UTF-8 and not too long.
    fn new(bytes: &'a [u8], ends: &'a [usize]) -> Result<Self, ContentError> {
        let fields = || {
            let starts = [0].into_iter().chain(ends.iter().copied());
            (1..).zip(starts.zip(ends).map(|(start, end)| &bytes[start..*end]))
        };
        if ends.len() > COLUMNS {
            return Err(ContentError::TooManyColumns);
        }
        if bytes.len() > FIELD_BYTES
            && let Some((number, _)) = fields().find(|(_, field)| field.len() > FIELD_BYTES)
        {
            return Err(ContentError::LongField { number });
        }
        // All bytes can be UTF-8 while two fields share a character between them.
        let text = str::from_utf8(bytes).ok();
        match text.filter(|text| ends.iter().all(|end| text.is_char_boundary(*end))) {
            Some(text) => Ok(Self { text, ends }),
            None => Err(fields()
                .find(|(_, field)| str::from_utf8(field).is_err())
                .map(|(number, field)| (number, shown(&String::from_utf8_lossy(field))))
                .map(|(number, field)| ContentError::NotUtf8 { number, field })
                .expect("fields that are UTF-8 each are so together and end between characters")),
        }
    }

    /// Returns the number of its fields.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the number of bytes of all its fields.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Returns a field by its index.
    ///
    /// # Panics
    ///
    /// If the row has no such field.
    pub(super) fn field(&self, index: usize) -> &'a str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }

    /// Returns the fields in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'a str> {
        let row = *self;
        (0..self.len()).map(move |index| row.field(index))
    }
}

#[cfg(test)]
mod tests;
