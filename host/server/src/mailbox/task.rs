//! What the mailbox knows of a task that was offered and has not ended, or not long ago.

use std::collections::BTreeMap;

use anchorhold_identity::Fingerprint;
use anchorhold_model::layout::REQUESTER;
use anchorhold_model::link::{ParcelKind, Stream};
use anchorhold_model::{CollaborationId, ExecutionState, Limits, Report, Seat};

use super::stream::{Outgoing, StreamState};
use crate::store::LiveRow;

/// How many frames of a task one receiver is sent before it takes some: enough to fill a link, and
/// few enough that one execution that does not take them holds up no other.
const CREDIT: usize = 16;
/// The most bytes that are kept of one task, whatever its manifest allows.
const TASK_BYTES: u64 = 16 << 30;
/// The most bytes that are kept of one party's result, whatever the manifest allows: the default
/// limit with its padding.
const RESULT_BYTES: u64 = 96 << 20;

#[derive(Debug)]
pub(super) struct LiveTask {
    pub(super) collaboration: CollaborationId,
    pub(super) ordinal: u32,
    pub(super) deadline: u64,
    pub(super) offered: u64,
    pub(super) ended: Option<u64>,
    pub(super) killed: bool,
    /// Whether more came than may be kept.
    pub(super) full: bool,
    /// Whether it ended so long ago that nothing more is taken over: it is forgotten soon.
    pub(super) over: bool,
    pub(super) parties: Vec<Party>,
    /// Bytes that are kept of what passes between the parties.
    held: u64,
    most: u64,
    most_of_result: u64,
    /// How many reports of progress came.
    pub(super) reports: u64,
    /// By receiver and sender.
    streams: BTreeMap<(Seat, Seat), StreamState>,
}

#[derive(Debug)]
pub(super) struct Party {
    pub(super) organization: Fingerprint,
    pub(super) state: ExecutionState,
    /// Whether its end is committed, so that others may be told.
    pub(super) settled: bool,
    /// The newest report of how far its execution is. It is lost with this process.
    pub(super) report: Option<Report>,
    /// Whose frame it was sent last.
    last_sender: Seat,
}

impl LiveTask {
    pub(super) fn new(row: &LiveRow) -> Self {
        let party = |(organization, state): &(Fingerprint, ExecutionState)| Party {
            organization: *organization,
            state: *state,
            settled: state.is_final(),
            report: None,
            last_sender: REQUESTER,
        };
        let mut task = Self {
            collaboration: row.collaboration,
            ordinal: row.manifest.ordinal,
            deadline: row.manifest.deadline,
            offered: row.offered,
            ended: row.ended,
            killed: row.killed,
            full: false,
            over: false,
            parties: row.executions.iter().map(party).collect(),
            held: 0,
            most: most(&row.manifest.limits, row.executions.len()),
            most_of_result: most_of_result(&row.manifest.limits),
            reports: 0,
            streams: BTreeMap::new(),
        };
        for (position, bytes) in &row.streams {
            let stream = position.stream;
            let mut state = StreamState::rebuilt(position.next, position.taken, *bytes);
            if task.party(stream.sender).is_some_and(|party| party.state.is_final()) {
                state.end = Some(state.next);
            }
            if is_between_parties(&stream) {
                task.held = task.held.saturating_add(*bytes);
            }
            task.streams.insert((stream.receiver, stream.sender), state);
        }
        task
    }

    /// Returns the seats with their parties.
    pub(super) fn seats(&self) -> impl Iterator<Item = (Seat, &Party)> {
        (0..).map(Seat).zip(&self.parties)
    }

    pub(super) fn party(&self, seat: Seat) -> Option<&Party> {
        self.parties.get(usize::try_from(seat.0).ok()?)
    }

    pub(super) fn party_mut(&mut self, seat: Seat) -> Option<&mut Party> {
        self.parties.get_mut(usize::try_from(seat.0).ok()?)
    }

    /// Returns the seat of an organization.
    pub(super) fn seat_of(&self, organization: &Fingerprint) -> Option<Seat> {
        self.seats().find(|(_, party)| party.organization == *organization).map(|(seat, _)| seat)
    }

    pub(super) fn stream(&self, stream: &Stream) -> Option<&StreamState> {
        self.streams.get(&(stream.receiver, stream.sender))
    }

    /// Returns a stream, which begins where there is none. Its seats must be the task's.
    pub(super) fn stream_mut(&mut self, stream: &Stream) -> &mut StreamState {
        self.streams.entry((stream.receiver, stream.sender)).or_default()
    }

    /// Returns the streams with their senders and receivers.
    pub(super) fn streams(&self) -> impl Iterator<Item = ((Seat, Seat), &StreamState)> {
        self.streams.iter().map(|((receiver, sender), state)| ((*sender, *receiver), state))
    }

    /// Says whether something of it is to be committed yet.
    pub(super) fn is_uncommitted(&self) -> bool {
        self.streams.values().any(|state| state.stored < state.next)
    }

    /// Starts the streams to a seat again.
    pub(super) fn rewind(&mut self, receiver: Seat) {
        self.streams_to(receiver).for_each(|(_, state)| state.rewind());
    }

    /// Says whether a stream's seats are the task's, and two of them.
    pub(super) fn has(&self, stream: &Stream) -> bool {
        let known = |seat| seat == REQUESTER || self.party(seat).is_some();
        stream.sender != stream.receiver && known(stream.sender) && known(stream.receiver)
    }

    /// Says whether a frame of this kind and cost would be more than may be kept.
    pub(super) fn is_too_much(&self, stream: &Stream, kind: ParcelKind, cost: u64) -> bool {
        if !is_between_parties(stream) {
            let held = self.stream(stream).map_or(0, |state| state.held);
            return held.saturating_add(cost) > self.most_of_result;
        }
        // What ends an execution still passes when messages do not.
        let message = kind == ParcelKind::Message;
        let most = if message { self.most } else { self.most.saturating_mul(2) };
        (self.full && message) || self.held.saturating_add(cost) > most
    }

    /// Notes that a stream keeps more.
    pub(super) fn hold(&mut self, stream: &Stream, bytes: u64) {
        if is_between_parties(stream) {
            self.held = self.held.saturating_add(bytes);
        }
    }

    /// Notes that a stream keeps less.
    pub(super) fn free(&mut self, stream: &Stream, bytes: u64) {
        if is_between_parties(stream) {
            self.held = self.held.saturating_sub(bytes);
        }
    }

    /// Ends the streams of a sender where they are.
    pub(super) fn end_streams(&mut self, sender: Seat) {
        let of_sender = self.streams.iter_mut().filter(|((_, other), _)| *other == sender);
        of_sender.for_each(|(_, state)| state.end = Some(state.next));
    }

    /// Says whether a receiver may be told that a sender has ended.
    pub(super) fn may_tell_end(&self, sender: Seat, receiver: Seat) -> bool {
        let settled = self.party(sender).is_some_and(|party| party.settled);
        let told = self.party(receiver).is_some_and(|party| !party.state.is_final());
        let stream = self.streams.get(&(receiver, sender));
        sender != receiver && settled && told && stream.is_none_or(StreamState::is_drained)
    }

    /// Returns what a receiver is to be sent next, while it has credit: its arguments, without
    /// which nothing begins, and then the other senders in turn.
    pub(super) fn pull(&mut self, receiver: Seat) -> Option<(Seat, Outgoing)> {
        let in_flight: usize = self.streams_to(receiver).map(|(_, state)| state.in_flight()).sum();
        if in_flight >= CREDIT {
            return None;
        }
        let last = self.party(receiver)?.last_sender;
        let senders: Vec<_> = self.streams_to(receiver).map(|(sender, _)| sender).collect();
        let after = senders.partition_point(|sender| *sender <= last);
        let (before, after) = senders.split_at(after);
        for sender in [REQUESTER].iter().chain(after).chain(before) {
            let state = self.streams.get_mut(&(receiver, *sender));
            if let Some(outgoing) = state.and_then(StreamState::pull) {
                self.party_mut(receiver)?.last_sender = *sender;
                return Some((*sender, outgoing));
            }
        }
        None
    }

    fn streams_to(&mut self, receiver: Seat) -> impl Iterator<Item = (Seat, &mut StreamState)> {
        let range = (receiver, Seat(0))..=(receiver, REQUESTER);
        self.streams.range_mut(range).map(|((_, sender), state)| (*sender, state))
    }
}

/// Says whether a stream is from party to party, or arguments for one: such frames go when they are
/// taken.
fn is_between_parties(stream: &Stream) -> bool {
    stream.receiver != REQUESTER
}

/// Returns how many bytes a task may keep: what its parties may send, padded, a kibibyte for the
/// header of each message, and for each pair a grant and a closing statement.
fn most(limits: &Limits, parties: usize) -> u64 {
    let parties = u64::try_from(parties).unwrap_or(u64::MAX);
    let padded = limits.sent_bytes.saturating_add(limits.sent_bytes / 4);
    let each = padded.saturating_add(limits.messages.saturating_mul(1 << 10));
    let pairs = parties.saturating_mul(parties.saturating_add(1)).saturating_mul(32 << 10);
    // Arguments of a party have at most a megabyte, padded.
    let arguments = parties.saturating_mul(2 << 20);
    let all = parties.saturating_mul(each).saturating_add(pairs).saturating_add(arguments);
    all.min(TASK_BYTES)
}

fn most_of_result(limits: &Limits) -> u64 {
    let padded = limits.result_bytes.saturating_add(limits.result_bytes / 4);
    padded.saturating_add(256 << 10).min(RESULT_BYTES)
}
