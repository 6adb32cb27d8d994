//! An envelope of 1 GB is sealed and opened in little memory, from a stream into a stream.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::{fs, thread};

use anchorhold_identity::{OrganizationKey, RootKey};
use anchorhold_model::layout::Content;
use anchorhold_model::{Seat, TaskId};
use anchorhold_seal::{Channel, Pair, Place};

const BODY_BYTES: u64 = 1_000_000_000;

/// A body that is nowhere: the byte at a position is the position's last one.
struct Body(u64);

impl Read for Body {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(BODY_BYTES - self.0).unwrap_or(usize::MAX);
        let read = bytes.len().min(left);
        for byte in &mut bytes[..read] {
            *byte = self.0.to_le_bytes()[0];
            self.0 += 1;
        }
        Ok(read)
    }
}

impl Seek for Body {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0 = match to {
            SeekFrom::Start(position) => position,
            SeekFrom::Current(by) => self.0.saturating_add_signed(by),
            SeekFrom::End(by) => BODY_BYTES.saturating_add_signed(by),
        };
        Ok(self.0)
    }
}

/// Compares what is written with the body.
struct Compared(Body);

impl Write for Compared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut expected = vec![0; bytes.len()];
        self.0.read_exact(&mut expected)?;
        assert!(bytes == expected, "it is another body");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the most memory that this process has had so far, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_gigabyte_is_sealed_and_opened_in_a_few_megabytes() {
    let key = OrganizationKey::generate(3072);
    let statement = RootKey::generate().state("north", 1, &key, (0, 1 << 40));
    let place = |seat| Place { seat: Seat(seat), statement: &statement };
    let pair = Pair { task: TaskId::from_bytes([1; 32]), sender: place(0), receiver: place(1) };
    let (sending, grant) = Channel::grant(&pair, &key);
    let receiving = Channel::accept(&pair, &grant, &key).unwrap();
    let (reader, writer) = io::pipe().unwrap();
    let before = peak();
    let (sealed, opened, compared) = thread::scope(|scope| {
        let content = (Content::Message, 0);
        let sealed = scope.spawn(move || sending.seal(content, "topic", Body(0), writer).unwrap());
        let mut compared = Compared(Body(0));
        let opened = receiving.open(content, reader, &mut compared).unwrap();
        (sealed.join().unwrap(), opened, compared)
    });
    assert_eq!((opened.length, compared.0.0), (BODY_BYTES, BODY_BYTES));
    assert_eq!(sealed.hash, opened.hash);
    let grown = peak() - before;
    assert!(grown < 8 << 10, "{grown} KiB more");
}
