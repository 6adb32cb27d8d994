//! What all kinds have in common: elements go one way in batches, replies the other, and the pod's set as
//! sorted tokens.
//!
//! **Messages**, each with up to [`BATCH`] elements: `asked` from the modeller, at once, and `set` and then
//! `replies` from the pod. So it takes two rounds whatever the sizes are, and the number and sizes of the
//! messages follow from the sizes of both sets alone.

use anchorhold_sdk::{ChaCha20Rng, Error, Result, Seat, Task, exchanges};

use crate::set::Digest;
use crate::token::{TOKEN, Token};
use crate::wrong::Wrong;

/// How many elements one message has: 128 KiB of points, a megabyte of RSA numbers.
pub const BATCH: usize = 4_096;

/// The modeller's part of one kind.
pub trait Asking {
    /// Returns the bytes of an element that is asked for, and of the reply.
    fn element_bytes(&self) -> usize;

    /// Returns the bytes that follow the replies of each batch.
    fn proof_bytes(&self) -> usize {
        0
    }

    /// Hides the elements of a batch.
    fn ask(&mut self, elements: &[Digest], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong>;

    /// Reads the reply to the first batch that was not answered yet: as many bytes as it must have.
    fn open(&mut self, elements: &[Digest], reply: &[u8]) -> Result<Vec<Token>, Wrong>;
}

/// The pod's part of one kind.
pub trait Answering {
    /// Returns what the modeller is told of the key before it asks.
    fn public_key(&self) -> Vec<u8>;

    /// Returns the bytes of an element that is asked for, and of the reply.
    fn element_bytes(&self) -> usize;

    /// Applies the key to own elements.
    fn tokens(&self, elements: &[Digest]) -> Vec<Token>;

    /// Applies the key to what a batch asks for: a multiple of the bytes of an element.
    fn answer(&mut self, asked: &[u8], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Wrong>;
}

/// An element that both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Its place among the pod's tokens, sorted.
    pub place: usize,
    /// Its place among the modeller's elements; where replies are permuted, another one's.
    pub element: usize,
}

/// Asks the pod, and finds what both have, in the order of the pod's tokens. What the pod sends along
/// with each token, of `EXTRA` bytes, is given to `found` where both have the element.
///
/// # Errors
/// [`Error::Said`] with the message and its sender, if it is not what the protocol says.
pub fn ask<const EXTRA: usize>(
    task: &mut Task,
    pod: Seat,
    asking: &mut dyn Asking,
    elements: &[Digest],
    pod_elements: usize,
    mut found: impl FnMut(&[u8; EXTRA]) -> Result<(), Wrong>,
) -> Result<Vec<Common>> {
    let batches = Batches::of(elements.len());
    for (number, batch) in elements.chunks(BATCH).enumerate() {
        let body = asking.ask(batch, task.rng());
        let body = body.map_err(|wrong| say(pod, "agree", wrong))?;
        task.send_bytes(pod, "asked", &body)?;
        batches.progress(task, number, "asked");
    }
    let mut tokens = Vec::with_capacity(elements.len());
    for (number, batch) in elements.chunks(BATCH).enumerate() {
        let length = batch.len() * asking.element_bytes() + asking.proof_bytes();
        let reply = receive(task, pod, "replies", length)?;
        let opened = asking.open(batch, &reply).map_err(|wrong| say(pod, "replies", wrong))?;
        tokens.extend(opened.into_iter().zip(tokens.len()..));
        batches.progress(task, number, "answered");
    }
    tokens.sort_unstable();
    if tokens.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(say(pod, "replies", Wrong::Alike));
    }
    // Both are sorted, so that the pod's set is read once and never kept.
    let (mut own, mut last) = (tokens.iter().peekable(), None);
    let mut common = Vec::new();
    for (number, size) in Batches::of(pod_elements).sizes().enumerate() {
        let body = receive(task, pod, "set", size * (TOKEN + EXTRA))?;
        for (place, bytes) in (number * BATCH..).zip(body.chunks_exact(TOKEN + EXTRA)) {
            let (theirs, extra) = bytes.split_first_chunk::<TOKEN>().expect("a token is first");
            if last.is_some_and(|last| last >= *theirs) {
                return Err(say(pod, "set", Wrong::Order));
            }
            last = Some(*theirs);
            while own.next_if(|(own, _)| own < theirs).is_some() {}
            if let Some((_, element)) = own.next_if(|(own, _)| own == theirs) {
                common.push(Common { place, element: *element });
                let extra = extra.first_chunk().expect("the rest of the bytes");
                found(extra).map_err(|wrong| say(pod, "set", wrong))?;
            }
        }
    }
    Ok(common)
}

/// Sends the pod's set, and with each token what `extra` says of the element, and answers what the
/// modeller asks for: as many elements as it said, batch by batch or, `permuted`, all at the end in an order
/// that only the pod knows. Returns the pod's elements in the order of their tokens.
///
/// # Errors
/// [`Error::Said`] with the message and its sender, if it is not what the protocol says.
pub fn answer<const EXTRA: usize>(
    task: &mut Task,
    modeller: Seat,
    answering: &mut dyn Answering,
    elements: &[Digest],
    asked_for: usize,
    permuted: bool,
    mut extra: impl FnMut(&[u32], &mut ChaCha20Rng) -> Vec<[u8; EXTRA]>,
) -> Result<Vec<u32>> {
    let batches = Batches::of(elements.len());
    let mut tokens: Vec<(Token, u32)> = Vec::with_capacity(elements.len());
    for (number, batch) in elements.chunks(BATCH).enumerate() {
        let first = u32::try_from(number * BATCH).expect("sets have fewer elements");
        tokens.extend(answering.tokens(batch).into_iter().zip(first..));
        batches.progress(task, number, "prepared");
    }
    tokens.sort_unstable();
    let order: Vec<u32> = tokens.iter().map(|(_, element)| *element).collect();
    for (tokens, elements) in tokens.chunks(BATCH).zip(order.chunks(BATCH)) {
        let extra = extra(elements, task.rng());
        let with_extra = tokens.iter().zip(&extra);
        let body: Vec<u8> =
            with_extra.flat_map(|((token, _), extra)| [&token[..], extra].concat()).collect();
        task.send_bytes(modeller, "set", &body)?;
    }
    drop(tokens);
    let bytes = answering.element_bytes();
    let batches = Batches::of(asked_for);
    let mut kept = Vec::new();
    for (number, size) in batches.sizes().enumerate() {
        let asked = receive(task, modeller, "asked", size * bytes)?;
        let replies = answering.answer(&asked, task.rng());
        let replies = replies.map_err(|wrong| say(modeller, "asked", wrong))?;
        match permuted {
            true => kept.extend(replies),
            false => task.send_bytes(modeller, "replies", &replies)?,
        }
        batches.progress(task, number, "answered");
    }
    permute(&mut kept, bytes, task.rng());
    for body in kept.chunks(BATCH * bytes) {
        task.send_bytes(modeller, "replies", body)?;
    }
    Ok(order)
}

/// Puts pieces of so many bytes into an order of which all are equally likely.
pub fn permute(bytes: &mut [u8], piece: usize, rng: &mut ChaCha20Rng) {
    for (lower, upper) in exchanges(bytes.len() / piece, rng) {
        let (left, right) = bytes.split_at_mut(upper * piece);
        left[lower * piece..][..piece].swap_with_slice(&mut right[..piece]);
    }
}

/// Receives a message whose length both sides know.
pub fn receive(task: &Task, from: Seat, topic: &str, length: usize) -> Result<Vec<u8>> {
    let body = task.inbox().from(from).topic(topic).message()?.body;
    if body.len() != length {
        return Err(Error::new(format!(
            "the message {topic:?} of {from} has {} bytes instead of {length}",
            body.len()
        )));
    }
    Ok(body)
}

/// Says what is wrong with a message.
pub fn say(from: Seat, topic: &str, wrong: Wrong) -> Error {
    Error::new(format!("the message {topic:?} of {from}: {wrong}"))
}

/// So many elements, in batches.
#[derive(Clone, Copy)]
struct Batches {
    elements: usize,
}

impl Batches {
    fn of(elements: usize) -> Self {
        Self { elements }
    }

    /// Returns how many elements each batch has.
    fn sizes(self) -> impl Iterator<Item = usize> {
        (0..self.elements).step_by(BATCH).map(move |first| BATCH.min(self.elements - first))
    }

    /// Logs how far the execution is; of one batch, nothing.
    fn progress(self, task: &Task, number: usize, what: &str) {
        if self.elements > BATCH {
            let done = self.elements.min((number + 1) * BATCH);
            task.info(&format!("{what}: {done} of {} elements", self.elements));
        }
    }
}

#[cfg(test)]
mod tests;
