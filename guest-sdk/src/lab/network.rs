//! Messages between the lab's parties, whose turn it is, and virtual time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cell::Execution;
use super::fault::{Fault, Kind};
use super::report::{Report, Sent};
use crate::windows::{NoSuchParty, RawMessage, ReceiveError};
use crate::{Ending, Seat};

/// After how much virtual time a party that does not come, or whose messages do not, is given up as
/// lost.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(3600);

/// Why a party cannot go on: no party can.
#[derive(Debug)]
pub(super) struct Stopped(pub String);

pub(super) struct Network {
    state: Mutex<State>,
    /// One for each party, which waits there for its turn.
    turns: Vec<Condvar>,
}

struct State {
    now: Duration,
    /// The party that runs; none when all have ended.
    turn: Option<usize>,
    places: Vec<Place>,
    faults: Vec<Fault>,
    trace: Vec<Sent>,
    deadlock: Option<String>,
}

/// What the network knows of one party.
struct Place {
    status: Status,
    /// In the order of arrival.
    inbox: Vec<Arrival>,
    /// The highest round of what it received.
    round: u32,
    /// What comes from each sender.
    links: Vec<Link>,
}

enum Status {
    Ready,
    Waiting(Wait),
    TimedOut,
    Ended(Ending),
}

#[derive(Clone)]
struct Wait {
    sender: Option<usize>,
    topic: Option<String>,
    deadline: Option<Duration>,
}

struct Arrival {
    time: Duration,
    sender: usize,
    round: u32,
    topic: String,
    body: Vec<u8>,
}

/// What comes to one party from one sender.
#[derive(Clone, Default)]
struct Link {
    /// How many messages were sent.
    sent: usize,
    /// Nothing arrives before: a delayed message delays what follows it.
    not_before: Duration,
    /// When the sender is told to be lost: nothing more arrives.
    lost_at: Option<Duration>,
}

impl Network {
    pub fn new(parties: usize, absent: &[usize], faults: Vec<Fault>) -> Self {
        let links: Vec<_> = (0..parties)
            .map(|sender| Link {
                lost_at: absent.contains(&sender).then_some(GIVEN_UP_AFTER),
                ..Link::default()
            })
            .collect();
        let places = (0..parties).map(|seat| Place {
            status: match absent.contains(&seat) {
                true => Status::Ended(Ending::Lost),
                false => Status::Ready,
            },
            inbox: Vec::new(),
            round: 0,
            links: links.clone(),
        });
        Self {
            state: Mutex::new(State {
                now: Duration::ZERO,
                turn: (0..parties).find(|seat| !absent.contains(seat)),
                places: places.collect(),
                faults,
                trace: Vec::new(),
                deadlock: None,
            }),
            turns: (0..parties).map(|_| Condvar::new()).collect(),
        }
    }

    /// Waits for a party's first turn.
    pub fn begin(&self, own: usize) {
        drop(self.wait_for_turn(own, self.lock()));
    }

    /// Ends a party's execution.
    pub fn end(&self, own: usize, ending: Ending) {
        let mut state = self.lock();
        state.places[own].status = Status::Ended(ending);
        self.hand_over(own, &mut state);
    }

    /// Reports what came of the task.
    pub fn close(&self, executions: Vec<(Seat, Execution)>) -> Report {
        let mut state = self.lock();
        if let Some(fault) = state.faults.first() {
            panic!("there was no message to {fault}");
        }
        let executions: BTreeMap<_, _> = executions
            .into_iter()
            .map(|(seat, execution)| (seat.index(), execution))
            .collect();
        let trace = std::mem::take(&mut state.trace);
        Report::new(state.places.len(), executions, trace)
    }

    pub fn send(
        &self,
        from: usize,
        to: usize,
        topic: &str,
        body: &[u8],
    ) -> Result<(), NoSuchParty> {
        let mut state = self.lock();
        if from == to || to >= state.places.len() {
            return Err(NoSuchParty);
        }
        state.send(from, to, topic, body.to_vec());
        Ok(())
    }

    /// Receives a message, or stops because no party can go on.
    pub fn receive(
        &self,
        own: usize,
        sender: Option<usize>,
        topic: Option<&str>,
        timeout_ms: Option<u64>,
    ) -> Result<Result<RawMessage, ReceiveError>, Stopped> {
        let mut state = self.lock();
        if sender.is_some_and(|sender| sender == own || sender >= state.places.len()) {
            return Ok(Err(ReceiveError::NoSuchParty));
        }
        // A timeout takes some time at least, so that a party that looks again and again does not
        // keep the others from going on.
        let deadline = timeout_ms.map(|timeout| {
            let timeout = Duration::from_millis(timeout).max(Duration::from_micros(1));
            state.now.saturating_add(timeout)
        });
        let wait = Wait {
            sender,
            topic: topic.map(str::to_owned),
            deadline,
        };
        loop {
            if let Some(waits) = &state.deadlock {
                return Err(Stopped(waits.clone()));
            }
            if let Status::TimedOut = state.places[own].status {
                state.places[own].status = Status::Ready;
                return Ok(Err(ReceiveError::TimedOut));
            }
            if let Some(position) = state.arrived(own, &wait) {
                state.places[own].status = Status::Ready;
                return Ok(Ok(state.places[own].receive(position)));
            }
            if let Some(ending) = state.peer_ended(own, &wait) {
                state.places[own].status = Status::Ready;
                return Ok(Err(ReceiveError::PeerEnded(ending)));
            }
            state.places[own].status = Status::Waiting(wait.clone());
            self.hand_over(own, &mut state);
            state = self.wait_for_turn(own, state);
        }
    }

    fn hand_over(&self, own: usize, state: &mut State) {
        state.turn = state.next_turn(own);
        if let Some(turn) = state.turn {
            self.turns[turn].notify_one();
        }
    }

    fn wait_for_turn<'a>(&self, own: usize, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.turns[own]
            .wait_while(state, |state| state.turn != Some(own))
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn send(&mut self, from: usize, to: usize, topic: &str, mut body: Vec<u8>) {
        let round = self.places[from].round + 1;
        self.trace.push(Sent {
            round,
            from,
            to,
            topic: topic.to_owned(),
            body: body.clone(),
        });
        let now = self.now;
        let link = &mut self.places[to].links[from];
        let index = link.sent;
        link.sent += 1;
        let matching = |fault: &mut Fault| fault.concerns(from, to, index);
        for fault in self.faults.extract_if(.., matching) {
            match fault.kind {
                Kind::Drop => link.lost_at = Some(now + GIVEN_UP_AFTER),
                Kind::Delay(time) => link.not_before = now + time,
                Kind::Corrupt(change) => change(&mut body),
            }
        }
        if link.lost_at.is_some() {
            return;
        }
        let time = now.max(link.not_before);
        link.not_before = time;
        let inbox = &mut self.places[to].inbox;
        let position = inbox.partition_point(|arrival| arrival.time <= time);
        let arrival = Arrival {
            time,
            sender: from,
            round,
            topic: topic.to_owned(),
            body,
        };
        inbox.insert(position, arrival);
    }

    /// Finds the message that a party waits for, if it is there.
    fn arrived(&self, own: usize, wait: &Wait) -> Option<usize> {
        let inbox = self.places[own].inbox.iter();
        let mut there = inbox.take_while(|arrival| arrival.time <= self.now);
        there.position(|arrival| wait.matches(arrival))
    }

    /// Says that no message can come that a party waits for, and why.
    fn peer_ended(&self, own: usize, wait: &Wait) -> Option<Ending> {
        if self.places[own]
            .inbox
            .iter()
            .any(|arrival| wait.matches(arrival))
        {
            return None;
        }
        let others = (0..self.places.len()).filter(|seat| *seat != own);
        let mut senders = others.filter(|seat| wait.sender.is_none_or(|sender| sender == *seat));
        senders.try_fold(Ending::Finished, |ending, sender| {
            let next = self.ending_of(sender, own)?;
            Some(match ending {
                Ending::Finished => next,
                of_a_lower_seat => of_a_lower_seat,
            })
        })
    }

    /// Returns how a party ended as another is told, if it did.
    fn ending_of(&self, sender: usize, receiver: usize) -> Option<Ending> {
        match (
            self.places[receiver].links[sender].lost_at,
            &self.places[sender].status,
        ) {
            (Some(time), _) => (time <= self.now).then_some(Ending::Lost),
            (None, Status::Ended(ending)) => Some(*ending),
            (None, _) => None,
        }
    }

    /// Chooses who runs after a party that waits or has ended; moves time on if nobody can.
    fn next_turn(&mut self, own: usize) -> Option<usize> {
        let parties = self.places.len();
        loop {
            let mut others_first = (own + 1..=own + parties).map(|seat| seat % parties);
            if let Some(seat) = others_first.find(|seat| self.can_go_on(*seat)) {
                return Some(seat);
            }
            if let Some(seat) = self.overdue() {
                self.places[seat].status = Status::TimedOut;
                return Some(seat);
            }
            match self.next_event() {
                Some(time) => self.now = time,
                None if self.waits().next().is_none() => return None,
                None => {
                    let waits: Vec<_> = self
                        .waits()
                        .map(|(seat, wait)| format!("seat {seat} waits for {wait}"))
                        .collect();
                    self.deadlock = Some(waits.join(", "));
                }
            }
        }
    }

    fn can_go_on(&self, seat: usize) -> bool {
        match &self.places[seat].status {
            Status::Ready | Status::TimedOut => true,
            Status::Waiting(wait) => {
                self.deadlock.is_some()
                    || self.arrived(seat, wait).is_some()
                    || self.peer_ended(seat, wait).is_some()
            }
            Status::Ended(_) => false,
        }
    }

    /// Returns the party whose timeout passed first.
    fn overdue(&self) -> Option<usize> {
        let deadlines = self
            .waits()
            .filter_map(|(seat, wait)| Some((wait.deadline?, seat)));
        let passed = deadlines.filter(|(deadline, _)| *deadline <= self.now);
        passed.min().map(|(_, seat)| seat)
    }

    /// Returns when something will happen to a party that waits.
    fn next_event(&self) -> Option<Duration> {
        let events = self.waits().flat_map(|(seat, wait)| {
            let place = &self.places[seat];
            let arrivals = place.inbox.iter().map(|arrival| arrival.time);
            let losses = place.links.iter().filter_map(|link| link.lost_at);
            arrivals.chain(losses).chain(wait.deadline)
        });
        events.filter(|time| *time > self.now).min()
    }

    fn waits(&self) -> impl Iterator<Item = (usize, &Wait)> {
        let places = self.places.iter().enumerate();
        places.filter_map(|(seat, place)| match &place.status {
            Status::Waiting(wait) => Some((seat, wait)),
            _ => None,
        })
    }
}

impl Place {
    fn receive(&mut self, position: usize) -> RawMessage {
        let arrival = self.inbox.remove(position);
        self.round = self.round.max(arrival.round);
        RawMessage {
            sender: u32::try_from(arrival.sender).expect("seats are numbered by u32"),
            topic: arrival.topic,
            body: arrival.body,
        }
    }
}

impl Wait {
    fn matches(&self, arrival: &Arrival) -> bool {
        self.sender.is_none_or(|sender| sender == arrival.sender)
            && self
                .topic
                .as_ref()
                .is_none_or(|topic| *topic == arrival.topic)
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sender {
            Some(sender) => write!(f, "seat {sender}")?,
            None => f.write_str("any party")?,
        }
        self.topic
            .iter()
            .try_for_each(|topic| write!(f, " ({topic:?})"))
    }
}
