//! Vectors in messages: their elements' bytes and nothing else, so that a message of a protocol is
//! as long as its paper says.

use super::Domain;
use crate::{Error, Result, Seat, Task};

impl Task {
    pub(super) fn send_vector<D: Domain>(&self, to: Seat, topic: &str, vector: &[D]) -> Result<()> {
        self.send_bytes(to, topic, &bytes(vector))
    }

    /// Sends a vector to every other party.
    pub(super) fn broadcast_vector<D: Domain>(&self, topic: &str, vector: &[D]) -> Result<()> {
        let bytes = bytes(vector);
        self.others().try_for_each(|seat| self.send_bytes(seat, topic, &bytes))
    }

    /// Receives a vector of a length that both sides know.
    pub(super) fn receive_vector<D: Domain>(
        &self,
        from: Seat,
        topic: &str,
        length: usize,
    ) -> Result<Vec<D>> {
        let bytes = self.inbox().from(from).topic(topic).message()?.body;
        if Some(bytes.len()) != length.checked_mul(D::BYTES) {
            return Err(Error::new(format!(
                "the {topic:?} vector of {from} has {} bytes instead of {length} elements of {}",
                bytes.len(),
                D::BYTES
            )));
        }
        let mut elements = Vec::with_capacity(length);
        for bytes in bytes.chunks_exact(D::BYTES) {
            elements.push(D::read(bytes).ok_or_else(|| {
                Error::new(format!("the {topic:?} vector of {from} has bytes that are no element"))
            })?);
        }
        Ok(elements)
    }
}

pub(super) fn bytes<D: Domain>(vector: &[D]) -> Vec<u8> {
    let mut bytes = vec![0; vector.len() * D::BYTES];
    for (element, bytes) in vector.iter().zip(bytes.chunks_exact_mut(D::BYTES)) {
        element.write(bytes);
    }
    bytes
}
