//! The readable header of an envelope, and how lengths are padded.

use super::{Decoder, Encoder, Malformed};
use crate::{Seat, TaskId};

/// The seat of a task's requester, who is none of its parties.
pub const REQUESTER: Seat = Seat(u32::MAX);

/// How many bytes a header has.
pub const HEADER_BYTES: usize = 4 + 1 + 1 + 1 + 32 + 4 + 4 + 32 + 8 + 8;

const MAGIC: [u8; 4] = *b"AHLD";
const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// What is in an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// A message of one party to another.
    Message,
    /// The arguments of a party, from the requester.
    Arguments,
    /// The result of a party, for the requester.
    Result,
    /// A closing statement.
    Closing,
    /// How far a party is, for the requester.
    Progress,
}

/// The header of an envelope. The server reads it to relay the envelope; the receiver checks each
/// field against what it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What is in the envelope.
    pub content: Content,
    /// The task.
    pub task: TaskId,
    /// Who sends.
    pub sender: Seat,
    /// Who receives.
    pub receiver: Seat,
    /// The hash of the grant under which it is sealed.
    pub grant: [u8; 32],
    /// Its number, from 0, among all of the same task, content, sender and receiver.
    pub sequence: u64,
    /// The length of what is sealed, padding included.
    pub padded_length: u64,
}

impl Header {
    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.raw(&MAGIC).u8(VERSION).u8(SUITE).u8(match self.content {
            Content::Message => 0,
            Content::Arguments => 1,
            Content::Result => 2,
            Content::Closing => 3,
            Content::Progress => 4,
        });
        encoder.raw(self.task.as_bytes()).u32(self.sender.0).u32(self.receiver.0);
        encoder.raw(&self.grant).u64(self.sequence).u64(self.padded_length);
        encoder.finish()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    ///
    /// Where they are not a header of this version and suite, or the length is none that padding
    /// makes.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new("header", bytes);
        if decoder.raw()? != MAGIC {
            return Err(decoder.malformed("it is no envelope's"));
        }
        if (decoder.u8()?, decoder.u8()?) != (VERSION, SUITE) {
            return Err(decoder.malformed("its version or suite is not known"));
        }
        let header = Self {
            content: match decoder.u8()? {
                0 => Content::Message,
                1 => Content::Arguments,
                2 => Content::Result,
                3 => Content::Closing,
                4 => Content::Progress,
                _ => return Err(decoder.malformed("its content is not known")),
            },
            task: TaskId::from_bytes(decoder.raw()?),
            sender: Seat(decoder.u32()?),
            receiver: Seat(decoder.u32()?),
            grant: decoder.raw()?,
            sequence: decoder.u64()?,
            padded_length: decoder.u64()?,
        };
        if padded(header.padded_length) != Some(header.padded_length) {
            return Err(decoder.malformed("its length is not padded"));
        }
        decoder.finish()?;
        Ok(header)
    }
}

/// Returns the length to which a length is padded, so that sizes tell little: 256 B, 1, 4 or
/// 16 KiB, and then Padmé, which adds at most 12 % (Nikitin et al., "Reducing Metadata Leakage
/// from Encrypted Files and Communication with PURBs", 2019, section 3.4). None where that
/// overflows.
pub fn padded(length: u64) -> Option<u64> {
    const STEPS: [u64; 4] = [256, 1 << 10, 4 << 10, 16 << 10];
    if let Some(step) = STEPS.into_iter().find(|step| length <= *step) {
        return Some(step);
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_u64 << (exponent - kept)) - 1;
    Some(length.checked_add(mask)? & !mask)
}
