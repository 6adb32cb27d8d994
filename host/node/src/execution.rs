//! One task at this node, from the order to the end: who waits for what, what is checked before the
//! component runs, and who is told how it ended.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anchorhold_client::requester::commitment;
use anchorhold_model::link::Frame;
use anchorhold_model::{ExecutionState, Limits, Progress, Seat, Task, TaskId, chain};
use anchorhold_sandbox::{Algorithm, Execution, Inbox, LogEntry};
use anchorhold_storage::Quota;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;

use crate::Refusal;
use crate::courier::NodeCourier;
use crate::incoming::Incoming;
use crate::offer::Order;
use crate::outgoing::Outgoing;
use crate::policy::Allowed;
use crate::privacy::Spend;
use crate::progress;
use crate::runs::Turn;
use crate::shared::Shared;
use crate::storage::TaskStorage;
use crate::told::{Stopped, Told};

/// How long after its end a task waits for what its peers say at theirs.
const LINGER: Duration = Duration::from_secs(3_600);

/// What comes for a task over the link.
pub(crate) enum Arrival {
    /// A frame.
    Frame(Frame),
    /// The server says that a party has ended.
    Ended(Seat, ExecutionState),
}

/// How a task is reached while it is at this node.
pub(crate) struct Handle {
    pub(crate) arrivals: mpsc::Sender<Arrival>,
    pub(crate) stop: watch::Sender<Option<Stopped>>,
}

/// Attends to a task that was taken on, until all parties have ended.
pub(crate) async fn attend(
    shared: Arc<Shared>,
    order: Arc<Order>,
    rule: Allowed,
    mut turn: Turn,
    (arrivals, stop): (mpsc::Receiver<Arrival>, watch::Sender<Option<Stopped>>),
) {
    let outgoing = Arc::new(Mutex::new(Outgoing::new(order.clone(), shared.post.clone())));
    let limits = shared.policy.limits(&order.manifest.limits);
    let inbox = Inbox::new(order.peers(), limits.inbox_bytes);
    let incoming =
        Incoming::new(order.clone(), shared.post.clone(), outgoing.clone(), inbox.clone());
    let (arguments, mut open) = (incoming.arguments(), incoming.open());
    // It ends with this future, whichever way that ends.
    let mut receiving = JoinSet::new();
    receiving.spawn(receive(shared.clone(), order.clone(), incoming, arrivals, stop.clone()));
    let mut performance = Performance { shared, order, rule, outgoing, inbox, limits, stop };
    let told = performance.perform(arguments, &mut turn).await;
    // Nobody receives any more.
    performance.inbox.close();
    performance.tell(told).await;
    performance.shared.running.send_modify(|running| *running = running.saturating_sub(1));
    // The next task of the run begins, after those before this one: it may never have had its turn.
    turn.wait().await;
    drop(turn);
    // What the peers say at their ends is still answered.
    let all_ended = async {
        let _ = open.wait_for(Vec::is_empty).await;
    };
    let _ = tokio::time::timeout(LINGER, all_ended).await;
    let (shared, task) = (performance.shared.clone(), performance.order.task);
    shared.forget(task);
    discard_later(&shared, task);
}

/// Forgets what the server does not take of a task in all this time with a link: it has given it up.
fn discard_later(shared: &Shared, task: TaskId) {
    let (outbox, mut client) = (shared.post.outbox.clone(), shared.components.client.clone());
    tokio::spawn(async move {
        // It ends with the node.
        while client.wait_for(Option::is_some).await.is_ok() {
            tokio::select! {
                () = tokio::time::sleep(LINGER) => return outbox.discard(task),
                _ = client.wait_for(Option::is_none) => {}
            }
        }
    });
}

/// Refuses a task whose requester is known.
pub(crate) async fn refuse(shared: Arc<Shared>, order: Arc<Order>, refusal: Refusal) {
    tracing::warn!(task = %order.task, kind = refusal.kind(), "refused: {}", refusal.sentence());
    let outgoing = Arc::new(Mutex::new(Outgoing::new(order.clone(), shared.post.clone())));
    tell(&shared, &order, &outgoing, Told::refused(&refusal)).await;
    shared.post.outbox.retire(order.task);
    discard_later(&shared, order.task);
}

/// One execution.
struct Performance {
    shared: Arc<Shared>,
    order: Arc<Order>,
    rule: Allowed,
    outgoing: Arc<Mutex<Outgoing>>,
    inbox: Inbox,
    limits: Limits,
    stop: watch::Sender<Option<Stopped>>,
}

impl Performance {
    /// Does it all, or says why not.
    async fn perform(
        &mut self,
        arguments: watch::Receiver<Option<Vec<u8>>>,
        turn: &mut Turn,
    ) -> Told {
        let now = (self.shared.post.clock)();
        let left = Duration::from_secs(self.order.manifest.deadline.saturating_sub(now));
        self.limits.deadline = self.limits.deadline.min(left);
        let begun = tokio::time::Instant::now();
        let mut stopped = self.stop.subscribe();
        let (newest, progress) = watch::channel(None);
        let deadline = tokio::time::sleep(self.limits.deadline);
        let ready = tokio::select! {
            ready = self.prepare(arguments, turn, newest) => ready,
            () = deadline => return Told::too_late(),
            reason = stopped.wait_for(Option::is_some) => {
                return Told::stopped(reason.ok().and_then(|reason| reason.clone()));
            }
        };
        match ready {
            Ok((algorithm, mut execution)) => {
                // Its time began when it was taken on.
                let deadline = self.limits.deadline.saturating_sub(begun.elapsed());
                execution.limits.deadline = deadline;
                let mut stopped = self.stop.subscribe();
                let kill = async move {
                    // Where nobody can stop it any more, nobody does.
                    if stopped.wait_for(Option::is_some).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                };
                // It ends with the execution.
                let mut telling = JoinSet::new();
                let text = self.rule.error_text();
                telling.spawn(progress::tell(self.outgoing.clone(), progress, text));
                let report = algorithm.execute(execution, kill).await;
                let reason = self.stop.borrow().clone();
                tracing::info!(task = %self.order.task, ending = %report.ending, "ended");
                Told::ended(report.ending, reason, self.rule.error_text())
            }
            Err(refusal) => {
                let (task, kind) = (self.order.task, refusal.kind());
                tracing::warn!(%task, kind, "refused: {}", refusal.sentence());
                Told::refused(&refusal)
            }
        }
    }

    /// Waits for the tasks before this one in its run, for component and arguments, and checks
    /// them.
    async fn prepare(
        &self,
        mut arguments: watch::Receiver<Option<Vec<u8>>>,
        turn: &mut Turn,
        newest: watch::Sender<Option<Progress>>,
    ) -> Result<(Arc<Algorithm>, Execution), Refusal> {
        let (order, shared) = (&self.order, &self.shared);
        let algorithm = shared.components.get(order.manifest.digest).await;
        let algorithm = algorithm.map_err(|error| Refusal::Component(chain(&error)))?;
        let description = algorithm.description();
        let name = format!("{}@{}", description.name(), description.version());
        if let Some(expected) = shared.file.algorithm_name(&order.manifest.digest)
            && expected != name
        {
            let text = format!("it calls itself {name}, and the collaboration {expected}");
            return Err(Refusal::Algorithm(text));
        }
        self.outgoing.lock().await.name(name);
        turn.wait().await;
        if shared.journal.is_closed(&order.run) {
            return Err(Refusal::Closed);
        }
        let given = arguments.wait_for(Option::is_some).await.map_err(|_| Refusal::Fault)?.clone();
        let own = usize::try_from(order.seat.0).ok();
        let party = own.and_then(|own| order.manifest.parties.get(own)).ok_or(Refusal::Fault)?;
        let given = committed(given.unwrap_or_default(), &party.arguments)?;
        let spend = match self.rule.limits_arguments() {
            false => None,
            true => {
                let (rule, whole, to_check) = (self.rule.clone(), algorithm.clone(), given.clone());
                let check = move || rule.check_arguments(&to_check, whole.description());
                shared.checks.run(check).await?
            }
        };
        // A dataset that has changed is read once more.
        let (of, rule, wanted) = (shared.clone(), self.rule.clone(), party.datasets.clone());
        let (whole, role) = (algorithm.clone(), order.role().to_owned());
        let grants = tokio::task::spawn_blocking(move || {
            of.policy.grants(&rule, &wanted, (whole.description(), &role))
        });
        let grants = grants.await.map_err(|_| Refusal::Fault)??;
        let task = Task::new(
            (order.run, order.task),
            order.seat,
            order.parties.clone(),
            given,
            party.datasets.clone(),
        )
        .and_then(|task| task.check_roles(description).map(|()| task))
        .map_err(|error| Refusal::Roles(error.to_string()))?;
        let (store, run, quota) = (shared.store.clone(), order.run, Quota::from(&self.limits));
        let run = tokio::task::spawn_blocking(move || store.run(run, quota)).await;
        let fault = |error: &(dyn std::error::Error + 'static)| {
            tracing::error!(error, task = %order.task, "the run's storage cannot be opened");
            Refusal::Fault
        };
        let run = run.map_err(|error| fault(&error))?.map_err(|error| fault(&error))?;
        let mut random_key = [0; 32];
        getrandom::fill(&mut random_key).map_err(|_| Refusal::Fault)?;
        if let Some(spend) = spend {
            self.spend(spend, &party.datasets)?;
        }
        let id = order.task;
        let execution = Execution {
            task,
            limits: self.limits.clone(),
            random_key,
            created: SystemTime::UNIX_EPOCH + Duration::from_secs(order.manifest.created),
            courier: Box::new(NodeCourier::new(self.outgoing.clone(), self.inbox.clone())),
            storage: Box::new(TaskStorage::new(run.begin(), grants)),
            log: Box::new(move |entry| match entry {
                LogEntry::Output(text) | LogEntry::Error(text) => {
                    tracing::info!(task = %id, "{text}");
                }
                LogEntry::Progress(progress) => {
                    tracing::debug!(task = %id, "{progress}");
                    newest.send_replace(Some(progress));
                }
            }),
        };
        Ok((algorithm, execution))
    }

    /// Notes what the task spends of privacy budgets, as the last thing before it begins.
    fn spend(&self, spend: Spend, datasets: &[String]) -> Result<(), Refusal> {
        let Shared { policy, journal, post, .. } = &*self.shared;
        let budgets = datasets.iter();
        let budgets: Vec<_> =
            budgets.map(|name| (name.clone(), policy.privacy_budget(name).copied())).collect();
        let spent = journal.spend(self.order.task, &budgets, spend, (post.clock)());
        spent.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, task = %self.order.task, "the journal cannot be written");
            Err(Refusal::Fault)
        })
    }

    async fn tell(&self, told: Told) {
        tell(&self.shared, &self.order, &self.outgoing, told).await;
    }
}

/// Takes what comes for a task, in its order, for as long as the task is there.
async fn receive(
    shared: Arc<Shared>,
    order: Arc<Order>,
    mut incoming: Incoming,
    mut arrivals: mpsc::Receiver<Arrival>,
    stop: watch::Sender<Option<Stopped>>,
) {
    while let Some(arrival) = arrivals.recv().await {
        match arrival {
            Arrival::Ended(seat, state) => incoming.ended(seat, state),
            Arrival::Frame(frame) => {
                let (stream, next) = (frame.stream, frame.number.saturating_add(1));
                if let Err(alarm) = incoming.frame(frame).await {
                    let sender = usize::try_from(stream.sender.0).ok();
                    let party = sender.and_then(|sender| order.parties.get(sender));
                    let from = party.map_or("the requester", |party| &party.organization);
                    tracing::warn!(task = %order.task, from, %alarm, "what came is not genuine");
                    stop.send_if_modified(|stop| {
                        let first = stop.is_none();
                        stop.get_or_insert(Stopped::Alarm(from.to_owned(), alarm));
                        first
                    });
                }
                shared.received(stream, next);
            }
        }
    }
}

/// Tells the requester and the peers how an execution ended, and then the server.
async fn tell(shared: &Shared, order: &Order, outgoing: &Mutex<Outgoing>, told: Told) {
    let mut outgoing = outgoing.lock().await;
    let (state, ending) = (told.state, told.outcome.ending);
    let sent = match outgoing.outcome(told.outcome).await {
        Ok(()) => outgoing.close(ending).await,
        failed => failed,
    };
    let kind = match &sent {
        Ok(()) => "",
        Err(error) => {
            let error = error as &dyn std::error::Error;
            tracing::error!(error, task = %order.task, "its end cannot be told under seal");
            "not-told"
        }
    };
    // Where not even the ledger can be written, nothing that finished has left.
    let state = if sent.is_ok() { state } else { ExecutionState::Failed };
    if let Err(error) = shared.journal.end(order.task, state, (shared.post.clock)()) {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, task = %order.task, "the journal cannot be written");
    }
    shared.post.outbox.state(order.task, state, kind);
}

/// Takes the arguments out of what came, and checks that they are what the task commits to.
fn committed(bytes: Vec<u8>, expected: &[u8; 32]) -> Result<Vec<u8>, Refusal> {
    let (key, arguments) = bytes.split_first_chunk::<32>().ok_or(Refusal::Arguments)?;
    let same = commitment(key, arguments) == *expected;
    if same { Ok(arguments.to_vec()) } else { Err(Refusal::Arguments) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_those_that_the_task_commits_to() {
        let expected = commitment(&[1; 32], b"{}");
        let came = |key: u8, arguments: &[u8]| [&[key; 32][..], arguments].concat();
        assert_eq!(committed(came(1, b"{}"), &expected), Ok(b"{}".to_vec()));
        for other in [came(1, b"[]"), came(2, b"{}"), came(1, b""), vec![1; 31], Vec::new()] {
            assert_eq!(committed(other, &expected), Err(Refusal::Arguments));
        }
    }
}
