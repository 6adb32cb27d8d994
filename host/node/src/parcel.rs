//! Parcels on their way out: sealed already, in memory where they are small and in a file where
//! they are not, and cut into frames when these are sent.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, Write};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use anchorhold_model::limits;
use anchorhold_model::link::{Frame, ParcelKind, Stream};

/// Up to this size a parcel stays in memory.
const IN_MEMORY: usize = 256 << 10;

/// A parcel.
#[derive(Debug)]
pub(crate) struct Parcel {
    kind: ParcelKind,
    sequence: u64,
    body: Body,
    length: u64,
}

#[derive(Debug)]
enum Body {
    Memory(Vec<u8>),
    /// A file without a name: it is gone with the process.
    File(File),
}

impl Parcel {
    /// Makes a parcel of bytes.
    pub(crate) fn new(kind: ParcelKind, bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self { kind, sequence: 0, body: Body::Memory(bytes), length }
    }

    /// Makes a parcel of what was written.
    pub(crate) fn written(kind: ParcelKind, sequence: u64, bytes: Spool) -> Self {
        Self { kind, sequence, body: bytes.body, length: bytes.length }
    }

    /// Returns how many frames it has: at least one.
    pub(crate) fn frames(&self) -> u32 {
        let frames = self.length.div_ceil(limits::FRAME_BYTES as u64).max(1);
        u32::try_from(frames).unwrap_or(u32::MAX)
    }

    /// Returns a frame.
    pub(crate) fn frame(&self, stream: Stream, first: u64, index: u32) -> io::Result<Frame> {
        let start = u64::from(index).saturating_mul(limits::FRAME_BYTES as u64);
        let length = self.length.saturating_sub(start).min(limits::FRAME_BYTES as u64);
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let bytes = match &self.body {
            Body::Memory(bytes) => {
                let start = usize::try_from(start).map_err(io::Error::other)?;
                let end = start.saturating_add(length);
                bytes.get(start..end).unwrap_or_default().to_vec()
            }
            Body::File(file) => {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, start)?;
                bytes
            }
        };
        Ok(Frame {
            stream,
            number: first.saturating_add(u64::from(index)),
            kind: self.kind,
            sequence: self.sequence,
            index,
            count: self.frames(),
            bytes,
        })
    }
}

/// Takes what is written, into memory and from some size on into a file.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: Arc<PathBuf>,
    body: Body,
    length: u64,
}

impl Spool {
    /// Begins; a file, where one is needed, is made in the folder.
    pub(crate) fn new(folder: Arc<PathBuf>) -> Self {
        Self { folder, body: Body::Memory(Vec::new()), length: 0 }
    }

    /// Returns how many bytes were written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Returns all bytes, where they are in memory.
    pub(crate) fn in_memory(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Memory(bytes) => Some(bytes),
            Body::File(_) => None,
        }
    }

    /// Returns what reads it from its beginning.
    pub(crate) fn read(self) -> io::Result<Box<dyn Read + Send>> {
        match self.body {
            Body::Memory(bytes) => Ok(Box::new(io::Cursor::new(bytes))),
            Body::File(mut file) => {
                file.rewind()?;
                Ok(Box::new(BufReader::with_capacity(IN_MEMORY, file)))
            }
        }
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Body::Memory(memory) = &mut self.body
            && memory.len().saturating_add(bytes.len()) > IN_MEMORY
        {
            let mut file = tempfile::tempfile_in(&*self.folder)?;
            file.write_all(memory)?;
            self.body = Body::File(file);
        }
        match &mut self.body {
            Body::Memory(memory) => memory.extend_from_slice(bytes),
            Body::File(file) => file.write_all(bytes)?,
        }
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anchorhold_model::{Seat, TaskId};

    use super::*;

    #[test]
    fn frames_hold_all_of_a_parcel_in_memory_or_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let stream =
            Stream { task: TaskId::from_bytes([1; 32]), sender: Seat(0), receiver: Seat(1) };
        for length in
            [0, 1, IN_MEMORY, IN_MEMORY + 1, limits::FRAME_BYTES, 3 * limits::FRAME_BYTES + 1]
        {
            let bytes: Vec<u8> =
                (0..length).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
            let mut spool = Spool::new(Arc::new(folder.path().to_owned()));
            bytes.chunks(10_007).for_each(|chunk| spool.write_all(chunk).unwrap());
            let parcel = Parcel::written(ParcelKind::Message, 7, spool);
            let frames: Vec<_> = (0..parcel.frames())
                .map(|index| parcel.frame(stream, 100, index).unwrap())
                .collect();
            assert_eq!(frames.len(), length.div_ceil(limits::FRAME_BYTES).max(1));
            assert_eq!(frames.last().unwrap().number, 99 + frames.len() as u64);
            let joined: Vec<u8> = frames.into_iter().flat_map(|frame| frame.bytes).collect();
            assert!(joined == bytes, "{length}");
        }
    }
}
