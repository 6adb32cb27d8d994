//! How far the executions of a task are: as each party tells under seal.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anchorhold_client::{Client, TaskStatus};
use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::layout::TaskManifest;
use anchorhold_model::{ExecutionState, Progress, Report, Seat};

use crate::member::Member;

/// What the parties of one task tell. Nothing depends on it: what cannot be opened is left out.
#[derive(Default)]
pub(super) struct Reports {
    /// How many had come when they were last fetched and all opened that can be.
    opened: u64,
    manifest: Option<TaskManifest>,
    /// The parties' key statements; none of a party that has another key now than the task says.
    statements: BTreeMap<Seat, Option<Statement>>,
    /// The number of the report that is the next one of each seat: none may come twice.
    next: BTreeMap<Seat, u64>,
}

/// The server is away, or has not heard yet that the execution runs: the report is asked for again.
struct Later;

impl Reports {
    /// Fetches and opens what is new.
    pub(super) async fn news(
        &mut self,
        member: &Member,
        client: &Client,
        task: &TaskStatus,
    ) -> Vec<(Seat, Progress)> {
        if task.progress == self.opened || task.state.is_final() {
            return Vec::new();
        }
        let Ok(reports) = client.progress(&task.id).await else { return Vec::new() };
        let (mut news, mut all) = (Vec::new(), true);
        for (seat, report) in reports {
            match self.open(member, client, task, (seat, &report)).await {
                Ok(Some(progress)) => {
                    self.next.insert(seat, report.number.saturating_add(1));
                    news.push((seat, progress));
                }
                Ok(None) => {}
                Err(Later) => all = false,
            }
        }
        if all {
            self.opened = task.progress;
        }
        news
    }

    /// Opens a report of a party that runs, where it is a new one and can be opened.
    async fn open(
        &mut self,
        member: &Member,
        client: &Client,
        task: &TaskStatus,
        (seat, report): (Seat, &Report),
    ) -> Result<Option<Progress>, Later> {
        if self.next.get(&seat).is_some_and(|next| report.number < *next) {
            return Ok(None);
        }
        if self.manifest.is_none() {
            self.manifest = Some(client.manifest(&task.id).await.map_err(|_| Later)?);
        }
        let manifest = self.manifest.as_ref().ok_or(Later)?;
        let party = usize::try_from(seat.0).ok().and_then(|seat| manifest.parties.get(seat));
        let execution = task.executions.iter().find(|execution| execution.seat == seat);
        let (Some(party), Some(execution)) = (party, execution) else { return Ok(None) };
        if Fingerprint::from_bytes(party.organization) != execution.organization {
            return Ok(None);
        }
        match execution.state {
            ExecutionState::Offered => return Err(Later),
            ExecutionState::Running => {}
            _ => return Ok(None),
        }
        let statement = match self.statements.entry(seat) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let statement = client.statement(&execution.organization).await;
                let statement = statement.map_err(|_| Later)?;
                place.insert(Some(statement).filter(|of| of.hash() == party.statement))
            }
        };
        let open = |statement: &Statement| {
            member.key.requester().open_report(task.id, (seat, statement), report)
        };
        Ok(statement.as_ref().and_then(open))
    }
}
