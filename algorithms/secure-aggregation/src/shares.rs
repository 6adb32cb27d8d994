//! Sums under shares, as Bitfount describes its SecureShare: each worker sends each other one random element
//! for each of its values, and what it subtracts of its own the other adds.
//!
//! **Parties**: two or more workers with a vector each, and a modeller that learns the sum.
//!
//! **Messages**: a random vector from each worker to each other; then from each to the modeller its *final
//! share*: the own vector, less what was sent, and with what was received. All of these cancel in the sum.
//! Each is of eight bytes for an element.
//!
//! **Assumes** parties that follow the protocol, and messages that only their receiver can read. All
//! workers but two may collude with the modeller.
//!
//! **Leaks** nothing but the sum: final shares are uniform but for that.
//!
//! **Does not protect** against a worker that leaves: then there is no sum.
//!
//! As described there, the average is computed in the field. By the inverse of their number that is right
//! only where it divides the sum: so here the sum is opened, and then divided.

use anchorhold_sdk::mpc::aggregation::Wrong;
use anchorhold_sdk::mpc::{Domain, add_vectors, subtract_vectors};
use anchorhold_sdk::{Result, Seat, Task};

use crate::plan::Plan;

/// Gives a vector into the sum.
pub fn give<D: Domain>(task: &mut Task, plan: &Plan, vector: &[D]) -> Result<()> {
    let others = || plan.workers.iter().filter(|seat| Some(**seat) != own_seat(plan));
    let mut sent = Vec::new();
    for worker in others() {
        let random = D::random_vector(task.rng(), vector.len());
        task.send_bytes(*worker, "random", &bytes(&random))?;
        sent.push(random);
    }
    let received = others().map(|worker| receive(task, *worker, "random", vector.len()));
    let received: Vec<Vec<D>> = received.collect::<Result<_>>()?;
    task.send_bytes(plan.modeller, "final", &bytes(&final_share(vector, &sent, &received)))
}

/// Learns the sum.
pub fn collect<D: Domain>(task: &Task, plan: &Plan, length: usize) -> Result<Vec<D>> {
    plan.workers.iter().try_fold(vec![D::ZERO; length], |sum, worker| {
        Ok(add_vectors(&sum, &receive(task, *worker, "final", length)?))
    })
}

/// Returns what the modeller sees of a worker.
fn final_share<D: Domain>(vector: &[D], sent: &[Vec<D>], received: &[Vec<D>]) -> Vec<D> {
    let less = sent.iter().fold(vector.to_vec(), |less, sent| subtract_vectors(&less, sent));
    received.iter().fold(less, |share, received| add_vectors(&share, received))
}

fn own_seat(plan: &Plan) -> Option<Seat> {
    plan.own.map(|own| plan.workers[own])
}

fn receive<D: Domain>(task: &Task, from: Seat, topic: &str, length: usize) -> Result<Vec<D>> {
    let bytes = task.inbox().from(from).topic(topic).message()?.body;
    read(&bytes, length).map_err(|wrong| wrong.of(from, topic))
}

fn read<D: Domain>(bytes: &[u8], length: usize) -> Result<Vec<D>, Wrong> {
    let expected = length * D::BYTES;
    if bytes.len() != expected {
        return Err(Wrong::Length { expected, came: bytes.len() });
    }
    bytes.chunks_exact(D::BYTES).map(|bytes| D::read(bytes).ok_or(Wrong::Element)).collect()
}

fn bytes<D: Domain>(vector: &[D]) -> Vec<u8> {
    let mut bytes = vec![0; vector.len() * D::BYTES];
    for (element, bytes) in vector.iter().zip(bytes.chunks_exact_mut(D::BYTES)) {
        element.write(bytes);
    }
    bytes
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
