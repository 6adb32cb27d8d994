//! A giver's part.

use super::keys::{Public, Secrets, hash_of_told};
use super::mail::{Wait, send};
use super::modular::Sign;
use super::roster::Roster;
use super::secret::{self, SHARE_BYTES, Share};
use super::wrong::Wrong;
use super::{Group, MaskedSums, Met, Stopped};
use crate::{Error, Result, Task};

/// A giver's shares of another's secrets.
struct Held {
    key: Share,
    seed: Share,
}

/// Tells the own keys, and hears those of all that came.
pub fn meet(
    sums: &mut MaskedSums,
    task: &mut Task,
    round: u32,
    told_before: &[u8],
    own: usize,
) -> Result<Met, Stopped> {
    let group = &sums.group;
    let secrets = Secrets::new(task.rng());
    let own_public = secrets.public(task.task_id(), round);
    // The others before the adder, which says who came.
    let others = group.givers.iter().filter(|seat| **seat != task.seat());
    for seat in others.chain([&group.adder]) {
        send(task, *seat, "keys", round, &own_public.to_bytes())?;
    }
    let all = Roster::all_of(group.givers.len());
    let came = told(sums, task, "came", round, &all, own)?;
    let MaskedSums { group, mail } = sums;
    let mut wait = Wait::times(group.patience, 1);
    let mut publics = vec![None; group.givers.len()];
    for giver in came.iter() {
        let seat = group.givers[giver];
        publics[giver] = match giver == own {
            true => Some(own_public),
            false => mail
                .receive(task, seat, "keys", round, Public::BYTES, &mut wait)?
                .map(|bytes| Public::from_bytes(&bytes).map_err(|wrong| wrong.of(seat, "keys")))
                .transpose()?,
        };
    }
    Ok(Met { round, told: hash_of_told(told_before), came, publics, secrets: Some(secrets) })
}

/// Gives a vector into the sum; returns whose are in it.
pub fn give(
    sums: &mut MaskedSums,
    task: &mut Task,
    met: &Met,
    vector: Vec<u64>,
) -> Result<Roster, Stopped> {
    let own = sums.group.place(task.seat()).expect("only givers give");
    let adder = sums.group.adder;
    let held = exchange_shares(sums, task, met, own);
    if let Err(Stopped::TooFew(_)) = held {
        // It is not waited for.
        let none = Roster::none_of(sums.group.givers.len());
        send(task, adder, "received", met.round, &none.to_bytes())?;
    }
    let held = held?;
    send(task, adder, "received", met.round, &Roster::of(&held).to_bytes())?;
    let included = told(sums, task, "included", met.round, &Roster::of(&held), own)?;
    let masked = mask(&sums.group, task, met, &included, own, vector)?;
    send(task, adder, "masked", met.round, &masked)?;
    let survivors = told(sums, task, "survivors", met.round, &included, own)?;
    if sums.group.compares {
        let compared = compare(sums, task, met.round, &included, &survivors, own);
        if let Err(Stopped::TooFew(_)) = compared {
            send(task, adder, "shares", met.round, &[])?;
        }
        compared?;
    }

    // Of each giver one of the two, and of none both.
    let mut shares = Vec::with_capacity(included.len() * SHARE_BYTES);
    for giver in included.iter() {
        let held = held[giver].as_ref().expect("who is included has sent shares");
        match survivors.has(giver) {
            true => held.seed.write(&mut shares),
            false => held.key.write(&mut shares),
        }
    }
    send(task, adder, "shares", met.round, &shares)?;
    Ok(survivors)
}

/// Sends each giver that came its shares, and returns what came of each, the own ones among them.
fn exchange_shares(
    sums: &mut MaskedSums,
    task: &mut Task,
    met: &Met,
    own: usize,
) -> Result<Vec<Option<Held>>, Stopped> {
    let MaskedSums { group, mail } = sums;
    let givers = group.givers.len();
    let secrets = met.secrets.as_ref().expect("a giver has secrets");
    let [keys, seeds] = [&secrets.key, &secrets.seed]
        .map(|secret| secret::deal(secret, group.threshold, givers, task.rng()));
    for giver in met.came.iter().filter(|giver| *giver != own) {
        let mut bytes = Vec::with_capacity(2 * SHARE_BYTES);
        keys[giver].write(&mut bytes);
        seeds[giver].write(&mut bytes);
        send(task, group.givers[giver], "deal", met.round, &bytes)?;
    }
    let mut wait = Wait::times(group.patience, 1);
    let mut held: Vec<_> = (0..givers).map(|_| None).collect();
    for giver in Roster::of(&met.publics).iter() {
        let seat = group.givers[giver];
        if giver == own {
            held[own] = Some(Held { key: keys[own], seed: seeds[own] });
        } else if let Some(bytes) =
            mail.receive(task, seat, "deal", met.round, 2 * SHARE_BYTES, &mut wait)?
        {
            held[giver] = Some(read_held(&bytes).map_err(|wrong| wrong.of(seat, "deal"))?);
        }
    }
    let received = Roster::of(&held);
    match received.len() < group.threshold {
        true => Err(Stopped::TooFew(received)),
        false => Ok(held),
    }
}

fn read_held(bytes: &[u8]) -> Result<Held, Wrong> {
    if bytes.len() != 2 * SHARE_BYTES {
        return Err(Wrong::Length { expected: 2 * SHARE_BYTES, came: bytes.len() });
    }
    let (key, seed) = bytes.split_at(SHARE_BYTES);
    Ok(Held { key: Share::read(key)?, seed: Share::read(seed)? })
}

/// Waits for what the adder says of who is there: enough givers, this one among them, all of whom were
/// there before; or nobody, if they are too few.
fn told(
    sums: &mut MaskedSums,
    task: &Task,
    topic: &'static str,
    round: u32,
    before: &Roster,
    own: usize,
) -> Result<Roster, Stopped> {
    let MaskedSums { group, mail } = sums;
    let (adder, givers) = (group.adder, group.givers.len());
    let most = givers.div_ceil(8);
    let came = mail.of_present(task, adder, topic, round, most, &mut Wait::for_ever())?;
    // It says something in each round, unless it goes on to a later one.
    let bytes = came.ok_or(Stopped::LeftOut)?;
    let wrong = |wrong: Wrong| wrong.of(adder, topic);
    let roster = Roster::from_bytes(&bytes, givers).map_err(wrong)?;
    if roster.is_empty() {
        return Err(Stopped::TooFew(roster));
    }
    if !roster.has(own) {
        return Err(Stopped::LeftOut);
    }
    if !roster.is_within(before) {
        return Err(wrong(Wrong::Stranger(group.called(task))).into());
    }
    match roster.len() {
        came if came < group.threshold => {
            let called = group.called(task);
            Err(wrong(Wrong::TooFew { came, called, needed: group.threshold }).into())
        }
        _ => Ok(roster),
    }
}

/// Puts the vector under the own mask and those of each pair, and packs it.
fn mask(
    group: &Group,
    task: &Task,
    met: &Met,
    included: &Roster,
    own: usize,
    mut vector: Vec<u64>,
) -> Result<Vec<u8>> {
    let secrets = met.secrets.as_ref().expect("a giver has secrets");
    let own_public = met.publics[own].as_ref().expect("a giver has keys of its own");
    for giver in included.iter().filter(|giver| *giver != own) {
        let public = met.publics[giver].as_ref().expect("who is included came");
        let seed = public.pair_seed(&secrets.key, own_public, (own, giver), met.binding(task));
        let seed = seed.map_err(|wrong| wrong.of(group.givers[giver], "keys"))?;
        group.modulus.mask(&mut vector, seed, sign(own, giver));
    }
    group.modulus.mask(&mut vector, secrets.seed, Sign::Plus);
    Ok(group.modulus.pack(&vector))
}

/// Says how the mask of a pair enters the vector of one of the two.
pub fn sign(own: usize, other: usize) -> Sign {
    if own < other { Sign::Plus } else { Sign::Minus }
}

/// Tells the other survivors what the adder said, and ends unless enough were told the same.
fn compare(
    sums: &mut MaskedSums,
    task: &Task,
    round: u32,
    included: &Roster,
    survivors: &Roster,
    own: usize,
) -> Result<(), Stopped> {
    let MaskedSums { group, mail } = sums;
    let told = [included.to_bytes(), survivors.to_bytes()].concat();
    let others = || survivors.iter().filter(|giver| *giver != own);
    for giver in others() {
        send(task, group.givers[giver], "told", round, &told)?;
    }
    let mut wait = Wait::times(group.patience, 1);
    let mut same = Roster::none_of(group.givers.len());
    same.insert(own);
    for giver in others() {
        let seat = group.givers[giver];
        match mail.receive(task, seat, "told", round, told.len(), &mut wait)? {
            Some(theirs) if theirs == told => same.insert(giver),
            Some(_) => {
                let role = &task.parties()[group.adder.index()].role;
                return Err(Stopped::Failed(Error::new(format!(
                    "the {role} told {seat} of other {}s than this one: no share is given to it",
                    group.called(task)
                ))));
            }
            None => {}
        }
    }
    match same.len() < group.threshold {
        true => Err(Stopped::TooFew(same)),
        false => Ok(()),
    }
}
