//! How the executions of a task ended: as each party told under seal, or else as the server says.

use anchorhold_client::requester::{Requester, ResultError};
use anchorhold_client::{Client, ClientError, ExecutionStatus, TaskStatus};
use anchorhold_identity::Fingerprint;
use anchorhold_model::layout::{ClosingEnding, Outcome};
use anchorhold_model::{ExecutionState, Seat, TaskId, chain, printable};

use crate::member::Member;
use crate::{CommandError, Kind};

/// How the execution of a party ended.
#[derive(Debug)]
pub(super) struct PartyOutcome {
    pub(super) seat: Seat,
    pub(super) name: String,
    pub(super) organization: Fingerprint,
    pub(super) role: String,
    pub(super) told: Told,
}

/// Who tells of an ending.
#[derive(Debug)]
pub(super) enum Told {
    /// The party itself, under seal.
    Party(Outcome),
    /// Only the server, with the kind that it was told in clear.
    Server(ExecutionState, String),
    /// Nobody: what is there cannot be opened.
    Unopened(String),
}

/// Fetches and opens what the parties told; of one party only, if it is named.
pub(super) async fn open(
    member: &Member,
    client: &Client,
    task: &TaskStatus,
    only: Option<&str>,
) -> Result<Vec<PartyOutcome>, CommandError> {
    check(member, task)?;
    let gone = |execution: &ExecutionStatus| {
        !execution.result && execution.state == ExecutionState::Finished
    };
    if task.executions.iter().any(gone) && client.run(&task.run).await?.closed {
        let text = format!("the run of task {} is closed: its results are deleted", task.id);
        return Err(CommandError::input(text));
    }
    // Who takes part is in what was signed. What the server says of each may be true or not.
    let manifest = client.manifest(&task.id).await?;
    let mut outcomes = Vec::new();
    for (seat, party) in (0..).map(Seat).zip(&manifest.parties) {
        let organization = Fingerprint::from_bytes(party.organization);
        let execution = task
            .executions
            .iter()
            .find(|execution| (execution.seat, execution.organization) == (seat, organization));
        let (Some(name), Some(execution)) = (member.file.member_name(&organization), execution)
        else {
            let text = format!(
                "the server does not say how the execution of {organization} at seat {seat} ended, \
                 which the task {} names, or it is no member",
                task.id
            );
            return Err(CommandError::new(Kind::Refused, text));
        };
        if only.is_none_or(|only| only == name) {
            outcomes.push(PartyOutcome {
                seat,
                name: name.to_owned(),
                organization,
                role: printable(&party.role),
                told: told(member, client, task.id, (execution, &party.statement)).await?,
            });
        }
    }
    match (only, outcomes.as_slice()) {
        (Some(only), []) => Err(CommandError::input(format!("{only} takes no part in this task"))),
        _ => Ok(outcomes),
    }
}

/// Checks that a task is one whose results the member can open.
pub(super) fn check(member: &Member, task: &TaskStatus) -> Result<(), CommandError> {
    let collaboration = member.file.collaboration();
    if task.collaboration != collaboration.id() {
        let text = format!("task {} is not one of {}", task.id, collaboration.name());
        return Err(CommandError::input(text).with_hint("give the file of its collaboration"));
    }
    if task.requester != member.key.statement.organization() {
        let text = format!("{} did not ask for task {}", member.name(), task.id);
        return Err(CommandError::input(text).with_hint("only who asked for it can open results"));
    }
    Ok(())
}

async fn told(
    member: &Member,
    client: &Client,
    task: TaskId,
    (execution, key): (&ExecutionStatus, &[u8; 32]),
) -> Result<Told, CommandError> {
    if !execution.result {
        return Ok(Told::Server(execution.state, execution.kind.clone()));
    }
    let statement = client.statement(&execution.organization).await?;
    if statement.hash() != *key {
        let text = "it has another key now than the one for which the task was made";
        return Ok(Told::Unopened(text.into()));
    }
    let place = (execution.seat, &statement);
    let parcel = match client.result(&task, execution.seat).await {
        Ok(parcel) => parcel,
        // Those of the others may be there.
        Err(error @ ClientError::Refused { status: 404, .. }) => {
            return Ok(Told::Unopened(chain(&error)));
        }
        Err(error) => return Err(error.into()),
    };
    let mut opened = member.key.requester().open_result(task, place, &parcel);
    if matches!(opened, Err(ResultError::NotOpened { .. })) {
        for (statement, key) in &member.key.earlier() {
            let earlier = Requester { statement, key }.open_result(task, place, &parcel);
            if earlier.is_ok() {
                opened = earlier;
                break;
            }
        }
    }
    Ok(match opened {
        Ok(outcome) => Told::Party(outcome),
        Err(error) => Told::Unopened(chain(&error)),
    })
}

impl PartyOutcome {
    /// Says whether there may be a result that could not be had.
    pub(super) fn is_unopened(&self) -> bool {
        matches!(self.told, Told::Unopened(_))
    }

    /// Returns the result, if there is one.
    pub(super) fn result(&self) -> Option<&[u8]> {
        match &self.told {
            Told::Party(outcome) if outcome.ending == ClosingEnding::Finished => {
                Some(&outcome.result)
            }
            _ => None,
        }
    }

    /// Says in a sentence why there is no result.
    pub(super) fn sentence(&self) -> String {
        let name = &self.name;
        let kind = |kind: &str| match kind {
            "" => String::new(),
            kind => format!(" ({kind})"),
        };
        match &self.told {
            Told::Party(outcome) => {
                let text = match outcome.text.as_str() {
                    "" => String::new(),
                    text => format!(": {text}"),
                };
                let what = match outcome.ending {
                    ClosingEnding::Finished => format!("the execution of {name} finished"),
                    ClosingEnding::Failed => format!("the execution of {name} failed"),
                    ClosingEnding::Refused => format!("the node of {name} refused the task"),
                };
                format!("{what}{}{text}", kind(&outcome.kind))
            }
            Told::Server(state, said) => {
                let what = match state {
                    ExecutionState::Offered | ExecutionState::Running => {
                        return format!("the execution of {name} has not ended");
                    }
                    ExecutionState::Finished => {
                        return format!(
                            "the execution of {name} finished, as the server says, but its result \
                             is not there"
                        );
                    }
                    ExecutionState::Failed => format!("the execution of {name} failed"),
                    ExecutionState::Refused => format!("the node of {name} refused the task"),
                    ExecutionState::Lost => format!("the node of {name} did not come or went away"),
                };
                format!("{what}{}, as the server says", kind(said))
            }
            Told::Unopened(why) => format!("{name}: {why}"),
        }
    }

    /// Names the ending for machines.
    pub(super) fn ending(&self) -> &'static str {
        match &self.told {
            Told::Party(outcome) => match outcome.ending {
                ClosingEnding::Finished => "finished",
                ClosingEnding::Failed => "failed",
                ClosingEnding::Refused => "refused",
            },
            Told::Server(state, _) => state.name(),
            Told::Unopened(_) => "unopened",
        }
    }

    /// Orders what is told first: mostly a refusal, or a node that went away, is why others fail.
    pub(super) fn rank(&self) -> u8 {
        match (self.ending(), &self.told) {
            ("refused", _) => 0,
            ("lost", _) => 1,
            ("unopened", _) => 2,
            (_, Told::Party(outcome)) if outcome.kind != "error" => 3,
            _ => 4,
        }
    }
}
