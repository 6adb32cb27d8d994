//! What a requester does: it signs runs and tasks, seals each party's arguments, and opens the
//! results.
//!
//! **Parties**: the requester, at the seat [`REQUESTER`], and the parties of the task. **Messages**:
//! to each party one grant and one envelope with its arguments, and from each party one grant, some
//! envelopes that say how far it is, and one with its outcome; all pass through the server, which
//! keeps of the former the newest.
//!
//! **Assumes** that the fingerprints that the statements were checked against are the right ones.
//! **Leaks** to the server who computes what with whom, until when, under which limits, and the
//! padded sizes of arguments and results, and when a party tells how far it is. **Does not protect** against a party that returns another
//! result than it computed.

use std::io::Cursor;

use anchorhold_identity::{OrganizationKey, Signed, Statement};
use anchorhold_model::layout::{
    Content, Malformed, Outcome, REQUESTER, RunEnd, RunManifest, TaskManifest, TaskParty,
};
use anchorhold_model::{CollaborationId, Digest, Limits, Progress, Report, RunId, Seat, TaskId};
use anchorhold_seal::{Channel, NotOpened, Pair, Place};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::client::{Client, SealedParcel, TaskStatus};
use crate::error::ClientError;

/// What a commitment to arguments is over, before them.
const ARGUMENTS_DOMAIN: &[u8] = b"anchorhold/1 arguments\0";

/// An organization that asks for tasks.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// Its key statement.
    pub statement: &'a Statement,
    /// The private keys of that statement.
    pub key: &'a OrganizationKey,
}

/// A task that is asked for: what its manifest says.
#[derive(Debug, Clone)]
pub struct TaskRequest {
    /// The run.
    pub run: RunId,
    /// The ordinal in the run, from 0.
    pub ordinal: u32,
    /// The algorithm.
    pub digest: Digest,
    /// The parties in the order of their seats.
    pub parties: Vec<PartyRequest>,
    /// What bounds each execution.
    pub limits: Limits,
    /// When it is created, in seconds after 1970.
    pub created: u64,
    /// Until when it must be over, in seconds after 1970.
    pub deadline: u64,
}

/// A party of a task that is asked for.
#[derive(Clone)]
pub struct PartyRequest {
    /// Its current key statement, checked against its pinned fingerprint.
    pub statement: Statement,
    /// The role that it plays.
    pub role: String,
    /// The names of the datasets that it is to grant.
    pub datasets: Vec<String>,
    /// Its arguments: JSON text.
    pub arguments: Vec<u8>,
}

/// A signed task and the arguments sealed for its parties, in the order of their seats.
#[derive(Debug, Clone)]
pub struct SignedTask {
    manifest: Signed<TaskManifest>,
    arguments: Vec<SealedParcel>,
}

/// Why a result cannot be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultError {
    /// The server is away, refuses or does not have it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It is not what the party sealed for this requester, task and seat, or was changed.
    #[error(
        "the result of seat {seat} cannot be opened: it is not sealed for this requester and task, was changed, or a key was changed meanwhile"
    )]
    NotOpened {
        /// Whose it should be.
        seat: Seat,
        /// What seal says.
        source: NotOpened,
    },
    /// The party sealed what is no outcome.
    #[error("what seat {seat} sealed is no result")]
    Malformed {
        /// Whose it is.
        seat: Seat,
        /// What is wrong with it.
        source: Malformed,
    },
}

impl Requester<'_> {
    /// Signs a run, between two times in seconds after 1970.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub fn sign_run(
        &self,
        collaboration: &CollaborationId,
        digests: Vec<Digest>,
        (created, expires): (u64, u64),
    ) -> Signed<RunManifest> {
        self.key.sign(RunManifest {
            collaboration: *collaboration.as_bytes(),
            requester: *self.statement.organization().as_bytes(),
            statement: self.statement.hash(),
            digests,
            created,
            expires,
            nonce: *random(),
        })
    }

    /// Signs the end of a run with so many tasks.
    pub fn sign_run_end(&self, run: RunId, tasks: u32) -> Signed<RunEnd> {
        self.key.sign(RunEnd { run, tasks })
    }

    /// Commits to the arguments of each party, signs the task and seals the arguments.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers, or there are 2^32 parties.
    pub fn sign_task(&self, request: &TaskRequest) -> SignedTask {
        let keys: Vec<_> = request.parties.iter().map(|_| random()).collect();
        let party = |(party, key): (&PartyRequest, &Zeroizing<[u8; 32]>)| TaskParty {
            organization: *party.statement.organization().as_bytes(),
            statement: party.statement.hash(),
            role: party.role.clone(),
            datasets: party.datasets.clone(),
            arguments: commitment(key, &party.arguments),
        };
        let manifest = self.key.sign(TaskManifest {
            run: request.run,
            ordinal: request.ordinal,
            digest: request.digest,
            requester: self.statement.hash(),
            parties: request.parties.iter().zip(&keys).map(party).collect(),
            limits: request.limits.clone(),
            created: request.created,
            deadline: request.deadline,
        });
        let task = TaskId::from_bytes(manifest.hash());
        let parties = (0..).map(Seat).zip(request.parties.iter().zip(&keys));
        let arguments =
            parties.map(|(seat, (party, key))| self.seal_arguments(task, seat, party, key));
        SignedTask { arguments: arguments.collect(), manifest }
    }

    fn seal_arguments(
        &self,
        task: TaskId,
        seat: Seat,
        party: &PartyRequest,
        key: &[u8; 32],
    ) -> SealedParcel {
        let receiver = Place { seat, statement: &party.statement };
        let pair = Pair { task, sender: self.place(), receiver };
        let (channel, grant) = Channel::grant(&pair, self.key);
        let body = Zeroizing::new([&key[..], &party.arguments].concat());
        let mut envelope = Vec::new();
        let sealed = channel.seal((Content::Arguments, 0), "", Cursor::new(&*body), &mut envelope);
        sealed.expect("memory can be read and written");
        SealedParcel { grant, envelope }
    }

    /// Opens what a party sealed for this requester at its end.
    ///
    /// # Errors
    ///
    /// Where it is not that party's for this task and seat, was changed, or is no outcome.
    pub fn open_result(
        &self,
        task: TaskId,
        (seat, statement): (Seat, &Statement),
        parcel: &SealedParcel,
    ) -> Result<Outcome, ResultError> {
        let SealedParcel { grant, envelope } = parcel;
        let place = Place { seat, statement };
        let body = self.open((task, place), grant, (Content::Result, 0), envelope);
        let body = body.map_err(|source| ResultError::NotOpened { seat, source })?;
        Outcome::decode(&body).map_err(|source| ResultError::Malformed { seat, source })
    }

    /// Opens a party's report of how far it is. It may be older than one that was there before: its
    /// number says so. None where it is not that party's for this task, seat and number, was changed,
    /// or is no progress.
    pub fn open_report(
        &self,
        task: TaskId,
        (seat, statement): (Seat, &Statement),
        report: &Report,
    ) -> Option<Progress> {
        let Report { number, grant, envelope } = report;
        let place = Place { seat, statement };
        let body = self.open((task, place), grant, (Content::Progress, *number), envelope);
        Progress::decode(&body.ok()?).ok()
    }

    /// Opens one envelope of a party.
    fn open(
        &self,
        (task, sender): (TaskId, Place<'_>),
        grant: &[u8],
        content: (Content, u64),
        envelope: &[u8],
    ) -> Result<Vec<u8>, NotOpened> {
        let pair = Pair { task, sender, receiver: self.place() };
        let channel = Channel::accept(&pair, grant, self.key)?;
        let mut body = Vec::new();
        channel.open(content, envelope, &mut body)?;
        Ok(body)
    }

    /// Fetches a party's result and opens it.
    ///
    /// # Errors
    ///
    /// As [`Client::result`] and [`Requester::open_result`].
    pub async fn result(
        &self,
        client: &Client,
        task: TaskId,
        (seat, statement): (Seat, &Statement),
    ) -> Result<Outcome, ResultError> {
        let parcel = client.result(&task, seat).await?;
        self.open_result(task, (seat, statement), &parcel)
    }

    fn place(&self) -> Place<'_> {
        Place { seat: REQUESTER, statement: self.statement }
    }
}

impl SignedTask {
    /// Returns the task's id.
    pub fn id(&self) -> TaskId {
        TaskId::from_bytes(self.manifest.hash())
    }

    /// Returns the signed manifest.
    pub fn manifest(&self) -> &Signed<TaskManifest> {
        &self.manifest
    }

    /// Returns the sealed arguments, in the order of the seats.
    pub fn arguments(&self) -> &[SealedParcel] {
        &self.arguments
    }

    /// Brings the task and the arguments to the server. To do it again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses. Then the task does not begin.
    pub async fn submit(&self, client: &Client) -> Result<TaskStatus, ClientError> {
        client.add_task(&self.manifest).await?;
        let id = self.id();
        for (seat, arguments) in (0..).map(Seat).zip(&self.arguments) {
            client.add_arguments(&id, seat, arguments).await?;
        }
        client.task(&id).await
    }
}

impl std::fmt::Debug for PartyRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { statement, role, datasets, arguments } = self;
        write!(f, "PartyRequest({statement:?}, {role:?}, {datasets:?}, {} bytes)", arguments.len())
    }
}

/// Returns what a manifest has of a party's arguments: HMAC-SHA256 under a key that travels sealed
/// with them, since small arguments could be guessed from a plain hash.
pub fn commitment(key: &[u8; 32], arguments: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(ARGUMENTS_DOMAIN);
    mac.update(arguments);
    mac.finalize().into_bytes().into()
}

fn random() -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).expect("the operating system has random numbers");
    bytes
}

#[cfg(test)]
mod tests;
