//! Grants: how a sender gives a receiver the key of a channel.
//!
//! A grant is the signed `T || SHA-256(W)` and then `W`, its length before it, where `T` is the hash
//! of all that the grant is for and `W` the secret, encrypted to the receiver's RSA key. The
//! receiver computes `T` itself and checks the signature before it uses its RSA key.

use anchorhold_identity::{OrganizationKey, Signed};
use anchorhold_model::layout::{Decoder, Encoder, Grant, Kind};
use anchorhold_model::limits;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::NotOpened;
use crate::channel::Pair;
use crate::schedule::transcript;

/// The parts of a grant that both sides know in the end.
pub(crate) struct Granted {
    pub(crate) transcript: [u8; 32],
    pub(crate) secret: Zeroizing<[u8; 32]>,
    /// What envelopes name it by.
    pub(crate) hash: [u8; 32],
}

/// Makes a grant with a fresh secret, and returns its bytes.
pub(crate) fn make(pair: &Pair<'_>, key: &OrganizationKey) -> (Granted, Vec<u8>) {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).expect("the operating system has random numbers");
    let wrapped = pair.receiver.statement.encryption().wrap(&secret);
    let transcript = transcript(pair);
    let signed = key.sign(Grant { transcript, wrapped: Sha256::digest(&wrapped).into() });
    let mut encoder = Encoder::default();
    encoder.bytes(&signed.encode()).bytes(&wrapped);
    (Granted { transcript, secret, hash: signed.hash() }, encoder.finish())
}

/// Opens a grant.
pub(crate) fn open(
    pair: &Pair<'_>,
    grant: &[u8],
    key: &OrganizationKey,
) -> Result<Granted, NotOpened> {
    let mut decoder = Decoder::new(Kind::Grant.name(), grant);
    let signed = decoder.bytes(limits::SIGNED_BYTES).map_err(|_| NotOpened)?;
    let wrapped = decoder.bytes(limits::PUBLIC_KEY_BYTES).map_err(|_| NotOpened)?;
    decoder.finish().map_err(|_| NotOpened)?;
    let signing = pair.sender.statement.signing();
    let signed = Signed::<Grant>::verify(signed, signing).map_err(|_| NotOpened)?;
    let transcript = transcript(pair);
    let expected = Grant { transcript, wrapped: Sha256::digest(wrapped).into() };
    if *signed.value() != expected {
        return Err(NotOpened);
    }
    let secret = key.open(wrapped).ok_or(NotOpened)?;
    Ok(Granted { transcript, secret, hash: signed.hash() })
}
