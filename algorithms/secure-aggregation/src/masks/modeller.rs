//! The modeller's part.

use anchorhold_sdk::{Error, Result, Task};

use super::worker::sign;
use super::{publics, receive};
use crate::keys::Public;
use crate::modular::Sign;
use crate::muster::Facts;
use crate::plan::Plan;
use crate::roster::Roster;
use crate::secret::{Opening, SHARE_BYTES, Share};
use crate::wrong::Wrong;

/// Learns the sum of the vectors of all that stayed; returns it with whose these are.
pub fn collect(
    task: &Task,
    plan: &Plan,
    facts: &[Option<Facts>],
    length: usize,
) -> Result<(Vec<u64>, Roster)> {
    let publics = publics(plan, facts)?;
    let included = include(task, plan, &Roster::of(&publics))?;
    let (mut sum, survivors) = add_masked(task, plan, &included, length)?;
    let shares = gather_shares(task, plan, &included, &survivors)?;
    let opening = Opening::by(&shares.iter().map(|(worker, _)| *worker).collect::<Vec<_>>());
    for (place, worker) in included.iter().enumerate() {
        let public = publics[worker].as_ref().expect("who is included came");
        let opened = opening.open(shares.iter().map(|(_, shares)| shares[place]));
        match survivors.has(worker) {
            true => {
                let is_right = |seed: &[u8; 32]| public.is_of_seed(seed, task.task_id());
                let seed = opened.filter(is_right).ok_or_else(|| misfit(plan, worker))?;
                plan.modulus.mask(&mut sum, seed, Sign::Minus);
            }
            false => {
                let is_right = |key: &[u8; 32]| public.is_of_key(key);
                let key = opened.filter(is_right).ok_or_else(|| misfit(plan, worker))?;
                unmask_pairs(task, plan, &publics, &survivors, (worker, public, key), &mut sum)?;
            }
        }
    }
    sum.iter_mut().for_each(|element| *element = plan.modulus.reduce(*element));
    Ok((sum, survivors))
}

/// Takes off the masks that the survivors have in common with a worker that left.
fn unmask_pairs(
    task: &Task,
    plan: &Plan,
    publics: &[Option<Public>],
    survivors: &Roster,
    (left, public, key): (usize, &Public, [u8; 32]),
    sum: &mut [u64],
) -> Result<()> {
    for survivor in survivors.iter() {
        let theirs = publics[survivor].as_ref().expect("who survived came");
        let seed = theirs.pair_seed(&key, public, task.task_id());
        let seed = seed.map_err(|wrong| wrong.of(plan.workers[survivor], "agree"))?;
        // As the worker that left would have added it.
        plan.modulus.mask(sum, seed, sign(left, survivor));
    }
    Ok(())
}

/// Hears whose shares each worker has, and tells all of them who is included.
fn include(task: &Task, plan: &Plan, came: &Roster) -> Result<Roster> {
    let mut received: Vec<Option<Roster>> = vec![None; plan.workers.len()];
    for worker in came.iter() {
        let seat = plan.workers[worker];
        if let Some(bytes) = receive(task, seat, "received")? {
            let roster = Roster::from_bytes(&bytes, plan.workers.len());
            received[worker] = Some(roster.map_err(|wrong| wrong.of(seat, "received"))?);
        }
    }
    let included = common(&received);
    if included.len() < plan.threshold {
        return Err(plan.too_few(included.len()));
    }
    for worker in Roster::of(&received).iter() {
        task.send_bytes(plan.workers[worker], "included", &included.to_bytes())?;
    }
    Ok(included)
}

/// Returns workers all of whom have received from one another: those who did not from most are left out,
/// one after the other.
fn common(received: &[Option<Roster>]) -> Roster {
    let mut included = Roster::of(received);
    let has = |worker: usize, other: usize| {
        received[worker].as_ref().is_some_and(|received| received.has(other))
    };
    loop {
        let lacks = |worker: usize| {
            let others = included.iter().filter(|other| *other != worker);
            others.filter(|other| !has(worker, *other) || !has(*other, worker)).count()
        };
        let worst = included.iter().map(|worker| (lacks(worker), worker)).max();
        match worst {
            Some((1.., worker)) => included.remove(worker),
            _ => return included,
        }
    }
}

/// Adds the masked vectors that come, and tells all included ones whose these are.
fn add_masked(
    task: &Task,
    plan: &Plan,
    included: &Roster,
    length: usize,
) -> Result<(Vec<u64>, Roster)> {
    let mut sum = vec![0; length];
    let mut survivors = Roster::none_of(plan.workers.len());
    for worker in included.iter() {
        let seat = plan.workers[worker];
        if let Some(bytes) = receive(task, seat, "masked")? {
            let added = plan.modulus.add_packed(&mut sum, &bytes);
            added.map_err(|wrong| wrong.of(seat, "masked"))?;
            survivors.insert(worker);
        }
    }
    if survivors.len() < plan.threshold {
        return Err(plan.too_few(survivors.len()));
    }
    for worker in included.iter() {
        task.send_bytes(plan.workers[worker], "survivors", &survivors.to_bytes())?;
    }
    Ok((sum, survivors))
}

/// Waits until enough survivors have sent their shares, one of each included worker.
fn gather_shares(
    task: &Task,
    plan: &Plan,
    included: &Roster,
    survivors: &Roster,
) -> Result<Vec<(usize, Vec<Share>)>> {
    let mut shares = Vec::with_capacity(plan.threshold);
    for worker in survivors.iter() {
        let seat = plan.workers[worker];
        if let Some(bytes) = receive(task, seat, "shares")? {
            let read =
                read_shares(&bytes, included.len()).map_err(|wrong| wrong.of(seat, "shares"));
            shares.push((worker, read?));
        }
        if shares.len() == plan.threshold {
            return Ok(shares);
        }
    }
    Err(plan.too_few(shares.len()))
}

fn read_shares(bytes: &[u8], shares: usize) -> Result<Vec<Share>, Wrong> {
    let expected = shares * SHARE_BYTES;
    if bytes.len() != expected {
        return Err(Wrong::Length { expected, came: bytes.len() });
    }
    bytes.as_chunks::<SHARE_BYTES>().0.iter().map(|share| Share::read(share)).collect()
}

fn misfit(plan: &Plan, worker: usize) -> Error {
    Error::new(format!(
        "the shares of a secret of {} do not open it: it or another worker sent wrong ones",
        plan.workers[worker]
    ))
}
