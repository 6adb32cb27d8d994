//! Datasets that are files: bytes that an algorithm reads as they are, whatever they mean.
//!
//! A file lies in storage under `data/` in pieces (`wit/storage.wit`).

use crate::{Error, Result, TableError, Task};

/// The size of each piece but the last.
pub(crate) const PIECE_BYTES: usize = 1 << 20;

/// No file has more pieces: their numbers have eight digits.
const MAX_PIECES: u64 = 100_000_000;

impl Task {
    /// Says whether a dataset is a file instead of a table.
    pub fn is_file(&self, dataset: &str) -> bool {
        self.windows.exists(&piece(dataset, 0))
    }

    /// Returns how many bytes a dataset has that is a file, of which it reads no more than the last piece.
    ///
    /// # Errors
    /// [`Error::Said`] if it is a table; [`TableError::NotGranted`], [`TableError::Malformed`].
    pub fn file_bytes(&self, dataset: &str) -> Result<u64> {
        self.granted(dataset)?;
        if !self.is_file(dataset) {
            return Err(Error::new(format!("the dataset {dataset:?} is a table and no file")));
        }
        let exists = |number: u64| self.windows.exists(&piece(dataset, number));
        let malformed =
            |number: u64, reason| TableError::malformed(&piece(dataset, number), reason);
        // The last piece is from `last` to before `end`.
        let (mut last, mut end) = (0, 1);
        while exists(end) {
            (last, end) = (end, 2 * end);
            if end > MAX_PIECES {
                return Err(malformed(last, "there are too many").into());
            }
        }
        while end - last > 1 {
            let middle = last + (end - last) / 2;
            *if exists(middle) { &mut last } else { &mut end } = middle;
        }
        let piece = self.windows.get(&piece(dataset, last));
        let piece = piece.ok_or_else(|| malformed(last, "it is not there"))?;
        Ok(last * PIECE_BYTES as u64 + piece.len() as u64)
    }

    /// Reads a dataset that is a file.
    ///
    /// # Errors
    /// [`Error::Said`] with its size if it has more than `most` bytes, before it is read, or if it is a
    /// table; [`TableError::NotGranted`], [`TableError::Malformed`].
    pub fn file(&self, dataset: &str, most: usize) -> Result<Vec<u8>> {
        let found = self.file_bytes(dataset)?;
        let length = usize::try_from(found).ok().filter(|length| *length <= most);
        let length = length.ok_or_else(|| {
            Error::new(format!(
                "the dataset {dataset:?} has {found} bytes, and at most {most} are possible"
            ))
        })?;
        let mut bytes = Vec::with_capacity(length);
        for number in 0.. {
            let key = piece(dataset, number);
            let Some(next) = self.windows.get(&key) else { break };
            // Only the last one is shorter.
            let is_next = bytes.len() as u64 == number * PIECE_BYTES as u64;
            if next.len() > PIECE_BYTES || !is_next || bytes.len() + next.len() > length {
                return Err(TableError::malformed(&key, "it does not continue the file").into());
            }
            bytes.extend(next);
        }
        Ok(bytes)
    }
}

fn piece(dataset: &str, number: u64) -> String {
    format!("data/{dataset}/file/{number:08}")
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::lab::{Lab, Rows};
    use crate::{Algorithm, Dataset, Description, Output, Security};

    fn describe() -> Description {
        let security = Security::semi_honest("None.", "Nothing.");
        Description::new("copy", "1.0.0", "Returns a file.", security)
            .dataset(Dataset::new("state").or_file())
    }

    fn copy(task: &mut Task, most: usize) -> Result<Output<()>> {
        Ok(Output::Bytes(task.file("state", most)?))
    }

    fn measure(task: &mut Task, _: usize) -> Result<u64> {
        task.file_bytes("state")
    }

    #[test]
    fn a_file_is_measured_without_being_read() {
        let lengths = (0..10)
            .flat_map(|pieces| [0, 1, PIECE_BYTES - 1].map(|more| pieces * PIECE_BYTES + more));
        for length in lengths {
            let mut lab = Lab::new(Algorithm::new(describe, measure));
            lab.parties(1).arguments(0).file(0, "state", &vec![0; length]);
            assert_eq!(lab.run().result(0), length, "{length}");
        }
        // The last piece alone says how long it is: the others are not looked at.
        let mut lab = Lab::new(Algorithm::new(describe, measure));
        lab.parties(1).arguments(0).file(0, "state", &vec![0; 3 * PIECE_BYTES]);
        lab.change_dataset("state", "data/state/file/00000001", Vec::clear);
        assert_eq!(lab.run().result(0), 3 * PIECE_BYTES);
    }

    #[test]
    fn a_file_is_read_whole_whatever_its_size() {
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let bytes: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            let mut lab = Lab::new(Algorithm::new(describe, copy));
            lab.parties(1).arguments(length).file(0, "state", &bytes);
            assert_eq!(lab.run().bytes(0), bytes, "{length}");
        }
    }

    #[test]
    fn what_is_no_file_or_too_long_or_not_granted_is_an_error() {
        let mut lab = Lab::new(Algorithm::new(describe, copy));
        lab.parties(1).arguments(9);
        let error = lab.run().failure(0).to_string();
        assert!(error.starts_with("the dataset \"state\" was not granted"), "{error}");
        lab.file(0, "state", &[0; 10]);
        let error = lab.run().failure(0).to_string();
        assert_eq!(error, "the dataset \"state\" has 10 bytes, and at most 9 are possible");
        lab.dataset(0, "state", &Rows::new().int64("age", [1]));
        let error = lab.run().failure(0).to_string();
        assert_eq!(error, "the dataset \"state\" is a table and no file");
    }

    #[test]
    fn a_gap_in_a_file_is_an_error() {
        let mut lab = Lab::new(Algorithm::new(describe, copy));
        lab.parties(1).arguments(9_000_000).file(0, "state", &vec![0; 2 * PIECE_BYTES]);
        lab.change_dataset("state", "data/state/file/00000000", |piece| piece.truncate(5));
        let error = lab.run().failure(0).to_string();
        assert!(error.contains("file/00000001"), "{error}");
    }
}
