//! A file that an algorithm reads as it is, in pieces that must still be what they were.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{DatasetError, open_file};

/// The size of each piece but the last, as `wit/storage.wit` has it.
const PIECE_BYTES: u64 = 1 << 20;

/// What a file was when it was opened: at least one piece, of which that of an empty file is empty.
#[derive(Debug)]
pub(super) struct Pieces {
    bytes: u64,
    /// The SHA-256 of each.
    digests: Vec<[u8; 32]>,
}

impl Pieces {
    /// Reads a whole file, a piece at a time.
    pub(super) fn scan(path: &Path, mut file: File) -> Result<Self, DatasetError> {
        let mut scanned = Self { bytes: 0, digests: Vec::new() };
        loop {
            let piece = read(path, &mut file)?;
            let length = piece.len() as u64;
            if length > 0 || scanned.digests.is_empty() {
                scanned.digests.push(Sha256::digest(&piece).into());
                scanned.bytes += length;
            }
            if length < PIECE_BYTES {
                return Ok(scanned);
            }
        }
    }

    /// Returns the file's size.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns how many pieces there are.
    pub(super) fn count(&self) -> usize {
        self.digests.len()
    }

    /// Reads a piece; none if it is not what it was.
    pub(super) fn read(&self, path: &Path, index: usize) -> Result<Option<Vec<u8>>, DatasetError> {
        let mut file = open_file(path)?;
        let start = SeekFrom::Start(index as u64 * PIECE_BYTES);
        let failed = |source| DatasetError::Read { path: path.to_owned(), source };
        if file.metadata().map_err(failed)?.len() != self.bytes {
            return Ok(None);
        }
        file.seek(start).map_err(failed)?;
        let piece = read(path, &mut file)?;
        Ok((*Sha256::digest(&piece) == self.digests[index]).then_some(piece))
    }
}

/// Reads the next piece; the last one is shorter.
fn read(path: &Path, file: &mut File) -> Result<Vec<u8>, DatasetError> {
    let mut piece = Vec::new();
    let failed = |source| DatasetError::Read { path: path.to_owned(), source };
    file.take(PIECE_BYTES).read_to_end(&mut piece).map_err(failed)?;
    Ok(piece)
}
