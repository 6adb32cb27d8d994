//! Envelopes: `header || salt || commitment || body`, where the body is AES-256-GCM in the STREAM
//! construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance", 2015), in chunks of 64 KiB, with header, salt and commitment as
//! associated data of each.
//!
//! What is encrypted is the topic, its length before it as a `u16`, the body, its length before it
//! as a `u64`, and zeros up to the padded length.

use std::io::{self, Read, Seek, Write};

use aead_stream::{NewStream as _, StreamBE32, StreamPrimitive as _};
use aes_gcm::Aes256Gcm;
use anchorhold_model::layout::{HEADER_BYTES, Header, padded};
use anchorhold_model::limits;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::NotOpened;
use crate::schedule::{self, Key, MessageKeys};

const CHUNK_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;

/// An envelope that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its header.
    pub header: Header,
    /// How many bytes it has.
    pub length: u64,
    /// SHA-256 over all of them.
    pub hash: [u8; 32],
}

/// What was in an envelope, beside its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The topic.
    pub topic: String,
    /// The length of the body.
    pub length: u64,
    /// SHA-256 over all bytes of the envelope.
    pub hash: [u8; 32],
}

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The topic is too long.
    #[error("a topic has at most {max} bytes, not {0}", max = limits::TOPIC_BYTES)]
    Topic(usize),
    /// The message cannot be read, or the envelope not written.
    #[error("the message cannot be read or its envelope not written")]
    Io(#[from] io::Error),
}

pub(crate) fn seal(
    key: &Key,
    header: Header,
    topic: &str,
    mut body: impl Read + Seek,
    out: impl Write,
) -> Result<Sealed, SealError> {
    let too_long = || SealError::Topic(topic.len());
    let topic_length = u16::try_from(topic.len()).map_err(|_| too_long())?;
    if topic.len() > limits::TOPIC_BYTES {
        return Err(too_long());
    }
    let start = body.stream_position()?;
    let length = body.seek(io::SeekFrom::End(0))?.saturating_sub(start);
    let frame = [&topic_length.to_be_bytes(), topic.as_bytes(), &length.to_be_bytes()].concat();
    let framed = length.checked_add(frame.len() as u64);
    let padded_length = framed.and_then(padded).ok_or_else(changed)?;
    let header = Header { padded_length, ..header };
    let header_bytes = header.encode();
    let header_hash: [u8; 32] = Sha256::digest(&header_bytes).into();

    // The first time it is read for its hash, which decides the keys.
    body.seek(io::SeekFrom::Start(start))?;
    let mut hash = Sha256::new();
    let mut plaintext = Plaintext::new(&frame, body.by_ref().take(length), padded_length);
    while let Some((chunk, _)) = plaintext.chunk()? {
        hash.update(&*chunk);
    }
    let content_hash = hash.finalize().into();
    let salt = schedule::salt(key, &header_hash, &content_hash);
    let keys = MessageKeys::new(key, &header_hash, &salt);
    let prefix = [&header_bytes[..], &salt, &keys.commitment].concat();

    body.seek(io::SeekFrom::Start(start))?;
    let mut out = Hashing { out, hash: Sha256::new(), length: 0 };
    out.write_all(&prefix)?;
    let stream = stream(&keys.body);
    let mut again = Sha256::new();
    let mut plaintext = Plaintext::new(&frame, body.take(length), padded_length);
    let mut position = 0_u32;
    while let Some((mut chunk, last)) = plaintext.chunk()? {
        again.update(&*chunk);
        let sealed = stream.encrypt_in_place(position, last, &prefix, &mut *chunk);
        sealed.map_err(|_| changed())?;
        out.write_all(&chunk)?;
        position = position.checked_add(1).ok_or_else(changed)?;
    }
    // Whoever changes the message meanwhile would make one key encrypt two contents.
    if <[u8; 32]>::from(again.finalize()) != content_hash {
        return Err(changed().into());
    }
    out.flush()?;
    Ok(Sealed { header, length: out.length, hash: out.hash.finalize().into() })
}

pub(crate) fn open(
    key: &Key,
    expected: &Header,
    mut envelope: impl Read,
    mut out: impl Write,
) -> Result<Opened, NotOpened> {
    let mut hash = Sha256::new();
    let mut prefix = [0; HEADER_BYTES + 64];
    envelope.read_exact(&mut prefix).map_err(|_| NotOpened)?;
    hash.update(prefix);
    let (header_bytes, rest) = prefix.split_first_chunk().ok_or(NotOpened)?;
    let (salt, commitment) = rest.split_first_chunk().ok_or(NotOpened)?;
    let header = Header::decode(header_bytes).map_err(|_| NotOpened)?;
    if header != (Header { padded_length: header.padded_length, ..expected.clone() }) {
        return Err(NotOpened);
    }
    let keys = MessageKeys::new(key, &Sha256::digest(header_bytes).into(), salt);
    if !bool::from(keys.commitment.ct_eq(commitment)) {
        return Err(NotOpened);
    }
    let stream = stream(&keys.body);
    let mut left = header.padded_length;
    let mut position = 0_u32;
    let mut frame = Frame::default();
    while left > 0 {
        let length = usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
        left = left.saturating_sub(length as u64);
        let mut chunk = Zeroizing::new(vec![0; length + TAG_BYTES]);
        envelope.read_exact(&mut chunk).map_err(|_| NotOpened)?;
        hash.update(&*chunk);
        let opened = stream.decrypt_in_place(position, left == 0, &prefix, &mut *chunk);
        opened.map_err(|_| NotOpened)?;
        frame.take(&chunk, &mut out)?;
        position = position.checked_add(1).ok_or(NotOpened)?;
    }
    if envelope.read(&mut [0]).map_err(|_| NotOpened)? != 0 {
        return Err(NotOpened);
    }
    out.flush().map_err(|_| NotOpened)?;
    let (topic, length) = frame.finish()?;
    Ok(Opened { topic, length, hash: hash.finalize().into() })
}

fn stream(key: &Key) -> StreamBE32<Aes256Gcm> {
    // Each key seals one message: its nonces need no random part.
    StreamBE32::new((&**key).into(), &[0; 7].into())
}

fn changed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the message is too long or changes while it is read",
    )
}

/// Reads a message as it is encrypted, chunk by chunk: frame, body, zeros.
struct Plaintext<'a, R> {
    frame: &'a [u8],
    body: R,
    left: u64,
}

impl<'a, R: Read> Plaintext<'a, R> {
    fn new(frame: &'a [u8], body: R, padded_length: u64) -> Self {
        Self { frame, body, left: padded_length }
    }

    /// Returns the next chunk, with room for its tag, and whether it is the last.
    fn chunk(&mut self) -> io::Result<Option<(Zeroizing<Vec<u8>>, bool)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = usize::try_from(self.left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
        self.left = self.left.saturating_sub(length as u64);
        let mut chunk = Zeroizing::new(Vec::with_capacity(length + TAG_BYTES));
        let framed;
        (framed, self.frame) = self.frame.split_at(self.frame.len().min(length));
        chunk.extend_from_slice(framed);
        let wanted = (length - chunk.len()) as u64;
        self.body.by_ref().take(wanted).read_to_end(&mut chunk)?;
        chunk.resize(length, 0);
        Ok(Some((chunk, self.left == 0)))
    }
}

/// Takes a message apart as it is decrypted, chunk by chunk.
#[derive(Default)]
struct Frame {
    topic: Option<String>,
    length: u64,
    left: u64,
}

impl Frame {
    fn take(&mut self, chunk: &[u8], out: &mut impl Write) -> Result<(), NotOpened> {
        let mut rest = chunk;
        if self.topic.is_none() {
            // The frame is in the first chunk: a topic is much shorter.
            let (topic_length, after) = chunk.split_first_chunk().ok_or(NotOpened)?;
            let topic_length = usize::from(u16::from_be_bytes(*topic_length));
            let (topic, after) = after.split_at_checked(topic_length).ok_or(NotOpened)?;
            let (length, after) = after.split_first_chunk().ok_or(NotOpened)?;
            let topic = std::str::from_utf8(topic).map_err(|_| NotOpened)?;
            if topic.len() > limits::TOPIC_BYTES {
                return Err(NotOpened);
            }
            self.topic = Some(topic.to_owned());
            self.length = u64::from_be_bytes(*length);
            self.left = self.length;
            rest = after;
        }
        let of_body = usize::try_from(self.left).map_or(rest.len(), |left| left.min(rest.len()));
        let (body, padding) = rest.split_at(of_body);
        out.write_all(body).map_err(|_| NotOpened)?;
        self.left = self.left.saturating_sub(body.len() as u64);
        if padding.iter().any(|byte| *byte != 0) {
            return Err(NotOpened);
        }
        Ok(())
    }

    fn finish(self) -> Result<(String, u64), NotOpened> {
        if self.left > 0 {
            return Err(NotOpened);
        }
        Ok((self.topic.ok_or(NotOpened)?, self.length))
    }
}

/// Writes, and hashes and counts what is written.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    length: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.length = self.length.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
