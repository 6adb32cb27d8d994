//! The adder's part.

use super::giver::sign;
use super::keys::{Public, hash_of_told};
use super::mail::{Wait, send};
use super::modular::Sign;
use super::roster::Roster;
use super::secret::{Opening, SHARE_BYTES, Share};
use super::wrong::Wrong;
use super::{Group, MaskedSums, Met, Stopped};
use crate::{Error, Result, Task};

/// Hears the keys of the givers, and tells all of them whose came.
pub fn meet(sums: &mut MaskedSums, task: &Task, round: u32, told: &[u8]) -> Result<Met, Stopped> {
    let MaskedSums { group, mail } = sums;
    let mut wait = Wait::times(group.patience, 1);
    let mut publics = vec![None; group.givers.len()];
    for (public, seat) in publics.iter_mut().zip(&group.givers) {
        if let Some(bytes) = mail.receive(task, *seat, "keys", round, Public::BYTES, &mut wait)? {
            let read = Public::from_bytes(&bytes).map_err(|wrong| wrong.of(*seat, "keys"));
            *public = Some(read?);
        }
    }
    let came = Roster::of(&publics);
    tell(group, task, "came", round, &came, &Roster::all_of(group.givers.len()))?;
    Ok(Met { round, told: hash_of_told(told), came, publics, secrets: None })
}

/// Learns the sum of the vectors of all that stayed; returns it with whose these are.
pub fn collect(
    sums: &mut MaskedSums,
    task: &Task,
    met: &Met,
) -> Result<(Vec<u64>, Roster), Stopped> {
    if met.came.len() < sums.group.threshold {
        return Err(Stopped::TooFew(met.came.clone()));
    }
    let included = include(sums, task, met.round, &met.came)?;
    let (mut sum, survivors) = add_masked(sums, task, met.round, &included)?;
    let shares = gather_shares(sums, task, met.round, &included, &survivors)?;
    let group = &sums.group;
    let opening = Opening::by(&shares.iter().map(|(giver, _)| *giver).collect::<Vec<_>>());
    for (place, giver) in included.iter().enumerate() {
        let public = met.publics[giver].as_ref().expect("who is included came");
        let opened = opening.open(shares.iter().map(|(_, shares)| shares[place]));
        match survivors.has(giver) {
            true => {
                let is_right = |seed: &[u8; 32]| public.is_of_seed(seed, met.binding(task));
                let seed = opened.filter(is_right).ok_or_else(|| misfit(group, task, giver))?;
                group.modulus.mask(&mut sum, seed, Sign::Minus);
            }
            false => {
                let is_right = |key: &[u8; 32]| public.is_of_key(key);
                let key = opened.filter(is_right).ok_or_else(|| misfit(group, task, giver))?;
                unmask_pairs(group, task, met, &survivors, (giver, public, key), &mut sum)?;
            }
        }
    }
    sum.iter_mut().for_each(|element| *element = group.modulus.reduce(*element));
    Ok((sum, survivors))
}

/// Takes off the masks that the survivors have in common with a giver that left.
fn unmask_pairs(
    group: &Group,
    task: &Task,
    met: &Met,
    survivors: &Roster,
    (left, public, key): (usize, &Public, [u8; 32]),
    sum: &mut [u64],
) -> Result<()> {
    for survivor in survivors.iter() {
        let theirs = met.publics[survivor].as_ref().expect("who survived came");
        let seed = theirs.pair_seed(&key, public, (left, survivor), met.binding(task));
        let seed = seed.map_err(|wrong| wrong.of(group.givers[survivor], "keys"))?;
        // As the giver that left would have added it.
        group.modulus.mask(sum, seed, sign(left, survivor));
    }
    Ok(())
}

/// Tells givers who is there; or that nobody is, if these are too few, and then ends the round.
fn tell(
    group: &Group,
    task: &Task,
    topic: &str,
    round: u32,
    there: &Roster,
    to: &Roster,
) -> Result<(), Stopped> {
    let is_enough = there.len() >= group.threshold;
    let told = if is_enough { there.clone() } else { Roster::none_of(group.givers.len()) };
    for giver in to.iter() {
        send(task, group.givers[giver], topic, round, &told.to_bytes())?;
    }
    if is_enough { Ok(()) } else { Err(Stopped::TooFew(there.clone())) }
}

/// Hears whose shares each giver has, and tells all that came who is included.
fn include(
    sums: &mut MaskedSums,
    task: &Task,
    round: u32,
    came: &Roster,
) -> Result<Roster, Stopped> {
    let MaskedSums { group, mail } = sums;
    let givers = group.givers.len();
    // They wait for keys and shares of one another before.
    let mut wait = Wait::times(group.patience, 3);
    let mut received: Vec<Option<Roster>> = vec![None; givers];
    for giver in came.iter() {
        let seat = group.givers[giver];
        let most = givers.div_ceil(8);
        if let Some(bytes) = mail.receive(task, seat, "received", round, most, &mut wait)? {
            let roster = Roster::from_bytes(&bytes, givers);
            let roster = roster.map_err(|wrong| wrong.of(seat, "received"))?;
            received[giver] = Some(roster).filter(|roster| !roster.is_empty());
        }
    }
    let included = common(&received);
    tell(group, task, "included", round, &included, came)?;
    Ok(included)
}

/// Returns givers all of whom have received from one another: those who did not from most are left out,
/// one after the other.
fn common(received: &[Option<Roster>]) -> Roster {
    let mut included = Roster::of(received);
    let has = |giver: usize, other: usize| {
        received[giver].as_ref().is_some_and(|received| received.has(other))
    };
    loop {
        let lacks = |giver: usize| {
            let others = included.iter().filter(|other| *other != giver);
            others.filter(|other| !has(giver, *other) || !has(*other, giver)).count()
        };
        let worst = included.iter().map(|giver| (lacks(giver), giver)).max();
        match worst {
            Some((1.., giver)) => included.remove(giver),
            _ => return included,
        }
    }
}

/// Adds the masked vectors that come, and tells all included ones whose these are.
fn add_masked(
    sums: &mut MaskedSums,
    task: &Task,
    round: u32,
    included: &Roster,
) -> Result<(Vec<u64>, Roster), Stopped> {
    let MaskedSums { group, mail } = sums;
    let mut wait = Wait::times(group.patience, 1);
    let mut sum = vec![0; group.length];
    let most = group.modulus.bytes(group.length);
    let mut survivors = Roster::none_of(group.givers.len());
    for giver in included.iter() {
        let seat = group.givers[giver];
        if let Some(bytes) = mail.receive(task, seat, "masked", round, most, &mut wait)? {
            let added = group.modulus.add_packed(&mut sum, &bytes);
            added.map_err(|wrong| wrong.of(seat, "masked"))?;
            survivors.insert(giver);
        }
    }
    tell(group, task, "survivors", round, &survivors, included)?;
    Ok((sum, survivors))
}

/// Waits until enough survivors have sent their shares, one of each included giver.
fn gather_shares(
    sums: &mut MaskedSums,
    task: &Task,
    round: u32,
    included: &Roster,
    survivors: &Roster,
) -> Result<Vec<(usize, Vec<Share>)>, Stopped> {
    let MaskedSums { group, mail } = sums;
    let mut wait = Wait::times(group.patience, if group.compares { 2 } else { 1 });
    // As many as an earlier round may have had, of which a late message is dropped.
    let most = group.givers.len() * SHARE_BYTES;
    let mut shares = Vec::with_capacity(group.threshold);
    for giver in survivors.iter() {
        let seat = group.givers[giver];
        let came = mail.receive(task, seat, "shares", round, most, &mut wait)?;
        if let Some(bytes) = came.filter(|bytes| !bytes.is_empty()) {
            let read =
                read_shares(&bytes, included.len()).map_err(|wrong| wrong.of(seat, "shares"));
            shares.push((giver, read?));
        }
        if shares.len() == group.threshold {
            return Ok(shares);
        }
    }
    let mut there = Roster::none_of(group.givers.len());
    shares.iter().for_each(|(giver, _)| there.insert(*giver));
    Err(Stopped::TooFew(there))
}

fn read_shares(bytes: &[u8], shares: usize) -> Result<Vec<Share>, Wrong> {
    let expected = shares * SHARE_BYTES;
    if bytes.len() != expected {
        return Err(Wrong::Length { expected, came: bytes.len() });
    }
    bytes.as_chunks::<SHARE_BYTES>().0.iter().map(|share| Share::read(share)).collect()
}

fn misfit(group: &Group, task: &Task, giver: usize) -> Error {
    Error::new(format!(
        "the shares of a secret of {} do not open it: it or another {} sent wrong ones",
        group.givers[giver],
        group.called(task)
    ))
}
