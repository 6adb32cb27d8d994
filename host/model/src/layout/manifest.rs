//! What the requester signs: who computes what, with whom and until when.

use super::{Decoder, Encoder, Kind, Layout, Malformed};
use crate::{Digest, Limits, RunId, limits};

/// Defines a run. Its id is the hash of the signed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunManifest {
    /// The collaboration in which it is.
    pub collaboration: [u8; 32],
    /// The fingerprint of the requester's organization.
    pub requester: [u8; 32],
    /// The hash of the requester's key statement.
    pub statement: [u8; 32],
    /// The algorithms that it may use.
    pub digests: Vec<Digest>,
    /// When it was created, in seconds after 1970.
    pub created: u64,
    /// Until when tasks may be added, in seconds after 1970.
    pub expires: u64,
    /// What makes it another run than any with the same contents.
    pub nonce: [u8; 32],
}

/// Defines a task. Its id is the hash of the signed bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskManifest {
    /// The run to which it belongs.
    pub run: RunId,
    /// Its ordinal in the run, from 0.
    pub ordinal: u32,
    /// The algorithm.
    pub digest: Digest,
    /// The hash of the requester's key statement.
    pub requester: [u8; 32],
    /// The parties in the order of their seats.
    pub parties: Vec<TaskParty>,
    /// What bounds each execution; a node's own bounds may be narrower.
    pub limits: Limits,
    /// When it was created, in seconds after 1970: where the clocks of executions begin.
    pub created: u64,
    /// Until when it must be over, in seconds after 1970.
    pub deadline: u64,
}

/// A party as a task's manifest has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskParty {
    /// The fingerprint of the organization.
    pub organization: [u8; 32],
    /// The hash of its key statement.
    pub statement: [u8; 32],
    /// The role that it plays.
    pub role: String,
    /// The names of the datasets that it is to grant.
    pub datasets: Vec<String>,
    /// HMAC-SHA256 of its arguments under a key that travels sealed with them: a plain hash of
    /// small arguments could be guessed.
    pub arguments: [u8; 32],
}

impl Layout for RunManifest {
    const KIND: Kind = Kind::RunManifest;

    fn write(&self, encoder: &mut Encoder) {
        encoder.raw(&self.collaboration).raw(&self.requester).raw(&self.statement);
        encoder.list(&self.digests, |encoder, digest| {
            encoder.raw(digest.as_bytes());
        });
        encoder.u64(self.created).u64(self.expires).raw(&self.nonce);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            collaboration: decoder.raw()?,
            requester: decoder.raw()?,
            statement: decoder.raw()?,
            digests: decoder.list(limits::RUN_DIGESTS, |decoder| digest(decoder))?,
            created: decoder.u64()?,
            expires: decoder.u64()?,
            nonce: decoder.raw()?,
        })
    }
}

impl Layout for TaskManifest {
    const KIND: Kind = Kind::TaskManifest;

    fn write(&self, encoder: &mut Encoder) {
        encoder.raw(self.run.as_bytes()).u32(self.ordinal).raw(self.digest.as_bytes());
        encoder.raw(&self.requester).list(&self.parties, |encoder, party| party.write(encoder));
        for number in self.limits.numbers() {
            encoder.u64(number);
        }
        encoder.u64(self.created).u64(self.deadline);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            run: RunId::from_bytes(decoder.raw()?),
            ordinal: decoder.u32()?,
            digest: digest(decoder)?,
            requester: decoder.raw()?,
            parties: decoder.list(limits::PARTIES, TaskParty::read)?,
            limits: read_limits(decoder)?,
            created: decoder.u64()?,
            deadline: decoder.u64()?,
        })
    }
}

impl TaskParty {
    fn write(&self, encoder: &mut Encoder) {
        encoder.raw(&self.organization).raw(&self.statement).text(&self.role);
        encoder.list(&self.datasets, |encoder, name| {
            encoder.text(name);
        });
        encoder.raw(&self.arguments);
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let name = |decoder: &mut Decoder<'_>| decoder.text(limits::NAME_BYTES);
        Ok(Self {
            organization: decoder.raw()?,
            statement: decoder.raw()?,
            role: name(decoder)?,
            datasets: decoder.list(limits::TASK_DATASETS, name)?,
            arguments: decoder.raw()?,
        })
    }
}

fn digest(decoder: &mut Decoder<'_>) -> Result<Digest, Malformed> {
    decoder.raw().map(Digest::from_bytes)
}

fn read_limits(decoder: &mut Decoder<'_>) -> Result<Limits, Malformed> {
    let mut numbers = Limits::default().numbers();
    for number in &mut numbers {
        *number = decoder.u64()?;
    }
    Limits::from_numbers(numbers).ok_or_else(|| decoder.malformed("a limit is too large"))
}
