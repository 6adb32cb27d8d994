//! Files of JSON lines that only grow: what is in them was written before what it speaks of
//! happened, and survives the end of the process.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest line that is read.
const LINE_BYTES: u64 = 1 << 20;

/// A file of lines, open to append to it.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    file: File,
    /// How many bytes of whole lines it has.
    length: u64,
}

/// What went wrong with a file of lines.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinesError {
    /// The file cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line is none of those that are written.
    #[error("{path}, line {line}: this is not what was written there")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
}

impl Lines {
    /// Opens a file, or makes it for the owner alone, and cuts off a last line of which only a part
    /// was written.
    pub(crate) fn open(path: &Path) -> Result<Self, LinesError> {
        let failed = |source| LinesError::Io { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let length = whole_lines(&mut file).map_err(failed)?;
        file.set_len(length).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, length })
    }

    /// Appends a line. Where that fails, as on a full disk, the file is as it was.
    pub(crate) fn append(&mut self, entry: &impl Serialize) -> Result<(), LinesError> {
        let path = &self.path;
        let failed = |source| LinesError::Io { path: path.clone(), source };
        let mut line = serde_json::to_vec(entry).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            // A part of the line may be there; were it to stay, the next would be lost with it.
            let _ = self.file.set_len(self.length);
            return Err(failed(error));
        }
        self.length = self.length.saturating_add(line.len() as u64);
        Ok(())
    }

    /// Waits until the disk has it.
    pub(crate) fn sync(&self) -> Result<(), LinesError> {
        self.file.sync_data().map_err(|source| LinesError::Io { path: self.path.clone(), source })
    }
}

/// Reads all whole lines of a file; one that is not there has none.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    mut entry: impl FnMut(T),
) -> Result<(), LinesError> {
    let failed = |source| LinesError::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        number = number.saturating_add(1);
        reader.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
        let Some((b'\n', text)) = line.split_last() else {
            let whole = line.is_empty() || (line.len() as u64) < LINE_BYTES;
            let damaged = || LinesError::Damaged { path: path.to_owned(), line: number };
            // Of the last line only a part may have been written.
            return if whole { Ok(()) } else { Err(damaged()) };
        };
        let damaged = |_| LinesError::Damaged { path: path.to_owned(), line: number };
        entry(serde_json::from_slice(text).map_err(damaged)?);
    }
}

/// Removes the lines that do not count any more; the file is as it was or all of the new one.
pub(crate) fn prune<T: Serialize + DeserializeOwned>(
    path: &Path,
    counts: impl Fn(&T) -> bool,
) -> Result<(), LinesError> {
    let failed = |source| LinesError::Io { path: path.to_owned(), source };
    let (mut kept, mut all) = (Vec::new(), true);
    let mut written = Ok(());
    read(path, |entry: T| {
        if !counts(&entry) {
            all = false;
        } else if written.is_ok() {
            written = serde_json::to_writer(&mut kept, &entry);
            kept.push(b'\n');
        }
    })?;
    written.map_err(|error| failed(error.into()))?;
    if all {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&kept).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    // Or after a power cut what is appended from now on would be in a file that nothing names.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Returns how many bytes the whole lines of a file have.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 64 << 10;
    let mut end = file.seek(SeekFrom::End(0))?;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        Read::by_ref(file).take(end - start).read_to_end(&mut bytes)?;
        if let Some(position) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + position as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Result<Vec<u32>, LinesError> {
        let mut entries = Vec::new();
        read(path, |entry| entries.push(entry)).map(|()| entries)
    }

    #[test]
    fn what_was_appended_is_read_and_a_torn_line_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        assert_eq!(lines(&path).unwrap(), [0; 0]);
        let mut file = Lines::open(&path).unwrap();
        (0..3).for_each(|entry| file.append(&entry).unwrap());
        file.sync().unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"99").unwrap();
        assert_eq!(lines(&path).unwrap(), [0, 1, 2]);
        Lines::open(&path).unwrap().append(&3).unwrap();
        assert_eq!(lines(&path).unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn another_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        std::fs::write(&path, "1\nx\n").unwrap();
        let error = lines(&path).unwrap_err().to_string();
        assert!(error.ends_with("line 2: this is not what was written there"), "{error}");
    }
}
