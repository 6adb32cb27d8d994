//! Datasets that are files: bytes that an algorithm reads as they are, whatever they mean.
//!
//! A file lies in storage under `data/` in pieces (`wit/storage.wit`).

use crate::{Error, Result, TableError, Task};

/// The size of each piece but the last.
pub(crate) const PIECE_BYTES: usize = 1 << 20;

impl Task {
    /// Says whether a dataset is a file instead of a table.
    pub fn is_file(&self, dataset: &str) -> bool {
        self.windows.exists(&piece(dataset, 0))
    }

    /// Reads a dataset that is a file.
    ///
    /// # Errors
    /// [`Error::Said`] if it is a table, or has more than `most` bytes; [`TableError::NotGranted`],
    /// [`TableError::Malformed`].
    pub fn file(&self, dataset: &str, most: usize) -> Result<Vec<u8>> {
        self.granted(dataset)?;
        if !self.is_file(dataset) {
            return Err(Error::new(format!("the dataset {dataset:?} is a table and no file")));
        }
        let mut bytes = Vec::new();
        for number in 0.. {
            let key = piece(dataset, number);
            let Some(next) = self.windows.get(&key) else { break };
            // Only the last one is shorter.
            if next.len() > PIECE_BYTES || bytes.len() != number * PIECE_BYTES {
                return Err(TableError::malformed(&key, "it does not continue the file").into());
            }
            if bytes.len() + next.len() > most {
                return Err(Error::new(format!(
                    "the dataset {dataset:?} has more than {most} bytes"
                )));
            }
            bytes.extend(next);
        }
        Ok(bytes)
    }
}

fn piece(dataset: &str, number: usize) -> String {
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
        assert_eq!(error, "the dataset \"state\" has more than 9 bytes");
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
