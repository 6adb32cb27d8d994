//! Carries messages between parties of one process.

use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::{Message, Seat};
use anchorhold_sandbox::{Courier, CourierError, Inbox, Received};
use async_trait::async_trait;

use super::trace::Trace;

/// The courier of one party.
pub(super) struct LocalCourier {
    seat: Seat,
    inboxes: Arc<Vec<Inbox>>,
    trace: Trace,
}

impl LocalCourier {
    /// Makes the courier of the party at a seat; the inboxes are in the order of the seats.
    pub(super) fn new(seat: Seat, inboxes: Arc<Vec<Inbox>>, trace: Trace) -> Self {
        Self { seat, inboxes, trace }
    }

    fn inbox(&self, seat: Seat) -> Option<&Inbox> {
        self.inboxes.get(usize::try_from(seat.0).ok()?)
    }
}

#[async_trait]
impl Courier for LocalCourier {
    async fn send(
        &mut self,
        receiver: Seat,
        topic: String,
        body: Vec<u8>,
    ) -> Result<(), CourierError> {
        self.trace.sent(self.seat, receiver, &topic, &body);
        if let Some(inbox) = self.inbox(receiver) {
            inbox.put(Message { sender: self.seat, topic, body });
            // Tokio keeps what was woken last for this thread, which computes on; a task in its place
            // lets an idle thread take the receiver.
            tokio::spawn(std::future::ready(()));
        }
        Ok(())
    }

    async fn receive(
        &mut self,
        sender: Option<Seat>,
        topic: Option<&str>,
        timeout: Option<Duration>,
    ) -> Result<Received, CourierError> {
        let Some(inbox) = self.inbox(self.seat) else { return Ok(Received::TimedOut) };
        let received = inbox.receive(sender, topic, timeout).await?;
        if let Received::Message(message) = &received {
            self.trace.received(self.seat, message.sender, &message.topic);
        }
        Ok(received)
    }
}
