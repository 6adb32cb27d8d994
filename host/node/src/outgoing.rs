//! What an execution sends: sealed, written to the ledger, and put into the outbox, in this order.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::PathBuf;
use std::sync::Arc;

use anchorhold_identity::OrganizationKey;
use anchorhold_model::layout::{
    Closing, ClosingEnding, Content, Outcome, REQUESTER, Receipt, Tally,
};
use anchorhold_model::link::{ParcelKind, Stream};
use anchorhold_model::{Progress, Report, Seat, printable};
use anchorhold_seal::{Channel, Pair, Place, Rolling, SealError};
use tokio::task::spawn_blocking;

use crate::Clock;
use crate::ledger::{Departure, DepartureKind, Ledger};
use crate::lines::LinesError;
use crate::offer::Order;
use crate::outbox::Outbox;
use crate::parcel::{Parcel, Spool};

/// Up to this size a message is sealed on the spot; a larger one on a thread where that keeps
/// nobody waiting.
pub(crate) const ON_THE_SPOT: usize = 64 << 10;

/// What an execution sends.
pub(crate) struct Outgoing {
    order: Arc<Order>,
    post: Post,
    /// The algorithm's name and version, once it is known.
    algorithm: String,
    channels: BTreeMap<Seat, Sender>,
}

/// What all executions of a node send with.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) key: Arc<OrganizationKey>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) outbox: Outbox,
    /// Where large parcels wait.
    pub(crate) spool: Arc<PathBuf>,
    pub(crate) clock: Clock,
}

/// The channel to one receiver, and what went through it.
struct Sender {
    channel: Arc<Channel>,
    grant: Vec<u8>,
    sent: Rolling,
    /// How many reports of progress.
    reports: u64,
}

/// Why something was not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// The task has no such party.
    #[error("the task has no seat {0}")]
    NoSuchSeat(Seat),
    /// It cannot be sealed.
    #[error("the message cannot be sealed")]
    Seal(#[from] SealError),
    /// What leaves cannot be recorded.
    #[error("the ledger cannot be written")]
    Ledger(#[from] LinesError),
    /// The process ends.
    #[error("the node ends")]
    Ends(#[from] tokio::task::JoinError),
}

impl Outgoing {
    pub(crate) fn new(order: Arc<Order>, post: Post) -> Self {
        Self { order, post, algorithm: String::new(), channels: BTreeMap::new() }
    }

    /// Notes the algorithm's name and version, for the ledger.
    pub(crate) fn name(&mut self, algorithm: String) {
        self.algorithm = algorithm;
    }

    /// Sends a message to another party.
    pub(crate) async fn message(
        &mut self,
        receiver: Seat,
        topic: String,
        body: Vec<u8>,
    ) -> Result<(), SendError> {
        let sender = self.channel(receiver)?;
        let (channel, sequence) = (sender.channel.clone(), sender.sent.count);
        let departure = self.departure(DepartureKind::Message, receiver, &topic, body.len());
        let content = (Content::Message, sequence);
        let (sealed, hash) = self.seal(channel, content, topic, body).await?;
        // Before its first frame can leave.
        self.post.ledger.write(&departure)?;
        self.channel(receiver)?.sent.add(&hash);
        self.push(receiver, Parcel::written(ParcelKind::Message, sequence, sealed));
        Ok(())
    }

    /// Tells the requester, under seal, how the execution ended, with its result.
    pub(crate) async fn outcome(&mut self, outcome: Outcome) -> Result<(), SendError> {
        let bytes = outcome.result.len().saturating_add(outcome.text.len());
        let departure = self.departure(DepartureKind::Result, REQUESTER, &outcome.kind, bytes);
        let channel = self.channel(REQUESTER)?.channel.clone();
        let content = (Content::Result, 0);
        let (sealed, _) = self.seal(channel, content, String::new(), outcome.encode()).await?;
        self.post.ledger.write(&departure)?;
        self.push(REQUESTER, Parcel::written(ParcelKind::Result, 0, sealed));
        Ok(())
    }

    /// Tells the requester, under seal, how far the execution is.
    pub(crate) fn progress(&mut self, progress: &Progress) -> Result<(), SendError> {
        let body = progress.encode();
        let departure =
            self.departure(DepartureKind::Progress, REQUESTER, &progress.to_string(), body.len());
        let sender = self.channel(REQUESTER)?;
        let (number, grant) = (sender.reports, sender.grant.clone());
        let mut envelope = Vec::new();
        let place = (Content::Progress, number);
        sender.channel.seal(place, "", Cursor::new(body), &mut envelope)?;
        sender.reports = number.saturating_add(1);
        self.post.ledger.write(&departure)?;
        self.post.outbox.progress(self.order.task, Report { number, grant, envelope });
        Ok(())
    }

    /// Tells each peer how the execution ended and what it was sent.
    pub(crate) async fn close(&mut self, ending: ClosingEnding) -> Result<(), SendError> {
        let peers: Vec<Seat> = self.order.peers().collect();
        for receiver in peers {
            let channel = self.channel(receiver)?.channel.clone();
            let sent = self.tally(receiver).ok_or(SendError::NoSuchSeat(receiver))?;
            let closing = self.post.key.sign(Closing { sent, ending }).encode();
            let content = (Content::Closing, 0);
            let (sealed, _) = self.seal(channel, content, String::new(), closing).await?;
            self.push(receiver, Parcel::written(ParcelKind::Closing, 0, sealed));
        }
        Ok(())
    }

    /// Answers a peer's closing statement.
    pub(crate) fn receipt(&self, received: Tally) {
        let sender = received.sender;
        let receipt = self.post.key.sign(Receipt { received }).encode();
        self.push(sender, Parcel::new(ParcelKind::Receipt, receipt));
    }

    /// Returns what was sent to a receiver to which there is a channel.
    pub(crate) fn tally(&self, receiver: Seat) -> Option<Tally> {
        let (task, own) = (self.order.task, self.order.seat);
        let Rolling { count, hash } = self.channels.get(&receiver)?.sent;
        Some(Tally { task, sender: own, receiver, messages: count, rolling: hash })
    }

    /// Returns the channel to a receiver; the first time it is granted.
    fn channel(&mut self, receiver: Seat) -> Result<&mut Sender, SendError> {
        if !self.channels.contains_key(&receiver) {
            let order = &self.order;
            let place = |seat| {
                let statement = order.statement(seat).ok_or(SendError::NoSuchSeat(seat))?;
                Ok::<_, SendError>(Place { seat, statement })
            };
            let (sender, to) = (place(order.seat)?, place(receiver)?);
            let pair = Pair { task: order.task, sender, receiver: to };
            let (channel, grant) = Channel::grant(&pair, &self.post.key);
            self.push(receiver, Parcel::new(ParcelKind::Grant, grant.clone()));
            let (channel, sent) = (Arc::new(channel), Rolling::default());
            self.channels.insert(receiver, Sender { channel, grant, sent, reports: 0 });
        }
        self.channels.get_mut(&receiver).ok_or(SendError::NoSuchSeat(receiver))
    }

    async fn seal(
        &self,
        channel: Arc<Channel>,
        content: (Content, u64),
        topic: String,
        body: Vec<u8>,
    ) -> Result<(Spool, [u8; 32]), SendError> {
        let (spool, length) = (self.post.spool.clone(), body.len());
        let seal = move || {
            let mut spool = Spool::new(spool);
            let sealed = channel.seal(content, &topic, Cursor::new(body), &mut spool)?;
            Ok((spool, sealed.hash))
        };
        if length <= ON_THE_SPOT { seal() } else { spawn_blocking(seal).await? }
    }

    fn push(&self, receiver: Seat, parcel: Parcel) {
        let Order { task, seat: sender, .. } = *self.order;
        self.post.outbox.push(Stream { task, sender, receiver }, parcel);
    }

    fn departure(
        &self,
        kind: DepartureKind,
        receiver: Seat,
        topic: &str,
        bytes: usize,
    ) -> Departure {
        let order = &self.order;
        let party = usize::try_from(receiver.0).ok().and_then(|seat| order.parties.get(seat));
        let receiver = match party {
            Some(party) => party.organization.clone(),
            None => order.requester_name.clone(),
        };
        Departure {
            time: (self.post.clock)(),
            run: order.run,
            task: order.task,
            algorithm: self.algorithm.clone(),
            digest: order.manifest.digest,
            kind,
            receiver,
            topic: printable(topic),
            bytes: bytes as u64,
        }
    }
}

impl From<io::Error> for SendError {
    fn from(error: io::Error) -> Self {
        Self::Seal(error.into())
    }
}
