//! What the lab knows of its parties and of the messages between them; virtual time.

use std::fmt;
use std::time::Duration;

use super::fault::{Fault, Kind};
use super::network::GIVEN_UP_AFTER;
use super::report::Sent;
use crate::Ending;
use crate::windows::{RawMessage, ReceiveError};

pub(super) struct State {
    task: u32,
    now: Duration,
    places: Vec<Place>,
    /// The party that runs; none when all have ended.
    pub turn: Option<usize>,
    /// The faults whose messages were not sent yet.
    pub faults: Vec<Fault>,
    pub trace: Vec<Sent>,
    /// Who waits for whom, once no party can go on.
    pub deadlock: Option<String>,
}

/// What is known of one party.
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

/// What a party waits for.
#[derive(Clone)]
pub(super) struct Wait {
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
#[derive(Default)]
struct Link {
    /// How many messages were sent.
    sent: usize,
    /// Nothing arrives before: a delayed message delays what follows it.
    not_before: Duration,
    /// When the sender is told to be lost: nothing more arrives.
    lost_at: Option<Duration>,
}

impl State {
    pub fn new(task: u32, parties: usize, absent: &[usize], faults: Vec<Fault>) -> Self {
        let link = |sender| Link {
            lost_at: absent.contains(&sender).then_some(GIVEN_UP_AFTER),
            ..Link::default()
        };
        let place = |seat| Place {
            status: match absent.contains(&seat) {
                true => Status::Ended(Ending::Lost),
                false => Status::Ready,
            },
            inbox: Vec::new(),
            round: 0,
            links: (0..parties).map(link).collect(),
        };
        Self {
            task,
            now: Duration::ZERO,
            places: (0..parties).map(place).collect(),
            turn: (0..parties).find(|seat| !absent.contains(seat)),
            faults,
            trace: Vec::new(),
            deadlock: None,
        }
    }

    pub fn parties(&self) -> usize {
        self.places.len()
    }

    /// Ends a party's execution.
    pub fn end(&mut self, own: usize, ending: Ending) {
        self.places[own].status = Status::Ended(ending);
    }

    /// Says what to wait for from now on.
    pub fn wait(
        &self,
        sender: Option<usize>,
        topic: Option<&str>,
        timeout: Option<Duration>,
    ) -> Wait {
        // A timeout takes some time at least, so that a party that looks again and again does not
        // keep the others from going on.
        let shortest = Duration::from_micros(1);
        let deadline = timeout.map(|timeout| self.now.saturating_add(timeout.max(shortest)));
        Wait { sender, topic: topic.map(str::to_owned), deadline }
    }

    /// Returns what a party waits for, or why it does not come; none if the party must wait.
    pub fn receive(&mut self, own: usize, wait: &Wait) -> Option<Result<RawMessage, ReceiveError>> {
        let received = if let Status::TimedOut = self.places[own].status {
            Err(ReceiveError::TimedOut)
        } else if let Some(position) = self.arrived(own, wait) {
            Ok(self.places[own].take(position))
        } else if let Some(ending) = self.peer_ended(own, wait) {
            Err(ReceiveError::PeerEnded(ending))
        } else {
            self.places[own].status = Status::Waiting(wait.clone());
            return None;
        };
        self.places[own].status = Status::Ready;
        Some(received)
    }

    pub fn send(&mut self, from: usize, to: usize, topic: &str, mut body: Vec<u8>) {
        let round = self.places[from].round + 1;
        let now = self.now;
        let link = &mut self.places[to].links[from];
        let index = link.sent;
        link.sent += 1;
        self.trace.push(Sent {
            task: self.task,
            round,
            from,
            to,
            index,
            topic: topic.to_owned(),
            body: body.clone(),
        });
        let matching = |fault: &mut Fault| fault.concerns(from, to, index);
        for fault in self.faults.extract_if(.., matching) {
            match fault.kind {
                Kind::Drop => link.lost_at = link.lost_at.or(Some(now + GIVEN_UP_AFTER)),
                Kind::Delay(time) => link.not_before = link.not_before.max(now + time),
                Kind::Corrupt(change) => change(&mut body),
            }
        }
        if link.lost_at.is_some() {
            return;
        }
        let time = now.max(link.not_before);
        let inbox = &mut self.places[to].inbox;
        let position = inbox.partition_point(|arrival| arrival.time <= time);
        let arrival = Arrival { time, sender: from, round, topic: topic.to_owned(), body };
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
        if self.places[own].inbox.iter().any(|arrival| wait.matches(arrival)) {
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
        match (self.places[receiver].links[sender].lost_at, &self.places[sender].status) {
            (Some(time), _) => (time <= self.now).then_some(Ending::Lost),
            (None, Status::Ended(ending)) => Some(*ending),
            (None, _) => None,
        }
    }

    /// Chooses who runs after a party that waits or has ended; moves time on if nobody can.
    pub fn next_turn(&mut self, own: usize) -> Option<usize> {
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
        let deadlines = self.waits().filter_map(|(seat, wait)| Some((wait.deadline?, seat)));
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
    fn take(&mut self, position: usize) -> RawMessage {
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
            && self.topic.as_ref().is_none_or(|topic| *topic == arrival.topic)
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sender {
            Some(sender) => write!(f, "seat {sender}")?,
            None => f.write_str("any party")?,
        }
        self.topic.iter().try_for_each(|topic| write!(f, " ({topic:?})"))
    }
}
