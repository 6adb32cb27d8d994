//! A run of the tests: its tasks, submitted, waited for and opened.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anchorhold_client::requester::{PartyRequest, SignedTask, TaskRequest};
use anchorhold_client::{Client, TaskStatus};
use anchorhold_model::layout::{ClosingEnding, Outcome};
use anchorhold_model::{Digest, Limits, RunId, Seat, TaskId};
use serde_json::json;

use crate::network::{ORGANIZATIONS, Organization, now};

/// How long a task may take in a test, before the test is told where it is.
const PATIENCE: Duration = Duration::from_secs(120);

/// A run that was asked for.
#[derive(Clone)]
pub struct Requested {
    /// A client that is signed in as the requester.
    pub client: Arc<Client>,
    /// The run.
    pub run: RunId,
    /// The algorithm.
    pub digest: Digest,
    parties: &'static [Organization],
    ordinal: u32,
}

impl Requested {
    pub(crate) fn new(
        client: Arc<Client>,
        run: RunId,
        digest: Digest,
        parties: &'static [Organization],
    ) -> Self {
        Self { client, run, digest, parties, ordinal: 0 }
    }

    /// Describes the next task of the run, among all members.
    pub fn next(&mut self, arguments: &str, datasets: &[&str]) -> TaskRequest {
        let party = |one: &Organization| PartyRequest {
            statement: one.statement.clone(),
            role: "party".into(),
            datasets: datasets.iter().map(|name| (*name).to_owned()).collect(),
            arguments: arguments.as_bytes().to_vec(),
        };
        let ordinal = self.ordinal;
        self.ordinal += 1;
        let now = now();
        TaskRequest {
            run: self.run,
            ordinal,
            digest: self.digest,
            parties: self.parties.iter().map(party).collect(),
            limits: Limits::default(),
            created: now,
            deadline: now + 600,
        }
    }

    /// Signs a task and brings it to the server.
    pub async fn submit(&self, request: &TaskRequest) -> TaskId {
        let signed: SignedTask = ORGANIZATIONS[0].requester().sign_task(request);
        signed.submit(&self.client).await.expect("the server takes it");
        signed.id()
    }

    /// Waits until a task has ended for all parties.
    pub async fn wait(&self, task: TaskId) -> TaskStatus {
        self.wait_for(task, |status| status.state.is_final()).await
    }

    /// Waits until a task is as it is wanted.
    pub async fn wait_for(&self, task: TaskId, wanted: impl Fn(&TaskStatus) -> bool) -> TaskStatus {
        let began = SystemTime::now();
        loop {
            // The server may just be away.
            if let Ok(status) = self.client.task(&task).await {
                if wanted(&status) {
                    return status;
                }
                let elapsed = began.elapsed().unwrap_or_default();
                assert!(elapsed < PATIENCE, "the task does not end: {status:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Opens the outcomes of all parties, in the order of their seats; none where there is none.
    pub async fn outcomes(&self, request: &TaskRequest, task: TaskId) -> Vec<Option<Outcome>> {
        let requester = ORGANIZATIONS[0].requester();
        let mut outcomes = Vec::new();
        for (seat, party) in (0..).map(Seat).zip(&request.parties) {
            outcomes
                .push(requester.result(&self.client, task, (seat, &party.statement)).await.ok());
        }
        outcomes
    }

    /// Runs a task among all members and returns how it ended for each.
    pub async fn task(&mut self, arguments: &str, datasets: &[&str]) -> Vec<Option<Outcome>> {
        let request = self.next(arguments, datasets);
        let task = self.submit(&request).await;
        self.wait(task).await;
        self.outcomes(&request, task).await
    }

    /// Closes the run.
    pub async fn close(&self) {
        let end = ORGANIZATIONS[0].requester().sign_run_end(self.run, self.ordinal);
        self.client.close_run(&end).await.expect("its tasks have ended");
    }
}

/// Returns the arguments of a sum of the members' ages.
pub fn sum_arguments() -> String {
    json!({ "columns": [{ "name": "age", "minimum": 0, "maximum": 120 }] }).to_string()
}

/// Expects that a party finished, and returns its result.
pub fn result(outcome: &Option<Outcome>) -> &[u8] {
    let outcome = outcome.as_ref().expect("it was told");
    assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
    &outcome.result
}

/// Expects that a party did not finish, and returns the kind and the sentence.
pub fn failure(outcome: &Option<Outcome>) -> (&str, &str) {
    let outcome = outcome.as_ref().expect("it was told");
    assert_ne!(outcome.ending, ClosingEnding::Finished);
    (&outcome.kind, &outcome.text)
}
