//! polytune's way to the other party.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anchorhold_sdk::{Error, Result, Seat, Task};
use polytune::channel::Channel;
use polytune::garble_lang::register_circuit::Circuit;

use crate::form::{EVALUATOR, Form, messages};

/// Computes a circuit with the other of two parties, both of which learn the output.
///
/// # Errors
/// [`Error::PeerEnded`]; [`Error::Said`] where a message has not the form that it must have, or not
/// the content. Says nothing of the own input.
pub(crate) fn compute(task: &Task, circuit: &Circuit, input: &[bool]) -> Result<Vec<bool>> {
    let own = task.seat().index();
    let channel = PeerChannel {
        task,
        peer: task.next(),
        expected: RefCell::new(messages(circuit, own)),
        failure: RefCell::new(None),
    };
    let both = [0, 1];
    let computing = polytune::mpc(&channel, circuit, input, EVALUATOR, own, &both, None);
    // All that it waits for is messages, and to receive one blocks.
    let done = pin!(computing).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(output) = done else {
        return Err(Error::new("the library waits for something else than a message"));
    };
    output.map_err(|error| {
        let misfit = || format!("what {} sent does not fit the protocol: {error}", channel.peer);
        channel.failure.take().unwrap_or_else(|| Error::new(misfit()))
    })
}

struct PeerChannel<'a> {
    task: &'a Task,
    peer: Seat,
    /// What has not come yet.
    expected: RefCell<VecDeque<(&'static str, Form)>>,
    /// Why the channel failed: polytune keeps no error but its text.
    failure: RefCell<Option<Error>>,
}

/// The failure is in the channel.
#[derive(Debug)]
struct Failed;

impl PeerChannel<'_> {
    fn receive(&self, phase: &str) -> Result<Vec<u8>> {
        let body = self.task.inbox().from(self.peer).topic(phase).message()?.body;
        match self.expected.borrow_mut().pop_front() {
            Some((expected, form)) if expected == phase && form.fits(&body) => Ok(body),
            _ => Err(Error::new(format!("the message {phase:?} from {} is malformed", self.peer))),
        }
    }

    fn keep<T>(&self, result: Result<T>) -> Result<T, Failed> {
        result.map_err(|error| {
            self.failure.replace(Some(error));
            Failed
        })
    }
}

impl Channel for PeerChannel<'_> {
    type SendError = Failed;
    type RecvError = Failed;

    async fn send_bytes_to(&self, _: usize, data: Vec<u8>, phase: &str) -> Result<(), Failed> {
        self.keep(self.task.send_bytes(self.peer, phase, &data))
    }

    async fn recv_bytes_from(&self, _: usize, phase: &str) -> Result<Vec<u8>, Failed> {
        self.keep(self.receive(phase))
    }
}
