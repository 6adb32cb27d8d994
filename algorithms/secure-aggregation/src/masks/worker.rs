//! A worker's part.

use anchorhold_sdk::{Error, Result, Task};

use super::{publics, receive};
use crate::keys::{Public, Secrets};
use crate::modular::Sign;
use crate::muster::Facts;
use crate::plan::Plan;
use crate::roster::Roster;
use crate::secret::{self, SHARE_BYTES, Share};
use crate::wrong::Wrong;

/// A worker's shares of another's secrets.
struct Held {
    key: Share,
    seed: Share,
}

/// Gives a vector into the sum; returns whose are in it.
pub fn give(
    task: &mut Task,
    plan: &Plan,
    facts: &[Option<Facts>],
    secrets: &Secrets,
    vector: Vec<u64>,
) -> Result<Roster> {
    let own = plan.own.expect("a worker has a place");
    let publics = publics(plan, facts)?;
    let held = exchange_shares(task, plan, &Roster::of(&publics), own, secrets)?;
    let received = Roster::of(&held);
    if received.len() < plan.threshold {
        return Err(plan.too_few(received.len()));
    }

    task.send_bytes(plan.modeller, "received", &received.to_bytes())?;
    let included = told(task, plan, "included", &received, own)?;
    let masked = mask(task, plan, &publics, &included, secrets, vector)?;
    task.send_bytes(plan.modeller, "masked", &masked)?;
    let survivors = told(task, plan, "survivors", &included, own)?;
    if plan.arguments.active {
        compare(task, plan, &included, &survivors, own)?;
    }

    // Of each worker one of the two, and of none both.
    let mut shares = Vec::with_capacity(included.len() * SHARE_BYTES);
    for worker in included.iter() {
        let held = held[worker].as_ref().expect("who is included has sent shares");
        match survivors.has(worker) {
            true => held.seed.write(&mut shares),
            false => held.key.write(&mut shares),
        }
    }
    task.send_bytes(plan.modeller, "shares", &shares)?;
    Ok(survivors)
}

/// Sends each worker that came its shares, and returns what came of each, the own ones among them.
fn exchange_shares(
    task: &mut Task,
    plan: &Plan,
    came: &Roster,
    own: usize,
    secrets: &Secrets,
) -> Result<Vec<Option<Held>>> {
    let workers = plan.workers.len();
    let [keys, seeds] = [&secrets.key, &secrets.seed]
        .map(|secret| secret::deal(secret, plan.threshold, workers, task.rng()));
    for worker in came.iter().filter(|worker| *worker != own) {
        let mut bytes = Vec::with_capacity(2 * SHARE_BYTES);
        keys[worker].write(&mut bytes);
        seeds[worker].write(&mut bytes);
        task.send_bytes(plan.workers[worker], "deal", &bytes)?;
    }
    let mut held: Vec<_> = (0..workers).map(|_| None).collect();
    for worker in came.iter() {
        if worker == own {
            held[own] = Some(Held { key: keys[own], seed: seeds[own] });
        } else if let Some(bytes) = receive(task, plan.workers[worker], "deal")? {
            let read = read_held(&bytes).map_err(|wrong| wrong.of(plan.workers[worker], "deal"));
            held[worker] = Some(read?);
        }
    }
    Ok(held)
}

fn read_held(bytes: &[u8]) -> Result<Held, Wrong> {
    if bytes.len() != 2 * SHARE_BYTES {
        return Err(Wrong::Length { expected: 2 * SHARE_BYTES, came: bytes.len() });
    }
    let (key, seed) = bytes.split_at(SHARE_BYTES);
    Ok(Held { key: Share::read(key)?, seed: Share::read(seed)? })
}

/// Waits for what the modeller says of who is there: enough workers, this one among them, all of whom were
/// there before.
fn told(task: &Task, plan: &Plan, topic: &str, before: &Roster, own: usize) -> Result<Roster> {
    let bytes = task.inbox().from(plan.modeller).topic(topic).message()?.body;
    let wrong = |wrong: Wrong| wrong.of(plan.modeller, topic);
    let roster = Roster::from_bytes(&bytes, plan.workers.len()).map_err(wrong)?;
    if !roster.has(own) {
        return Err(Error::new("the modeller goes on without this worker, which it took for lost"));
    }
    if !roster.is_within(before) {
        return Err(wrong(Wrong::Stranger));
    }
    match roster.len() {
        came if came < plan.threshold => Err(wrong(Wrong::TooFew { came, needed: plan.threshold })),
        _ => Ok(roster),
    }
}

/// Puts the vector under the own mask and those of each pair, and packs it.
fn mask(
    task: &Task,
    plan: &Plan,
    publics: &[Option<Public>],
    included: &Roster,
    secrets: &Secrets,
    mut vector: Vec<u64>,
) -> Result<Vec<u8>> {
    let own = plan.own.expect("a worker has a place");
    let own_public = secrets.public(task.task_id());
    for worker in included.iter().filter(|worker| *worker != own) {
        let public = publics[worker].as_ref().expect("who is included came");
        let seed = public.pair_seed(&secrets.key, &own_public, task.task_id());
        let seed = seed.map_err(|wrong| wrong.of(plan.workers[worker], "agree"))?;
        plan.modulus.mask(&mut vector, seed, sign(own, worker));
    }
    plan.modulus.mask(&mut vector, secrets.seed, Sign::Plus);
    Ok(plan.modulus.pack(&vector))
}

/// Says how the mask of a pair enters the vector of one of the two.
pub fn sign(own: usize, other: usize) -> Sign {
    if own < other { Sign::Plus } else { Sign::Minus }
}

/// Tells the other survivors what the modeller said, and ends unless enough were told the same.
fn compare(
    task: &Task,
    plan: &Plan,
    included: &Roster,
    survivors: &Roster,
    own: usize,
) -> Result<()> {
    let told = [included.to_bytes(), survivors.to_bytes()].concat();
    let others = || survivors.iter().filter(|worker| *worker != own);
    for worker in others() {
        task.send_bytes(plan.workers[worker], "told", &told)?;
    }
    let mut same = 1;
    for worker in others() {
        match receive(task, plan.workers[worker], "told")? {
            Some(theirs) if theirs == told => same += 1,
            Some(_) => {
                return Err(Error::new(format!(
                    "the modeller told {} of other workers than this one: no share is given to it",
                    plan.workers[worker]
                )));
            }
            None => {}
        }
    }
    match same < plan.threshold {
        true => Err(plan.too_few(same)),
        false => Ok(()),
    }
}
