//! How far the executions of a task are: as each party tells under seal.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anchorhold_client::{Client, TaskStatus};
use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::layout::TaskManifest;
use anchorhold_model::{ExecutionState, Progress, Report, Seat};

use crate::member::Member;

/// What the parties of one task tell. Nothing depends on it: what cannot be fetched or opened is
/// left out.
#[derive(Default)]
pub(super) struct Reports {
    /// How many had come when they were last fetched.
    fetched: u64,
    manifest: Option<TaskManifest>,
    statements: BTreeMap<Seat, Statement>,
    /// The number of the report that is the next one of each seat: none may come twice.
    next: BTreeMap<Seat, u64>,
}

impl Reports {
    /// Fetches and opens what is new.
    pub(super) async fn news(
        &mut self,
        member: &Member,
        client: &Client,
        task: &TaskStatus,
    ) -> Vec<(Seat, Progress)> {
        if task.progress == self.fetched || task.state.is_final() {
            return Vec::new();
        }
        let Ok(reports) = client.progress(&task.id).await else { return Vec::new() };
        self.fetched = task.progress;
        let mut news = Vec::new();
        for (seat, report) in reports {
            if let Some(progress) = self.open(member, client, task, (seat, &report)).await {
                self.next.insert(seat, report.number.saturating_add(1));
                news.push((seat, progress));
            }
        }
        news
    }

    async fn open(
        &mut self,
        member: &Member,
        client: &Client,
        task: &TaskStatus,
        (seat, report): (Seat, &Report),
    ) -> Option<Progress> {
        let running = task.executions.iter().find(|execution| {
            execution.seat == seat && execution.state == ExecutionState::Running
        })?;
        if self.next.get(&seat).is_some_and(|next| report.number < *next) {
            return None;
        }
        if self.manifest.is_none() {
            self.manifest = client.manifest(&task.id).await.ok();
        }
        let party = self.manifest.as_ref()?.parties.get(usize::try_from(seat.0).ok()?)?;
        if Fingerprint::from_bytes(party.organization) != running.organization {
            return None;
        }
        let statement = match self.statements.entry(seat) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let statement = client.statement(&running.organization).await.ok()?;
                place.insert(Some(statement).filter(|of| of.hash() == party.statement)?)
            }
        };
        member.key.requester().open_report(task.id, (seat, statement), report)
    }
}
