//! NumPy's .npz: a ZIP archive, without compression, of one .npy file for each tensor.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Format, MAX_TENSORS, MAX_VALUES, StateDictionary, StateError, npy};

pub(super) const FORMAT: &str = ".npz";

/// What a file's name has after the tensor's.
const SUFFIX: &str = ".npy";

/// The most bytes of all tensors together, with their headers.
const MAX_BYTES: u64 = 9 * MAX_VALUES as u64;

/// The longest name of a tensor: its file's entry in the directory has less than 65,535 bytes.
const MAX_NAME_BYTES: usize = 65_000;

const TWICE: &str = "two files in it have one name";

/// With what the entry of each file begins in the archive's directory.
const ENTRY: &[u8] = b"PK\x01\x02";

impl StateDictionary {
    /// Reads an archive as `numpy.savez` writes it.
    ///
    /// # Errors
    /// [`StateError`], with the name of the tensor that is at fault.
    pub fn from_npz(bytes: &[u8]) -> Result<Self, StateError> {
        let malformed = || wrong("its directory is malformed");
        // What is made of a directory takes many times its length. Among values these bytes are rare.
        let entries = bytes.windows(ENTRY.len()).filter(|bytes| *bytes == ENTRY).count();
        if entries > MAX_TENSORS {
            return Err(StateError::TooManyTensors(entries));
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| malformed())?;
        if archive.has_duplicate_names() {
            return Err(wrong(TWICE));
        }
        let mut tensors = BTreeMap::new();
        // Files may lie one above the other, so that they are larger than the archive.
        let mut left = MAX_BYTES;
        for index in 0..archive.len() {
            let file = archive.by_index(index).map_err(|_| {
                wrong("a file in it is malformed, compressed or encrypted: write it without")
            })?;
            if file.compression() != CompressionMethod::Stored {
                return Err(wrong("a file in it is compressed: write it without"));
            }
            let name = file.name().map_err(|_| malformed())?;
            let name = name.strip_suffix(SUFFIX);
            let name = name.ok_or_else(|| wrong("a file in it is no .npy"))?.to_owned();
            let mut bytes = Vec::new();
            let read = file.take(left + 1).read_to_end(&mut bytes);
            let reason = "it is cut short or was changed";
            let unreadable = |_| StateError::Unreadable { name: name.clone(), reason };
            let read = u64::try_from(read.map_err(unreadable)?).expect("a usize fits u64");
            left = left.checked_sub(read).ok_or(StateError::TooManyValues(MAX_VALUES + 1))?;
            let tensor = npy::read(&name, &bytes)?;
            if tensors.insert(name, tensor).is_some() {
                return Err(wrong(TWICE));
            }
        }
        Self::new(tensors)
    }

    /// Writes an archive, with each tensor in its precision.
    ///
    /// # Errors
    /// [`StateError`] if a name cannot be that of a file in it.
    pub fn to_npz(&self) -> Result<Vec<u8>, StateError> {
        self.layout().check_names(Format::Npz)?;
        let too_long = |_| wrong("it is too long");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, tensor) in self.tensors() {
            archive.start_file(format!("{name}{SUFFIX}"), options).map_err(too_long)?;
            archive.write_all(&npy::write(tensor)).expect("memory takes all that is written");
        }
        Ok(archive.finish().map_err(too_long)?.into_inner())
    }
}

/// Says why the file of a tensor cannot have this name: who extracts it must not write elsewhere.
pub(super) fn wrong_name(name: &str) -> Option<&'static str> {
    // What is left of nothing, or of dots and spaces, which some systems leave out; and a drive.
    let is_elsewhere = |part: &str| {
        let is_drive =
            matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
        is_drive || part.trim_matches(['.', ' ']).is_empty()
    };
    if name.len() > MAX_NAME_BYTES {
        Some("its name is longer than 65,000 bytes")
    } else if name.contains(|of: char| of == '\\' || of.is_control()) {
        Some("its name has a backslash or a control character in it")
    } else if name.split('/').any(is_elsewhere) {
        Some("its name, or a part of it between slashes, could lead elsewhere")
    } else {
        None
    }
}

fn wrong(reason: &'static str) -> StateError {
    StateError::Format { format: FORMAT, reason }
}
