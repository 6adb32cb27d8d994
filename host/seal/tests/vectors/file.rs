//! The file of the test vectors.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anchorhold_identity::{
    Fingerprint, OrganizationFolder, OrganizationKey, Passphrase, Statement,
};
use anchorhold_model::layout::{ClosingEnding, Content};
use anchorhold_model::{Seat, TaskId};
use anchorhold_seal::{Channel, Pair, Place};
use serde::{Deserialize, Serialize};

/// The passphrase of the vectors' key files.
pub const PASSPHRASE: &str = "vectors";
/// The files of an organization's key, in the vectors' order.
pub const FILES: [&str; 3] = ["statement.pem", "signing.pem", "encryption.pem"];
/// What content a number stands for.
pub const CONTENTS: [Content; 5] =
    [Content::Message, Content::Arguments, Content::Result, Content::Closing, Content::Progress];
/// What ending a number stands for.
pub const ENDINGS: [ClosingEnding; 3] =
    [ClosingEnding::Finished, ClosingEnding::Failed, ClosingEnding::Refused];

#[derive(Serialize, Deserialize)]
pub struct Vectors {
    pub passphrase: String,
    pub organizations: Vec<Organization>,
    pub statements: Vec<StatementVector>,
    pub grants: Vec<GrantVector>,
    pub envelopes: Vec<EnvelopeVector>,
    pub closings: Vec<ClosingVector>,
    pub rolling: RollingVector,
}

/// An organization with the files of its first key.
#[derive(Serialize, Deserialize)]
pub struct Organization {
    pub fingerprint: Fingerprint,
    pub files: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct StatementVector {
    pub what: String,
    pub organization: usize,
    pub pin: Fingerprint,
    pub mutation: Mutation,
    pub valid: bool,
}

#[derive(Serialize, Deserialize)]
pub struct GrantVector {
    pub what: String,
    pub task: TaskId,
    pub sender: (u32, usize),
    pub receiver: (u32, usize),
    pub bytes: String,
    pub mutation: Mutation,
    pub valid: bool,
}

#[derive(Serialize, Deserialize)]
pub struct EnvelopeVector {
    pub what: String,
    /// The grant that it is sealed under, and expected under, by its place in the list.
    pub grant: usize,
    pub content: u8,
    pub sequence: u64,
    pub topic: String,
    /// The body: bytes that count up from 0 and begin anew after 250.
    pub length: u64,
    /// The envelope; empty where it is that of another vector.
    pub bytes: String,
    /// That other vector, by its place in the list.
    pub of: Option<usize>,
    pub mutation: Mutation,
    pub valid: bool,
}

#[derive(Serialize, Deserialize)]
pub struct ClosingVector {
    pub what: String,
    pub organization: usize,
    pub task: TaskId,
    pub sender: u32,
    pub receiver: u32,
    pub messages: u64,
    pub rolling: String,
    pub ending: u8,
    pub bytes: String,
    pub mutation: Mutation,
    pub valid: bool,
}

/// The rolling hash over the valid envelopes in their order.
#[derive(Serialize, Deserialize)]
pub struct RollingVector {
    pub count: u64,
    pub hash: String,
}

/// What is done to the bytes before they are read.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mutation {
    None,
    /// The lowest bit of this byte is flipped; negative positions count from the end.
    Flip(isize),
    /// Only so many bytes are left; negative numbers count from the end.
    Cut(isize),
    /// A zero is appended.
    Append,
    /// The first two chunks of an envelope change places.
    Swap,
}

impl Mutation {
    pub fn apply(self, bytes: &[u8]) -> Vec<u8> {
        let position = |at: isize| {
            if at < 0 { bytes.len() - at.unsigned_abs() } else { at.unsigned_abs() }
        };
        let mut bytes_out = bytes.to_vec();
        match self {
            Self::None => {}
            Self::Flip(at) => bytes_out[position(at)] ^= 1,
            Self::Cut(at) => bytes_out.truncate(position(at)),
            Self::Append => bytes_out.push(0),
            Self::Swap => {
                const PREFIX: usize = 95 + 64;
                const CHUNK: usize = (64 << 10) + 16;
                let (first, second) = bytes_out[PREFIX..PREFIX + 2 * CHUNK].split_at_mut(CHUNK);
                first.swap_with_slice(second);
            }
        }
        bytes_out
    }
}

/// An organization as its node has it.
pub struct Known {
    pub statement: Statement,
    pub key: OrganizationKey,
}

impl Organization {
    pub fn known(&self) -> Known {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("1")).unwrap();
        for (name, text) in FILES.iter().zip(&self.files) {
            let path = folder.path().join("1").join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let folder = OrganizationFolder::new(folder.path());
        let statement = folder.current().unwrap();
        let key = folder.key(&statement, &Passphrase::new(PASSPHRASE).unwrap()).unwrap();
        Known { statement, key }
    }
}

impl GrantVector {
    pub fn pair<'a>(&self, known: &'a [Known]) -> Pair<'a> {
        let place = |(seat, organization): (u32, usize)| Place {
            seat: Seat(seat),
            statement: &known[organization].statement,
        };
        let (sender, receiver) = (place(self.sender), place(self.receiver));
        Pair { task: self.task, sender, receiver }
    }

    pub fn accept(&self, known: &[Known]) -> Option<Channel> {
        let bytes = self.mutation.apply(&unhex(&self.bytes));
        Channel::accept(&self.pair(known), &bytes, &known[self.receiver.1].key).ok()
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(pair).collect()
}

pub fn body(length: u64) -> Vec<u8> {
    (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect()
}
