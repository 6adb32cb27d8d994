//! Measures sealing and opening, each beside plain AES-256-GCM of the same size in the same run.

#[path = "cell/table.rs"]
mod table;

use std::io::Cursor;
use std::time::Duration;

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Tag};
use anchorhold_identity::{OrganizationKey, RootKey, Statement};
use anchorhold_model::layout::Content;
use anchorhold_model::{Seat, TaskId};
use anchorhold_seal::{Channel, Pair, Place};

use table::{compare, header, timed};

/// Sizes of a message and how often each is measured at once.
const SIZES: [(&str, usize, u64); 4] = [
    ("64 B", 64, 5_000),
    ("16 KiB", 16 << 10, 1_000),
    ("1 MiB", 1 << 20, 50),
    ("64 MiB", 64 << 20, 1),
];

fn main() {
    let (north, south) = (Organization::new("North"), Organization::new("South"));
    let pair =
        Pair { task: TaskId::from_bytes([1; 32]), sender: north.at(0), receiver: south.at(1) };
    let (channel, grant) = Channel::grant(&pair, &north.key);
    let wrapped = south.key.encryption().wrap(&[7; 32]);

    header("sealing; the floor is AES-256-GCM in place");
    for (name, size, times) in SIZES {
        let body = vec![7; size];
        let sealed = seal(&channel, 0, &body);
        let ours = |n: u64| timed(|| (0..n).for_each(|number| drop(seal(&channel, number, &body))));
        compare(&format!("sealed, {name}"), times, ours, |n| encrypt(n, size));
        let ours = |n: u64| timed(|| (0..n).for_each(|_| open(&channel, &sealed)));
        compare(&format!("opened, {name}"), times, ours, |n| decrypt(n, size));
    }
    header("grants; the floor is the RSA operation alone, 4096 bits");
    let accept = || Channel::accept(&pair, &grant, &south.key).expect("it is the pair's");
    let ours = |n: u64| timed(|| (0..n).for_each(|_| drop(accept())));
    let open = || south.key.open(&wrapped).expect("it was wrapped to this key");
    compare("accepted", 10, ours, |n| timed(|| (0..n).for_each(|_| drop(open()))));
}

struct Organization {
    statement: Statement,
    key: OrganizationKey,
}

impl Organization {
    fn new(name: &str) -> Self {
        let key = OrganizationKey::generate(anchorhold_identity::RSA_BITS);
        Self { statement: RootKey::generate().state(name, 1, &key, (0, u64::MAX)), key }
    }

    fn at(&self, seat: u32) -> Place<'_> {
        Place { seat: Seat(seat), statement: &self.statement }
    }
}

fn seal(channel: &Channel, number: u64, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 8 + 1_024);
    let sealed = channel.seal((Content::Message, number), "bench", Cursor::new(body), &mut out);
    sealed.expect("there is room");
    out
}

fn open(channel: &Channel, envelope: &[u8]) {
    let mut out = Vec::with_capacity(envelope.len());
    let opened = channel.open((Content::Message, 0), envelope, &mut out);
    opened.expect("it was sealed just now");
    std::hint::black_box(out);
}

fn cipher() -> Aes256Gcm {
    Aes256Gcm::new(&[1; 32].into())
}

fn encrypt(n: u64, size: usize) -> Duration {
    let mut buffer = vec![7; size];
    let cipher = cipher();
    timed(|| {
        for _ in 0..n {
            let tag = cipher.encrypt_inout_detached(&[0; 12].into(), b"", (&mut buffer[..]).into());
            std::hint::black_box(tag.expect("it is short"));
        }
    })
}

fn decrypt(n: u64, size: usize) -> Duration {
    let cipher = cipher();
    let mut sealed = vec![7; size];
    let tag: Tag = cipher
        .encrypt_inout_detached(&[0; 12].into(), b"", (&mut sealed[..]).into())
        .expect("it is short");
    // Opening it needs it sealed each time: the copies are not counted.
    (0..n)
        .map(|_| {
            let mut buffer = sealed.clone();
            timed(|| {
                let opened = cipher.decrypt_inout_detached(
                    &[0; 12].into(),
                    b"",
                    (&mut buffer[..]).into(),
                    &tag,
                );
                opened.expect("it was sealed just now");
            })
        })
        .sum()
}
