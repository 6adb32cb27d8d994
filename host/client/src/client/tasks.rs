//! Tasks, the arguments that are sealed for their parties, and the sealed results.

use std::fmt;

use anchorhold_identity::{Fingerprint, Signed, signed_hash};
use anchorhold_model::layout::{Decoder, Encoder, Layout as _, Malformed, TaskManifest};
use anchorhold_model::{
    CollaborationId, Digest, ExecutionState, Report, RunId, Seat, TaskId, limits,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::Client;
use crate::error::ClientError;

/// The largest sealed result that is read with its grant: a server lets a party send no more.
const RESULT_BYTES: usize = 97 << 20;
/// The largest answer with reports of progress: one of each party.
const REPORTS_BYTES: usize = limits::PARTIES * 3 * limits::REPORT_BYTES;

/// A task as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatus {
    /// Its id.
    pub id: TaskId,
    /// The run to which it belongs.
    pub run: RunId,
    /// Its ordinal in the run.
    pub ordinal: u32,
    /// The collaboration in which it is.
    pub collaboration: CollaborationId,
    /// Who asked for it.
    pub requester: Fingerprint,
    /// The algorithm.
    pub algorithm: Digest,
    /// The algorithm's `name@version`, as whoever uploaded it said.
    pub algorithm_name: String,
    /// When it was created, in seconds after 1970.
    pub created: u64,
    /// Until when it must be over, in seconds after 1970.
    pub deadline: u64,
    /// Where it is.
    pub state: TaskState,
    /// Whether the requester killed it.
    pub killed: bool,
    /// How many reports of progress came: where it changes, there is a new one.
    #[serde(default)]
    pub progress: u64,
    /// The executions of its parties, in the order of their seats.
    pub executions: Vec<ExecutionStatus>,
}

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// Not all arguments are there.
    Preparing,
    /// Some execution has not ended.
    Running,
    /// All executions finished.
    Finished,
    /// All executions ended, and not all finished.
    Failed,
}

/// A party's execution as the server tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionStatus {
    /// The seat.
    pub seat: Seat,
    /// The organization.
    pub organization: Fingerprint,
    /// The role.
    pub role: String,
    /// Where it is.
    pub state: ExecutionState,
    /// The kind of ending or of refusal, where it was told in clear.
    pub kind: String,
    /// Whether its sealed result is there.
    pub result: bool,
}

/// A grant, and an envelope that is sealed under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedParcel {
    /// The grant.
    pub grant: Vec<u8>,
    /// The envelope.
    pub envelope: Vec<u8>,
}

impl SealedParcel {
    fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.bytes(&self.grant).bytes(&self.envelope);
        encoder.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new("sealed result", bytes);
        let grant = decoder.bytes(bytes.len())?.to_vec();
        let envelope = decoder.bytes(bytes.len())?.to_vec();
        decoder.finish()?;
        Ok(Self { grant, envelope })
    }
}

impl TaskState {
    /// Says whether nothing follows it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Failed)
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Client {
    /// Adds a task to its run. It waits for the arguments. To do it again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_task(&self, task: &Signed<TaskManifest>) -> Result<TaskStatus, ClientError> {
        let answer = self.send_bytes(Method::POST, "/v1/tasks", task.encode()).await?;
        let status: TaskStatus = self.json(&answer)?;
        self.about(&TaskId::from_bytes(task.hash()), &status.id)?;
        Ok(status)
    }

    /// Brings the sealed arguments of a party. When all have theirs, the task begins. To bring the
    /// same again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_arguments(
        &self,
        task: &TaskId,
        seat: Seat,
        arguments: &SealedParcel,
    ) -> Result<(), ClientError> {
        let path = format!("/v1/tasks/{task}/arguments/{seat}");
        self.send_bytes(Method::PUT, &path, arguments.encode()).await.map(|_| ())
    }

    /// Lists tasks of the caller's organization, of one run or all, the newest first.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn tasks(&self, run: Option<&RunId>) -> Result<Vec<TaskStatus>, ClientError> {
        let path = run.map_or("/v1/tasks".into(), |run| format!("/v1/tasks?run={run}"));
        let list: List = self.get(&path).await?;
        Ok(list.tasks)
    }

    /// Returns what the server knows of a task.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses, or does not know it.
    pub async fn task(&self, id: &TaskId) -> Result<TaskStatus, ClientError> {
        let status: TaskStatus = self.get(&format!("/v1/tasks/{id}")).await?;
        self.about(id, &status.id)?;
        Ok(status)
    }

    /// Returns what a task is: what its requester signed, and the id is the hash of.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses, or shows another than it was asked for.
    pub async fn manifest(&self, id: &TaskId) -> Result<TaskManifest, ClientError> {
        let path = format!("/v1/tasks/{id}/manifest");
        let bytes = self.get_bytes(&path, limits::SIGNED_BYTES).await?;
        read_manifest(id, &bytes).map_err(|problem| self.not_a_server(problem))
    }

    /// Returns the newest sealed reports of progress of the parties whose executions have not ended.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn progress(&self, task: &TaskId) -> Result<Vec<(Seat, Report)>, ClientError> {
        let path = format!("/v1/tasks/{task}/progress");
        let bytes = self.get_bytes(&path, REPORTS_BYTES).await?;
        Report::decode_all(&bytes).map_err(|error| self.not_a_server(error.to_string()))
    }

    /// Returns the sealed result of a party.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses, or does not have it: that has the kind `no-result`.
    pub async fn result(&self, task: &TaskId, seat: Seat) -> Result<SealedParcel, ClientError> {
        let path = format!("/v1/tasks/{task}/results/{seat}");
        let bytes = self.get_bytes(&path, RESULT_BYTES).await?;
        SealedParcel::decode(&bytes).map_err(|error| self.not_a_server(error.to_string()))
    }

    /// Ends the executions of a task. To do it again changes nothing.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn kill(&self, id: &TaskId) -> Result<TaskStatus, ClientError> {
        let status: TaskStatus = self.post(&format!("/v1/tasks/{id}/kill"), None::<&()>).await?;
        self.about(id, &status.id)?;
        Ok(status)
    }
}

fn read_manifest(id: &TaskId, bytes: &[u8]) -> Result<TaskManifest, String> {
    if signed_hash(TaskManifest::KIND, bytes) != *id.as_bytes() {
        return Err(format!("its manifest of task {id} is another task's"));
    }
    TaskManifest::decode(bytes).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct List {
    tasks: Vec<TaskStatus>,
}

#[cfg(test)]
mod tests {
    use anchorhold_model::Limits;

    use super::*;

    #[test]
    fn a_manifest_is_what_its_id_is_the_hash_of() {
        let manifest = TaskManifest {
            run: RunId::from_bytes([1; 32]),
            ordinal: 0,
            digest: Digest::of(b"component"),
            requester: [2; 32],
            parties: Vec::new(),
            limits: Limits::default(),
            created: 1,
            deadline: 2,
        };
        let bytes = manifest.encode();
        let id = TaskId::from_bytes(signed_hash(TaskManifest::KIND, &bytes));
        assert_eq!(read_manifest(&id, &bytes), Ok(manifest.clone()));
        let other = TaskManifest { ordinal: 1, ..manifest }.encode();
        let problem = read_manifest(&id, &other).expect_err("it is another one");
        assert!(problem.contains("another task's"), "{problem}");
    }

    #[test]
    fn a_parcel_survives_its_bytes_and_nothing_may_follow() {
        let parcel = SealedParcel { grant: vec![1; 3], envelope: vec![2; 5] };
        let mut bytes = parcel.encode();
        assert_eq!(SealedParcel::decode(&bytes), Ok(parcel));
        SealedParcel::decode(&bytes[..bytes.len() - 1]).expect_err("it is cut");
        bytes.push(0);
        SealedParcel::decode(&bytes).expect_err("more follows");
    }
}
