//! What comes for an execution: frames put together to parcels, and each parcel opened and checked
//! before anybody sees it.
//!
//! Whatever the network or the server changes, drops, repeats or moves is noticed: a frame has the
//! number that its sender gave it, an envelope opens only under the key, the place and the number
//! for which it was sealed, and a closing statement says how many there were and their hash.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anchorhold_identity::Signed;
use anchorhold_model::layout::{Closing, ClosingEnding, Content, REQUESTER, Receipt, Tally};
use anchorhold_model::link::{Frame, ParcelKind};
use anchorhold_model::{ExecutionState, Limits, Message, PeerEnding, Seat, limits};
use anchorhold_sandbox::Inbox;
use anchorhold_seal::{Channel, Pair, Place, Rolling};
use tokio::sync::{Mutex, watch};
use tokio::task::spawn_blocking;

use crate::offer::Order;
use crate::outgoing::{ON_THE_SPOT, Outgoing, Post};
use crate::parcel::Spool;

/// What a grant, a closing statement or a receipt has at the most: an RSA ciphertext of 8,192 bits
/// and a signature, or what is padded to a kilobyte.
const SMALL_BYTES: u64 = 8 << 10;

/// What comes for one execution.
pub(crate) struct Incoming {
    order: Arc<Order>,
    post: Post,
    outgoing: Arc<Mutex<Outgoing>>,
    inbox: Inbox,
    streams: BTreeMap<Seat, Receiving>,
    arguments: watch::Sender<Option<Vec<u8>>>,
    /// The parties that have not said or are not said to have ended.
    open: watch::Sender<Vec<Seat>>,
}

/// The stream from one seat.
#[derive(Default)]
struct Receiving {
    /// The hashes of its frames: a frame that comes twice must be the same.
    frames: Vec<[u8; 32]>,
    parcel: Option<Assembling>,
    channel: Option<Arc<Channel>>,
    received: Rolling,
    /// Whether nothing but a receipt follows.
    ended: bool,
    /// Whether the receipt came.
    receipt: bool,
    broken: bool,
}

/// A parcel of which some frames came.
struct Assembling {
    kind: ParcelKind,
    sequence: u64,
    count: u32,
    bytes: Spool,
}

/// What is wrong with what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Alarm {
    /// Frames before this one are missing.
    #[error("something is missing before frame {0}")]
    Gap(u64),
    /// A frame came twice with different contents.
    #[error("frame {0} came twice with different contents")]
    Two(u64),
    /// The frames do not make a parcel that may be here.
    #[error("frame {0} is out of its place")]
    Misplaced(u64),
    /// A parcel is larger than any may be.
    #[error("the parcel of frame {0} is larger than any may be")]
    TooLarge(u64),
    /// There are more frames than the task's limits let anybody send.
    #[error("frame {0} is one more than the task lets anybody send")]
    TooMany(u64),
    /// What came does not open under the key, the place and the number that it should have.
    #[error("what ends with frame {0} was forged, changed or moved")]
    NotOpened(u64),
    /// This node cannot keep what came: its disk is full, mostly.
    #[error("frame {0} cannot be kept on this node's disk")]
    NotKept(u64),
    /// The closing statement does not fit what came.
    #[error(
        "the closing statement says {said} messages and another hash than the {came} that came"
    )]
    Closing {
        /// How many messages it says.
        said: u64,
        /// How many came.
        came: u64,
    },
}

impl Incoming {
    /// Begins to receive for an execution.
    pub(crate) fn new(
        order: Arc<Order>,
        post: Post,
        outgoing: Arc<Mutex<Outgoing>>,
        inbox: Inbox,
    ) -> Self {
        let open = watch::Sender::new(order.peers().collect());
        let arguments = watch::Sender::new(None);
        let streams = BTreeMap::new();
        Self { order, post, outgoing, inbox, streams, arguments, open }
    }

    /// Returns what holds the arguments once they came: the key of their commitment and they.
    pub(crate) fn arguments(&self) -> watch::Receiver<Option<Vec<u8>>> {
        self.arguments.subscribe()
    }

    /// Returns what holds the parties that have not ended.
    pub(crate) fn open(&self) -> watch::Receiver<Vec<Seat>> {
        self.open.subscribe()
    }

    /// Takes a frame. A stream with which something is wrong is heard no more.
    pub(crate) async fn frame(&mut self, frame: Frame) -> Result<(), Alarm> {
        let sender = frame.stream.sender;
        let expected = sender == REQUESTER || self.order.peers().any(|peer| peer == sender);
        if !expected || frame.stream.receiver != self.order.seat {
            return Err(Alarm::Misplaced(frame.number));
        }
        let receiving = self.streams.entry(sender).or_default();
        if receiving.broken {
            return Ok(());
        }
        // What the task lets its parties send: this node's own limits may be narrower.
        let limits = &self.order.manifest.limits;
        let taken = match receiving.assemble(frame, limits, &self.post.spool) {
            Ok(None) => return Ok(()),
            Ok(Some((number, parcel))) => self.parcel(sender, number, parcel).await,
            Err(alarm) => Err(alarm),
        };
        if taken.is_err() {
            self.streams.entry(sender).or_default().broken = true;
            self.end(sender, PeerEnding::Lost);
        }
        taken
    }

    /// The server says that a party has ended. What the party itself said of it counts more; and
    /// without that, nobody knows whether something is missing.
    pub(crate) fn ended(&mut self, seat: Seat, state: ExecutionState) {
        if self.streams.get(&seat).is_some_and(|stream| stream.ended) {
            return;
        }
        let party = usize::try_from(seat.0).ok().and_then(|seat| self.order.parties.get(seat));
        let party = party.map_or("", |party| party.organization.as_str());
        let task = self.order.task;
        tracing::warn!(%task, party, %state, "a party has ended, as the server says and nobody else");
        let ending = match state {
            ExecutionState::Failed => PeerEnding::Failed,
            ExecutionState::Refused => PeerEnding::Refused,
            ExecutionState::Offered | ExecutionState::Running => return,
            ExecutionState::Finished | ExecutionState::Lost => PeerEnding::Lost,
        };
        self.end(seat, ending);
    }

    fn end(&self, seat: Seat, ending: PeerEnding) {
        self.inbox.end(seat, ending);
        self.open.send_modify(|open| open.retain(|other| *other != seat));
    }

    async fn parcel(&mut self, sender: Seat, number: u64, parcel: Assembling) -> Result<(), Alarm> {
        let not_opened = Alarm::NotOpened(number);
        match parcel.kind {
            ParcelKind::Grant => self.grant(sender, parcel.bytes).await.ok_or(not_opened),
            ParcelKind::Message => {
                let sequence = self.streams.entry(sender).or_default().received.count;
                let content = (Content::Message, sequence);
                let opened = self.open_envelope(sender, content, parcel).await;
                let (topic, body, hash) = opened.ok_or(not_opened)?;
                self.streams.entry(sender).or_default().received.add(&hash);
                self.inbox.put(Message { sender, topic, body });
                Ok(())
            }
            ParcelKind::Arguments => {
                let opened = self.open_envelope(sender, (Content::Arguments, 0), parcel).await;
                let (_, body, _) = opened.ok_or(not_opened)?;
                self.arguments.send_replace(Some(body));
                self.streams.entry(sender).or_default().ended = true;
                Ok(())
            }
            ParcelKind::Closing => {
                let opened = self.open_envelope(sender, (Content::Closing, 0), parcel).await;
                let (_, body, _) = opened.ok_or(not_opened)?;
                self.closing(sender, &body, not_opened).await
            }
            ParcelKind::Receipt => {
                self.streams.entry(sender).or_default().receipt = true;
                let bytes = parcel.bytes.in_memory().ok_or(not_opened)?;
                self.receipt(sender, bytes, not_opened).await
            }
            ParcelKind::Result => Err(Alarm::Misplaced(number)),
        }
    }

    async fn grant(&mut self, sender: Seat, parcel: Spool) -> Option<()> {
        let bytes = parcel.in_memory()?.to_vec();
        let (order, key) = (self.order.clone(), self.post.key.clone());
        // An RSA operation takes milliseconds.
        let accepted = spawn_blocking(move || {
            let place = |seat| Some(Place { seat, statement: order.statement(seat)? });
            let (from, to) = (place(sender)?, place(order.seat)?);
            let pair = Pair { task: order.task, sender: from, receiver: to };
            Channel::accept(&pair, &bytes, &key).ok()
        });
        let channel = accepted.await.ok()??;
        self.streams.entry(sender).or_default().channel = Some(Arc::new(channel));
        Some(())
    }

    /// Opens an envelope: its topic, its body and its hash.
    async fn open_envelope(
        &mut self,
        sender: Seat,
        content: (Content, u64),
        parcel: Assembling,
    ) -> Option<(String, Vec<u8>, [u8; 32])> {
        let channel = self.streams.get(&sender)?.channel.clone()?;
        if parcel.sequence != content.1 {
            return None;
        }
        let small = parcel.bytes.length() <= ON_THE_SPOT as u64;
        let open = move || {
            let mut body = Vec::new();
            let opened = channel.open(content, parcel.bytes.read().ok()?, &mut body).ok()?;
            Some((opened.topic, body, opened.hash))
        };
        if small { open() } else { spawn_blocking(open).await.ok()? }
    }

    async fn closing(&mut self, sender: Seat, body: &[u8], bad: Alarm) -> Result<(), Alarm> {
        let statement = self.order.statement(sender).ok_or(bad)?;
        let closing = Signed::<Closing>::verify(body, statement.signing()).map_err(|_| bad)?;
        let Closing { sent, ending } = closing.value();
        let stream = self.streams.entry(sender).or_default();
        let Rolling { count, hash } = stream.received;
        let expected = Tally {
            task: self.order.task,
            sender,
            receiver: self.order.seat,
            messages: count,
            rolling: hash,
        };
        if *sent != expected {
            return Err(Alarm::Closing { said: sent.messages, came: count });
        }
        stream.ended = true;
        self.outgoing.lock().await.receipt(expected);
        self.end(
            sender,
            match ending {
                ClosingEnding::Finished => PeerEnding::Finished,
                ClosingEnding::Failed => PeerEnding::Failed,
                ClosingEnding::Refused => PeerEnding::Refused,
            },
        );
        Ok(())
    }

    async fn receipt(&mut self, sender: Seat, bytes: &[u8], bad: Alarm) -> Result<(), Alarm> {
        let statement = self.order.statement(sender).ok_or(bad)?;
        let receipt = Signed::<Receipt>::verify(bytes, statement.signing()).map_err(|_| bad)?;
        let sent = self.outgoing.lock().await.tally(sender);
        if Some(&receipt.value().received) == sent.as_ref() { Ok(()) } else { Err(bad) }
    }
}

impl Receiving {
    /// Puts a frame where it belongs, and returns the parcel that it completes, with the frame's
    /// number.
    fn assemble(
        &mut self,
        frame: Frame,
        limits: &Limits,
        folder: &Arc<PathBuf>,
    ) -> Result<Option<(u64, Assembling)>, Alarm> {
        let (number, hash) = (frame.number, frame.hash());
        let known = usize::try_from(number).ok().and_then(|number| self.frames.get(number));
        match known {
            Some(known) if *known == hash => return Ok(None),
            Some(_) => return Err(Alarm::Two(number)),
            None if number != self.frames.len() as u64 => return Err(Alarm::Gap(number)),
            None if number >= most_in_stream(limits) => return Err(Alarm::TooMany(number)),
            None => self.frames.push(hash),
        }
        let misplaced = Alarm::Misplaced(number);
        let sender = frame.stream.sender;
        let Frame { kind, sequence, index, count, bytes, .. } = frame;
        let mut parcel = match self.parcel.take() {
            None if index != 0 || self.refuses(sender, kind) => return Err(misplaced),
            None if u64::from(count) > most_frames(kind, limits) => {
                return Err(Alarm::TooLarge(number));
            }
            None => Assembling { kind, sequence, count, bytes: Spool::new(folder.clone()) },
            Some(parcel) => {
                let have = parcel.bytes.length().div_ceil(limits::FRAME_BYTES as u64);
                let fits = (parcel.kind, parcel.sequence, parcel.count) == (kind, sequence, count);
                if !fits || u64::from(index) != have {
                    return Err(misplaced);
                }
                parcel
            }
        };
        parcel.bytes.write_all(&bytes).map_err(|_| Alarm::NotKept(number))?;
        let last = index.saturating_add(1) == count;
        if !last && parcel.bytes.length() % limits::FRAME_BYTES as u64 != 0 {
            return Err(misplaced);
        }
        if last {
            return Ok(Some((number, parcel)));
        }
        self.parcel = Some(parcel);
        Ok(None)
    }

    /// Says whether a parcel cannot come now: from the requester arguments, once, and from a peer
    /// messages, and then a closing statement and a receipt.
    fn refuses(&self, sender: Seat, kind: ParcelKind) -> bool {
        let requester = sender == REQUESTER;
        match kind {
            ParcelKind::Grant => self.channel.is_some(),
            ParcelKind::Arguments => !requester || self.channel.is_none() || self.ended,
            ParcelKind::Message | ParcelKind::Closing => {
                requester || self.channel.is_none() || self.ended
            }
            ParcelKind::Receipt => requester || self.receipt,
            ParcelKind::Result => true,
        }
    }
}

/// Returns how many frames a stream may have: each message one, and one more for each full frame;
/// and grant, arguments, closing statement and receipt.
fn most_in_stream(limits: &Limits) -> u64 {
    let arguments = most_frames(ParcelKind::Arguments, limits);
    let sent = limits.sent_bytes.saturating_add(limits.sent_bytes / 7);
    let full = sent.div_ceil(limits::FRAME_BYTES as u64);
    limits.messages.saturating_add(full).saturating_add(arguments).saturating_add(16)
}

/// Returns how many frames a parcel may have: padding adds at most an eighth to what is sealed.
fn most_frames(kind: ParcelKind, limits: &Limits) -> u64 {
    let bytes = match kind {
        ParcelKind::Message => limits.message_bytes,
        ParcelKind::Arguments => limits::ARGUMENT_BYTES as u64,
        ParcelKind::Grant | ParcelKind::Closing | ParcelKind::Receipt | ParcelKind::Result => {
            return SMALL_BYTES.div_ceil(limits::FRAME_BYTES as u64);
        }
    };
    bytes.saturating_add(bytes / 7).saturating_add(64 << 10).div_ceil(limits::FRAME_BYTES as u64)
}

#[cfg(test)]
mod tests;
