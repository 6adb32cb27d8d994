//! What goes out over a node's link: pulled when its socket is ready.

use std::sync::Arc;

use anchorhold_model::link::{Frame, Stream, ToNode};
use anchorhold_model::{RunId, TaskId};

use super::inner::Link;
use super::linked::Linked;
use super::stream::Outgoing;
use crate::store::StoreError;

/// What a link's writer is to do.
#[derive(Debug)]
pub(crate) enum Pulled {
    /// Send a message.
    Message(ToNode),
    /// Send a frame that is in memory.
    Frame(Arc<Frame>),
    /// Look the rest up with [`Linked::fetch`].
    Fetch(Fetch),
    /// Wait for [`Linked::wait`].
    Nothing,
    /// End: another link took over.
    Fenced,
}

/// What is in the database.
#[derive(Debug)]
pub(crate) enum Fetch {
    Offer(TaskId),
    Closing(RunId),
    Frame(Stream, (u64, u64)),
}

impl Linked {
    /// Returns what is to be sent next.
    pub(crate) fn pull(&self) -> Pulled {
        let mut inner = self.mailbox.inner();
        let (link, tasks) = inner.link_and_tasks(&self.place);
        let Some(Link { outbox, .. }) = link.filter(|link| link.generation == self.generation)
        else {
            return Pulled::Fenced;
        };
        if let Some(streams) = outbox.welcome.take() {
            return Pulled::Message(ToNode::Welcome(streams));
        }
        if let Some(task) = outbox.offers.pop_front() {
            return Pulled::Fetch(Fetch::Offer(task));
        }
        if let Some(task) = outbox.kills.pop_first() {
            return Pulled::Message(ToNode::Kill(task));
        }
        if let Some(run) = outbox.closings.pop_first() {
            return Pulled::Fetch(Fetch::Closing(run));
        }
        if let Some(stream) = outbox.stored.pop_first() {
            let stored = tasks.get(&stream.task).and_then(|task| task.stream(&stream));
            let stored = stored.map_or(0, |state| state.stored);
            return Pulled::Message(ToNode::Stored(stream, stored));
        }
        if let Some((task, seat, state)) = outbox.ended.pop_front() {
            return Pulled::Message(ToNode::Ended(task, seat, state));
        }
        while let Some(id) = outbox.ready.pop() {
            let task = tasks.get_mut(&id).filter(|task| !task.over);
            let Some(task) = task else { continue };
            let Some(receiver) = task.seat_of(&self.place.organization) else { continue };
            let Some((sender, outgoing)) = task.pull(receiver) else { continue };
            outbox.ready.push(id);
            return match outgoing {
                Outgoing::Frame(frame) => Pulled::Frame(frame),
                Outgoing::Stored(from, below) => {
                    let stream = Stream { task: id, sender, receiver };
                    Pulled::Fetch(Fetch::Frame(stream, (from, below)))
                }
            };
        }
        Pulled::Nothing
    }

    /// Looks up what is to be sent; none where it is there no more. Not cancel-safe: what was
    /// pulled is not pulled again.
    pub(crate) async fn fetch(&self, what: Fetch) -> Result<Option<ToNode>, StoreError> {
        let store = &self.mailbox.store;
        Ok(match what {
            Fetch::Offer(task) => store.offer(&task).await?.map(ToNode::Offer),
            Fetch::Closing(run) => {
                store.closing(&run).await?.map(|signed| ToNode::CloseRun(run, signed))
            }
            Fetch::Frame(stream, (from, below)) => {
                let frame = store.frame(&stream, (from, below)).await?;
                let mut inner = self.mailbox.inner();
                if inner.current(&self.place, self.generation).is_some()
                    && let Some(task) = inner.tasks.get_mut(&stream.task)
                {
                    let found = frame.as_ref().map(|frame| frame.number);
                    task.stream_mut(&stream).fetched(found, below);
                }
                frame.map(ToNode::Frame)
            }
        })
    }

    /// Waits until there may be something to pull. Cancel-safe.
    pub(crate) async fn wait(&self) {
        self.wake.notified().await;
    }
}
