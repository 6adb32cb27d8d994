//! Which key is derived from which.

use anchorhold_model::Seat;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::channel::Pair;

pub(crate) type Key = Zeroizing<[u8; 32]>;

/// The cipher suite: RSA-OAEP-SHA256, HKDF-SHA256, AES-256-GCM.
const SUITE: u8 = 1;
const TRANSCRIPT: &[u8] = b"anchorhold/1 grant-transcript\0";
const SALT: &[u8] = b"anchorhold/1 salt\0";
const MESSAGE: &[u8] = b"anchorhold/1 message\0";
const COMMIT: &[u8] = b"anchorhold/1 commit\0";
const BODY: &[u8] = b"anchorhold/1 body\0";

/// Returns `T`, the hash of all that a grant is for.
pub(crate) fn transcript(pair: &Pair<'_>) -> [u8; 32] {
    let seat = |Seat(seat): Seat| seat.to_be_bytes();
    Sha256::new()
        .chain_update(TRANSCRIPT)
        .chain_update([SUITE])
        .chain_update(pair.task.as_bytes())
        .chain_update(seat(pair.sender.seat))
        .chain_update(seat(pair.receiver.seat))
        .chain_update(pair.sender.statement.hash())
        .chain_update(pair.receiver.statement.hash())
        .finalize()
        .into()
}

/// Returns `K`, the key of a channel.
pub(crate) fn channel(transcript: &[u8; 32], secret: &[u8; 32]) -> Key {
    let (key, _) = Hkdf::<Sha256>::extract(Some(transcript), secret);
    Zeroizing::new(key.into())
}

/// Returns the salt of a message: the same for the same header and content.
pub(crate) fn salt(channel: &Key, header: &[u8; 32], content: &[u8; 32]) -> [u8; 32] {
    let key = expand(channel, &[SALT]);
    let mac = Hmac::<Sha256>::new_from_slice(&*key).expect("HMAC takes a key of any length");
    mac.chain_update(header).chain_update(content).finalize().into_bytes().into()
}

/// The keys of one message.
pub(crate) struct MessageKeys {
    /// What the envelope shows, so that it opens under this key alone.
    pub(crate) commitment: [u8; 32],
    /// The key of AES-256-GCM.
    pub(crate) body: Key,
}

impl MessageKeys {
    pub(crate) fn new(channel: &Key, header: &[u8; 32], salt: &[u8; 32]) -> Self {
        let message = expand(channel, &[MESSAGE, header, salt]);
        Self { commitment: *expand(&message, &[COMMIT]), body: expand(&message, &[BODY]) }
    }
}

fn expand(key: &Key, info: &[&[u8]]) -> Key {
    let mut out = Zeroizing::new([0; 32]);
    let hkdf = Hkdf::<Sha256>::from_prk(&**key).expect("it is as long as a hash");
    hkdf.expand_multi_info(info, &mut *out).expect("32 bytes are few");
    out
}
