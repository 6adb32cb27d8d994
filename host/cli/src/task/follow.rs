//! Follows a task until it has ended.

use std::time::Duration;

use anchorhold_client::{Client, ClientError, ExecutionStatus, TaskStatus};
use anchorhold_model::{ExecutionState, TaskId};
use tokio::time::{Instant, sleep};

use super::outcomes;
use super::progress::Progress;
use super::reports::Reports;
use crate::CommandError;
use crate::member::Member;

/// How long after one question the next is asked: soon at first, for tasks of a second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(2);
/// For how long the server may be away: long enough for it to be updated.
const AWAY_TIME: Duration = Duration::from_secs(300);
/// How long a sealed result may take that is on its way when its execution ended.
const RESULT_TIME: Duration = Duration::from_secs(5);

/// Waits until a task has ended and its results are there, and shows meanwhile where it is. The
/// session may end, and the server be away for some minutes.
pub(super) async fn follow(
    member: &Member,
    client: &mut Client,
    id: &TaskId,
    mut progress: Progress,
) -> Result<TaskStatus, CommandError> {
    let mut pause = FIRST_PAUSE;
    let (mut away, mut ended) = (None, None);
    let mut reports = Reports::default();
    loop {
        match ask(member, client, id).await {
            Ok(task) => {
                away = None;
                outcomes::check(member, &task)?;
                progress.show(&task);
                for (seat, report) in reports.news(member, client, &task).await {
                    progress.report(seat, &report);
                }
                let ended = task.state.is_final().then(|| *ended.get_or_insert_with(Instant::now));
                let late = ended.is_some_and(|ended: Instant| ended.elapsed() >= RESULT_TIME);
                if ended.is_some() && (late || task.executions.iter().all(is_told)) {
                    return Ok(task);
                }
            }
            Err(error) if is_passing(&error) => {
                let since = *away.get_or_insert_with(|| {
                    progress.note("the server does not answer; trying again");
                    Instant::now()
                });
                if since.elapsed() >= AWAY_TIME {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(LAST_PAUSE);
    }
}

/// Asks where the task is, and signs in again where the session is over.
async fn ask(member: &Member, client: &mut Client, id: &TaskId) -> Result<TaskStatus, ClientError> {
    match client.task(id).await {
        Err(ClientError::Refused { status: 401, .. }) => {
            *client = member.renew().await?;
            client.task(id).await
        }
        answer => answer,
    }
}

/// Says whether to ask again may help.
fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } => true,
        ClientError::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
        _ => false,
    }
}

/// Says whether nothing more will be told of an execution that has ended.
fn is_told(execution: &ExecutionStatus) -> bool {
    execution.result || !execution.kind.is_empty() || execution.state == ExecutionState::Lost
}
