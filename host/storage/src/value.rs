//! How a value becomes rows: split into chunks, each sealed for its place.
//!
//! The text of a value is `name length u16, name, value length u64, value`, big-endian, cut into
//! chunks of [`CHUNK_BYTES`] (the last one is shorter, the first one has all of the header). A row
//! is `number of chunks u32, nonce, ciphertext, tag`. Each is bound to run, hidden name, generation,
//! chunk number, number of chunks, and, but for the first one, to the nonce of the first row, so that
//! the rows of two writings never mix.

use anchorhold_model::RunId;
use sled::IVec;

use crate::commit::Generation;
use crate::error::{RowsError, StoreError};
use crate::key::{self, NONCE_BYTES, RunKeys, SEAL_BYTES};
use crate::rows::{Rows, Version};

/// The largest value that sled is given.
const ROW_BYTES: usize = 4_000;
const COUNT_BYTES: usize = 4;
/// How much of a value's text is in a row.
const CHUNK_BYTES: usize = ROW_BYTES - COUNT_BYTES - SEAL_BYTES;
/// The row of a name that was deleted.
const TOMBSTONE: &[u8] = &[];

/// One written value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where its rows are.
    pub(crate) version: Version,
    /// The bytes of the value.
    pub(crate) length: u64,
    /// How many rows it has.
    pub(crate) chunks: u32,
    /// The nonce of the first row, which no other writing has.
    id: [u8; NONCE_BYTES],
}

impl Entry {
    /// Computes what stands for this entry in the digest of a state.
    pub(crate) fn code(&self, keys: &RunKeys) -> [u8; 32] {
        let generation = self.version.generation.0.to_be_bytes();
        let chunks = self.chunks.to_be_bytes();
        let context = b"anchorhold/1 entry";
        let parts = [&context[..], &self.version.name, &generation, &chunks, &self.id];
        key::authenticate(&keys.commits, &parts)
    }
}

/// Writes the rows of a value.
pub(crate) fn write(
    rows: &Rows,
    keys: &RunKeys,
    version: Version,
    name: &str,
    value: &[u8],
) -> Result<Entry, StoreError> {
    let name_length = u16::try_from(name.len()).expect("names are at most 512 bytes");
    let length = u64::try_from(value.len()).expect("lengths have 64 bits at most");
    let header = [&name_length.to_be_bytes(), name.as_bytes(), &length.to_be_bytes()].concat();
    let (head, tail) = value.split_at(value.len().min(CHUNK_BYTES - header.len()));
    let chunks = u32::try_from(1 + tail.len().div_ceil(CHUNK_BYTES))
        .expect("a value in memory has less than 16 TiB");
    let mut entry = Entry { version, length, chunks, id: [0; NONCE_BYTES] };
    let first = key::seal(&keys.values, &context(&entry, 0), &[&header, head].concat())?;
    entry.id.copy_from_slice(&first[..NONCE_BYTES]);
    let count = chunks.to_be_bytes();
    rows.insert(&version, 0, &[&count, first.as_slice()].concat())?;
    for (number, chunk) in (1..).zip(tail.chunks(CHUNK_BYTES)) {
        let sealed = key::seal(&keys.values, &context(&entry, number), chunk)?;
        rows.insert(&version, number, &[&count, sealed.as_slice()].concat())?;
    }
    Ok(entry)
}

/// Reads what the first row says of a value: its name and entry; or none for a tombstone.
pub(crate) fn describe(
    rows: &Rows,
    keys: &RunKeys,
    version: Version,
) -> Result<Option<(String, Entry)>, StoreError> {
    let damaged = || damaged(&version.run);
    let row = rows.get(&version, 0)?.ok_or_else(damaged)?;
    if *row == *TOMBSTONE {
        return Ok(None);
    }
    let (count, sealed) = row.split_first_chunk().ok_or_else(damaged)?;
    let id = *sealed.first_chunk().ok_or_else(damaged)?;
    let chunks = u32::from_be_bytes(*count);
    let mut entry = Entry { version, length: 0, chunks, id };
    let text = open(keys, &entry, 0, &row).ok_or_else(damaged)?;
    let (name, length, _) = parse(&text).ok_or_else(damaged)?;
    entry.length = length;
    Ok(Some((name.to_owned(), entry)))
}

/// Reads a value.
pub(crate) fn read(rows: &Rows, keys: &RunKeys, entry: &Entry) -> Result<Vec<u8>, StoreError> {
    let damaged = || damaged(&entry.version.run);
    let chunk = |number| -> Result<_, StoreError> {
        let row = rows.get(&entry.version, number)?.ok_or_else(damaged)?;
        open(keys, entry, number, &row).ok_or_else(damaged)
    };
    let first = chunk(0)?;
    let (_, length, head) =
        parse(&first).filter(|text| text.1 == entry.length).ok_or_else(damaged)?;
    let mut value = Vec::with_capacity(usize::try_from(length).map_err(|_| damaged())?);
    value.extend_from_slice(head);
    for number in 1..entry.chunks {
        value.extend_from_slice(&chunk(number)?);
    }
    if u64::try_from(value.len()) == Ok(length) { Ok(value) } else { Err(damaged()) }
}

/// Writes the tombstone of a name.
pub(crate) fn bury(rows: &Rows, version: &Version) -> Result<(), RowsError> {
    rows.insert(version, 0, TOMBSTONE)
}

/// Opens one row; the first is bound to all but an id, which its own nonce is.
fn open(
    keys: &RunKeys,
    entry: &Entry,
    number: u32,
    row: &IVec,
) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let (count, sealed) = row.split_first_chunk::<COUNT_BYTES>()?;
    if *count != entry.chunks.to_be_bytes() {
        return None;
    }
    if number == 0 && !sealed.starts_with(&entry.id) {
        return None;
    }
    key::open(&keys.values, &context(entry, number), sealed)
}

fn context(entry: &Entry, number: u32) -> Vec<u8> {
    let Entry { version: Version { run, name, generation: Generation(generation) }, .. } = entry;
    let id = if number == 0 { [0; NONCE_BYTES] } else { entry.id };
    let (number, chunks) = (number.to_be_bytes(), entry.chunks.to_be_bytes());
    let generation = generation.to_be_bytes();
    let place = [&name[..], &generation, &number, &chunks, &id].concat();
    [b"anchorhold/1 chunk", &run.as_bytes()[..], &place].concat()
}

/// Splits the first chunk of a text into name, length of the value and its beginning.
fn parse(text: &[u8]) -> Option<(&str, u64, &[u8])> {
    let (length, rest) = text.split_first_chunk()?;
    let (name, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    let (length, head) = rest.split_first_chunk()?;
    Some((std::str::from_utf8(name).ok()?, u64::from_be_bytes(*length), head))
}

fn damaged(run: &RunId) -> StoreError {
    StoreError::Damaged { run: *run, what: "a row is missing, changed or not in its place" }
}
