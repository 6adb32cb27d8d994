//! Carries the messages of one execution: out through [`Outgoing`], in through the inbox that
//! `Incoming` fills.

use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::Seat;
use anchorhold_sandbox::{Courier, CourierError, Inbox, Received};
use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::outgoing::Outgoing;

/// The courier of one execution.
pub(crate) struct NodeCourier {
    outgoing: Arc<Mutex<Outgoing>>,
    inbox: Inbox,
}

impl NodeCourier {
    pub(crate) fn new(outgoing: Arc<Mutex<Outgoing>>, inbox: Inbox) -> Self {
        Self { outgoing, inbox }
    }
}

#[async_trait]
impl Courier for NodeCourier {
    async fn send(
        &mut self,
        receiver: Seat,
        topic: String,
        body: Vec<u8>,
    ) -> Result<(), CourierError> {
        let sent = self.outgoing.lock().await.message(receiver, topic, body).await;
        sent.map_err(|error| CourierError::Failed(Box::new(error)))
    }

    async fn receive(
        &mut self,
        sender: Option<Seat>,
        topic: Option<&str>,
        timeout: Option<Duration>,
    ) -> Result<Received, CourierError> {
        self.inbox.receive(sender, topic, timeout).await
    }
}
