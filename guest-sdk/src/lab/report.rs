//! What came of a task in the lab.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::cell::Execution;
use crate::error::Error;
use crate::mpc::agree;

/// A message as its sender sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The ordinal of its task in the run, from 0.
    pub task: u32,
    /// 1 and the highest round of what the sender had received before.
    pub round: u32,
    /// The seat that sent it.
    pub from: usize,
    /// The seat that it was for.
    pub to: usize,
    /// Its index among what that seat was sent by this one in the task, from 0.
    pub index: usize,
    /// Its topic.
    pub topic: String,
    /// Its body, before a fault changed it.
    pub body: Vec<u8>,
}

/// How much was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Messages.
    pub messages: usize,
    /// Bytes of all bodies.
    pub bytes: usize,
    /// The highest round: the longest chain of messages each of which may depend on the one before.
    pub rounds: u32,
}

/// Why a party has no result.
#[derive(Debug)]
pub enum Failure {
    /// The algorithm returned an error.
    Returned(Error),
    /// The algorithm panicked, with this message.
    Panicked(String),
    /// All parties waited, for what this text says.
    Deadlock(String),
    /// The test let the party never come.
    Absent,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned(error) => f.write_str(&error.sentence()),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::Deadlock(waits) => write!(f, "deadlock: {waits}"),
            Self::Absent => f.write_str("absent"),
        }
    }
}

/// What came of a task, for each party.
#[derive(Debug)]
pub struct Report {
    outcomes: Vec<Result<Value, Failure>>,
    bytes: Vec<Vec<u8>>,
    logs: Vec<Vec<String>>,
    trace: Vec<Sent>,
}

impl Report {
    pub(super) fn new(
        parties: usize,
        mut executions: BTreeMap<usize, Execution>,
        trace: Vec<Sent>,
    ) -> Self {
        let mut report = Self { outcomes: Vec::new(), bytes: Vec::new(), logs: Vec::new(), trace };
        for seat in 0..parties {
            let absent =
                Execution { outcome: Err(Failure::Absent), bytes: Vec::new(), log: Vec::new() };
            let Execution { outcome, bytes, log } = executions.remove(&seat).unwrap_or(absent);
            report.outcomes.push(outcome);
            report.bytes.push(bytes);
            report.logs.push(log);
        }
        report
    }

    /// Returns what each party's execution came to, in the order of seats.
    pub fn outcomes(&self) -> &[Result<Value, Failure>] {
        &self.outcomes
    }

    /// Returns a party's result; null where it is bytes that are no JSON.
    ///
    /// # Panics
    /// If it has none, with its failure.
    #[track_caller]
    pub fn result(&self, seat: usize) -> &Value {
        match &self.outcomes[seat] {
            Ok(result) => result,
            Err(failure) => panic!("seat {seat} has no result: {failure}"),
        }
    }

    /// Returns the bytes of a party's result.
    ///
    /// # Panics
    /// If it has none, with its failure.
    #[track_caller]
    pub fn bytes(&self, seat: usize) -> &[u8] {
        self.result(seat);
        &self.bytes[seat]
    }

    /// Returns the result that all parties have.
    ///
    /// # Panics
    /// If a party has none, or another than seat 0.
    #[track_caller]
    pub fn common_result(&self) -> &Value {
        let first = self.result(0);
        for seat in 1..self.outcomes.len() {
            assert_eq!(self.result(seat), first, "the result of seat {seat}");
        }
        first
    }

    /// Returns why a party has no result.
    ///
    /// # Panics
    /// If it has one.
    #[track_caller]
    pub fn failure(&self, seat: usize) -> &Failure {
        match &self.outcomes[seat] {
            Ok(result) => panic!("seat {seat} has the result {result}"),
            Err(failure) => failure,
        }
    }

    /// Returns the sentence of the error that a party returned.
    ///
    /// # Panics
    /// If it returned none, with what it came to instead.
    #[track_caller]
    pub fn error(&self, seat: usize) -> String {
        match self.failure(seat) {
            Failure::Returned(error) => error.sentence(),
            other => panic!("seat {seat} returned no error: {other}"),
        }
    }

    /// Returns the sentence of the error that all parties returned.
    ///
    /// # Panics
    /// If a party returned none, or one of other words than seat 0.
    #[track_caller]
    pub fn common_error(&self) -> String {
        let first = self.error(0);
        for seat in 1..self.outcomes.len() {
            assert_eq!(self.error(seat), first, "the error of seat {seat}");
        }
        first
    }

    /// Returns the sentence with which all parties ended before any of them sent more than what it says
    /// in [`agree`](agree()).
    ///
    /// # Panics
    /// As [`Report::common_error`], and if another message was sent.
    #[track_caller]
    pub fn refusal(&self) -> String {
        let sentence = self.common_error();
        assert!(self.only_agreed(), "more was sent than the agreement, though {sentence:?}");
        sentence
    }

    /// Says whether no party sent more than what it says in [`agree`](agree()).
    pub fn only_agreed(&self) -> bool {
        self.trace.iter().all(|sent| sent.topic == agree::TOPIC)
    }

    /// Returns a party's log, line by line.
    pub fn log(&self, seat: usize) -> &[String] {
        &self.logs[seat]
    }

    /// Returns all messages in the order in which they were sent.
    pub fn trace(&self) -> &[Sent] {
        &self.trace
    }

    /// Returns the topics of what one party sent another, in order.
    pub fn topics(&self, from: usize, to: usize) -> Vec<&str> {
        let sent = self.trace.iter().filter(|sent| (sent.from, sent.to) == (from, to));
        sent.map(|sent| &*sent.topic).collect()
    }

    /// Counts what was sent.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            messages: self.trace.len(),
            bytes: self.trace.iter().map(|sent| sent.body.len()).sum(),
            rounds: self.trace.iter().map(|sent| sent.round).max().unwrap_or(0),
        }
    }
}
