//! What the server says, and who at the node it is for.

use std::collections::HashMap;
use std::sync::Arc;

use anchorhold_identity::{Fingerprint, Signed};
use anchorhold_model::layout::RunEnd;
use anchorhold_model::link::{Frame, Offer, ToNode};
use anchorhold_model::{ExecutionState, RunId, TaskId};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::Refusal;
use crate::execution::{Arrival, Handle, attend, refuse};
use crate::journal::{Accepted, Known, REMEMBERED};
use crate::offer::{NotOrdered, Order, Verifier};
use crate::shared::Shared;
use crate::told::Stopped;

/// How many arrivals wait for a task: as many frames as the server sends before they are
/// acknowledged, and the ends of parties.
const ARRIVALS: usize = 64;

/// How many tasks a node has at once that have not ended: those that run and those that wait.
const TASKS: usize = 1_000;

/// Why an execution failed whose node was started again: what it knew is gone.
pub(crate) const RESTARTED: &str = "restarted";

/// Gives each task what is for it. Dropping it ends all executions.
pub(crate) struct Dispatch {
    shared: Arc<Shared>,
    attending: JoinSet<()>,
    /// The runs that are being closed.
    closing: HashMap<RunId, AbortHandle>,
}

impl Dispatch {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, attending: JoinSet::new(), closing: HashMap::new() }
    }

    /// Takes what the server says.
    pub(crate) async fn take(&mut self, message: ToNode) {
        while self.attending.try_join_next().is_some() {}
        match message {
            // Only the first message of a link is one.
            ToNode::Welcome(_) => {}
            ToNode::Offer(offer) => self.offer(offer),
            ToNode::Frame(frame) => self.frame(frame).await,
            ToNode::Stored(stream, next) => self.shared.post.outbox.stored(stream, next),
            ToNode::Ended(task, seat, state) => {
                if let Some(arrivals) = self.shared.tasks.arrivals(&task) {
                    // A task that is over hears nothing.
                    let _ = arrivals.send(Arrival::Ended(seat, state)).await;
                }
            }
            ToNode::Kill(task) => self.shared.tasks.stop(&task, &Stopped::Killed),
            ToNode::CloseRun(run, signed) => self.close_run(run, signed),
        }
    }

    async fn frame(&mut self, frame: Frame) {
        let (stream, next) = (frame.stream, frame.number.saturating_add(1));
        match self.shared.tasks.arrivals(&stream.task) {
            Some(arrivals) => {
                // Where the task ends in this moment nobody wants the frame.
                let _ = arrivals.send(Arrival::Frame(frame)).await;
            }
            None => self.shared.post.outbox.received(stream, next),
        }
    }

    /// Takes a task on, or refuses it.
    fn offer(&mut self, offer: Offer) {
        let shared = &self.shared;
        if shared.tasks.arrivals(&offer.task).is_some() {
            // It is here: the server repeats its offers when a link begins, and after its end it
            // waits for what its peers say at theirs.
            let state = shared.journal.state(&offer.task).unwrap_or(ExecutionState::Running);
            shared.post.outbox.state(offer.task, state, "");
            return;
        }
        let now = (shared.post.clock)();
        let verifier = Verifier { file: &shared.file, own: &shared.own, now };
        let taken = match verifier.verify(&offer) {
            Ok(order) => self.take_on(Arc::new(order), None, now),
            Err(NotOrdered::Refused(order, refusal)) => {
                self.take_on(Arc::new(*order), Some(refusal), now)
            }
            Err(NotOrdered::Unknown(refusal)) => Err((None, refusal)),
        };
        match taken {
            Ok(()) => {}
            // Whoever looks for the key that the task names would take a seal under this one for
            // a forgery.
            Err((_, refusal @ (Refusal::Replayed | Refusal::OtherKey))) => {
                self.refuse_in_clear(offer.task, &refusal);
            }
            Err((Some(order), refusal)) => {
                // Before the first word of it leaves: offered again it is not refused again.
                let refused = ExecutionState::Refused;
                if let Err(error) = self.shared.journal.end(order.task, refused, now) {
                    fault(&error);
                }
                self.attending.spawn(refuse(self.shared.clone(), order, refusal));
            }
            Err((None, refusal)) => self.refuse_in_clear(offer.task, &refusal),
        }
    }

    /// Takes a task on that somebody known asks for, unless it is known or to be refused.
    fn take_on(
        &mut self,
        order: Arc<Order>,
        refusal: Option<Refusal>,
        now: u64,
    ) -> Result<(), (Option<Arc<Order>>, Refusal)> {
        let shared = self.shared.clone();
        match shared.journal.knows(order.task, order.run, order.manifest.ordinal) {
            Known::No => {}
            // The server has not heard yet how it ended.
            Known::Yes(state) => {
                shared.post.outbox.state(order.task, state, "");
                return Ok(());
            }
            // What it still had to send went with the process.
            Known::Earlier => {
                shared.post.outbox.state(order.task, ExecutionState::Failed, RESTARTED);
                return Ok(());
            }
            Known::Passed => return Err((None, Refusal::Replayed)),
        }
        let refuse = |refusal| Err((Some(order.clone()), refusal));
        if let Some(refusal) = refusal {
            return refuse(refusal);
        }
        if shared.running.borrow().ge(&TASKS) {
            return refuse(Refusal::Busy);
        }
        for statement in order.statements.iter().chain([&order.requester]) {
            match shared.journal.see(statement) {
                Ok(Ok(())) => {}
                Ok(Err(alarm)) => return refuse(Refusal::NotGenuine(alarm.to_string())),
                Err(error) => return refuse(fault(&error)),
            }
        }
        let (digest, parties) = (order.manifest.digest, order.parties.len());
        let rule = match shared.policy.rule(&order.requester(), &digest, parties) {
            Ok(rule) => rule.clone(),
            Err(refusal) => return refuse(refusal),
        };
        let own = usize::try_from(order.seat.0).ok();
        let party = own.and_then(|own| order.manifest.parties.get(own));
        let datasets = party.map(|party| party.datasets.clone()).unwrap_or_default();
        let since = now.saturating_sub(REMEMBERED);
        let had = |dataset: &str| shared.journal.count(&order.requester(), &digest, dataset, since);
        if let Err(refusal) = rule.check_tasks(&datasets, had) {
            return refuse(refusal);
        }
        let accepted = Accepted {
            task: order.task,
            run: order.run,
            requester: order.requester(),
            ordinal: order.manifest.ordinal,
            algorithm: digest,
            datasets,
            seat: order.seat,
            created: order.manifest.created,
            deadline: order.manifest.deadline,
            at: now,
        };
        if let Err(error) = shared.journal.accept(accepted) {
            return refuse(fault(&error));
        }
        tracing::info!(task = %order.task, requester = order.requester_name, "taken on");
        shared.post.outbox.state(order.task, ExecutionState::Running, "");
        let (arrivals, receiver) = mpsc::channel(ARRIVALS);
        let stop = watch::Sender::new(None);
        shared.running.send_modify(|running| *running += 1);
        shared.tasks.add(order.task, Handle { arrivals, stop: stop.clone() });
        let turn = shared.runs.turn(order.run);
        self.attending.spawn(attend(shared, order, rule, turn, (receiver, stop)));
        Ok(())
    }

    /// Refuses what nobody known asks for: only the server can be told.
    fn refuse_in_clear(&self, task: TaskId, refusal: &Refusal) {
        tracing::warn!(%task, kind = refusal.kind(), "refused: {}", refusal.sentence());
        let outbox = &self.shared.post.outbox;
        outbox.state(task, ExecutionState::Refused, refusal.kind());
    }

    /// Closes a run, where its requester signed that: its storage is destroyed.
    fn close_run(&mut self, run: RunId, signed: Vec<u8>) {
        let shared = self.shared.clone();
        let Some(requester) = shared.journal.requester(&run) else {
            // Nothing of it was ever here.
            shared.post.outbox.closed(run);
            return;
        };
        let closing = self.attending.spawn(async move {
            let genuine = is_closed(&shared, &requester, run, &signed).await;
            if !genuine {
                tracing::warn!(%run, "the server closes a run that its requester did not close");
                return;
            }
            let mut turn = shared.runs.turn(run);
            turn.wait().await;
            let (store, journal) = (shared.store.clone(), shared.clone());
            let closing = tokio::task::spawn_blocking(move || {
                journal
                    .journal
                    .close(run, (journal.post.clock)())
                    .map_err(|error| fault(&error))?;
                store.close_run(run).map_err(|error| fault(&error))
            });
            if let Ok(Ok(())) = closing.await {
                tracing::info!(%run, "closed: its storage is destroyed");
                shared.post.outbox.closed(run);
            }
        });
        // The last word counts: it may be signed with another key.
        self.closing.retain(|_, closing| !closing.is_finished());
        if let Some(earlier) = self.closing.insert(run, closing) {
            earlier.abort();
        }
    }
}

/// Says whether the requester of a run signed that it is closed, with its current key.
async fn is_closed(shared: &Shared, requester: &Fingerprint, run: RunId, signed: &[u8]) -> bool {
    let client = shared.components.client.borrow().clone();
    let Some(client) = client else { return false };
    let Ok(statement) = client.statement(requester).await else { return false };
    let current = statement.check_time((shared.post.clock)()).is_ok()
        && matches!(shared.journal.see(&statement), Ok(Ok(())));
    let end = Signed::<RunEnd>::verify(signed, statement.signing());
    current && end.is_ok_and(|end| end.value().run == run)
}

fn fault(error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::error!(error, "the node's own files cannot be used");
    Refusal::Fault
}
