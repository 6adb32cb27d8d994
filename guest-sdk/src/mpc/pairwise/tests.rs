//! Sums against an oracle, their cost, faults, and what coalitions see over all randomness.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::lab::{Failure, Lab, Traffic};
use crate::mpc::{Fp61, Tiny, Z2_128};
use crate::{Algorithm, Description, Security};

#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    /// The vectors of this party, one after the other.
    own: Vec<Vec<i64>>,
    /// Who adds; without it all do.
    adds: Option<u32>,
}

fn describe() -> Description {
    Description::new("sums", "1.0.0", "Adds.", Security::semi_honest("n - 2.", "Nothing."))
}

fn run(task: &mut Task, arguments: Arguments) -> Result<Vec<Vec<i64>>> {
    let mut masks = PairwiseMasks::new(task)?;
    let mut sums = Vec::new();
    for own in arguments.own {
        let own: Vec<_> = own.into_iter().map(|own| Z2_128::from_signed(own.into())).collect();
        let sum = match arguments.adds {
            Some(seat) => masks.sum_at(task, Seat::new(seat), &own)?,
            None => Some(masks.sum(task, &own)?),
        };
        sums.extend(sum);
    }
    let number = |number: &Z2_128| i64::try_from(number.to_signed()).unwrap();
    Ok(sums.iter().map(|sum| sum.iter().map(number).collect()).collect())
}

/// Two sums, of three elements and of one.
fn lab(parties: usize, adds: Option<u32>) -> Lab {
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(parties);
    for seat in 0..parties {
        let own = i64::try_from(seat).unwrap() - 1;
        let own = vec![vec![own, -5 * own, i64::MAX / 16], vec![7 + own]];
        lab.arguments_of(seat, Arguments { own, adds });
    }
    lab
}

fn expected(parties: usize) -> serde_json::Value {
    let n = i64::try_from(parties).unwrap();
    let seats = n * (n - 1) / 2 - n;
    json!([[seats, -5 * seats, n * (i64::MAX / 16)], [7 * n + seats]])
}

#[test]
fn all_learn_the_sums_or_one_does_at_the_stated_cost() {
    for parties in [3, 4, 5, 10] {
        let report = lab(parties, None).run();
        assert_eq!(report.common_result(), &expected(parties));
        let pairs = parties * (parties - 1) / 2;
        let traffic = Traffic { messages: 5 * pairs, bytes: pairs * (32 + 2 * 64), rounds: 3 };
        assert_eq!(report.traffic(), traffic);
        for adds in [0, 1, parties - 1] {
            let report = lab(parties, Some(u32::try_from(adds).unwrap())).run();
            for seat in 0..parties {
                let sums = if seat == adds { expected(parties) } else { json!([]) };
                assert_eq!(report.result(seat), &sums);
            }
            let (messages, bytes) = (pairs + 2 * (parties - 1), pairs * 32 + (parties - 1) * 64);
            assert_eq!((report.traffic().messages, report.traffic().bytes), (messages, bytes));
        }
    }
}

#[test]
fn a_field_is_as_good_as_a_ring_and_no_mask_is_used_twice() {
    let sums = |task: &mut Task, (): ()| -> Result<bool> {
        let mut masks = PairwiseMasks::new(task)?;
        let own = [Fp61::from_u64(task.seat().number().into()); 2];
        let masked = [masks.mask(&own), masks.mask(&own)].concat();
        let different = (0..4).all(|i| !masked[..i].contains(&masked[i]));
        Ok(different && masks.sum(task, &own)? == [Fp61::from_u64(3); 2])
    };
    let report = Lab::new(Algorithm::new(describe, sums)).parties(3).arguments(()).run();
    assert_eq!(report.common_result(), &json!(true));
}

#[test]
fn each_two_parties_have_a_seed_of_their_own_in_each_task() {
    let mut lab = lab(4, None);
    let mut seeds = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let report = lab.run();
        let sent = report.trace().iter().filter(|sent| sent.topic == "seed");
        seeds.extend(sent.map(|sent| sent.body.clone()));
    }
    assert_eq!(seeds.len(), 12);
}

#[test]
fn two_parties_are_refused_with_the_reason() {
    let report = lab(2, None).run();
    let text = report.failure(0).to_string();
    assert!(text.starts_with("a sum takes at least 3 parties, not 2"), "{text}");
    assert_eq!(report.traffic().messages, 0);
}

#[test]
fn messages_of_another_length_and_parties_that_leave_are_told_by_name() {
    for (from, to, index, reason) in [
        (0, 2, 0, "the seed of seat 0 has 31 bytes instead of 32"),
        (2, 0, 0, "the \"masked\" vector of seat 2 has 47 bytes instead of 3 elements of 16"),
    ] {
        let report = lab(3, Some(0))
            .corrupt_message(from, to, index, |body| body.truncate(body.len() - 1))
            .run();
        assert_eq!(report.failure(to).to_string(), reason);
        assert!(report.outcomes().iter().all(|outcome| match outcome {
            Err(Failure::Panicked(_)) => false,
            Err(_) => true,
            Ok(sums) => sums == &json!([]),
        }));
    }
    for (from, index) in [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)] {
        let to = if (from, index) == (1, 0) { 2 } else { 0 };
        let index = if from == 1 { index.max(1) - 1 } else { index };
        let text = lab(3, Some(0)).drop_message(from, to, index).run().failure(to).to_string();
        assert!(text.contains(&format!("seat {from} any more: it is lost")), "{text}");
    }
    let report = lab(3, None).absent(1).run();
    assert!([0, 2].iter().all(|seat| report.failure(*seat).to_string().contains("seat 1")));
}

/// Adds one element of each party under each combination of the masks.
fn enumerated<const M: u8>(task: &mut Task, inputs: Vec<u8>) -> Result<bool> {
    let (own, parties) = (task.seat().index(), inputs.len());
    let length = usize::from(M).pow(u32::try_from(parties * (parties - 1) / 2).unwrap());
    let stream = |seat: Seat| {
        let place = u32::try_from(place(own, seat.index(), parties)).unwrap();
        (seat, Stream::Enumerated { base: M.into(), place })
    };
    let mut masks = PairwiseMasks { own: task.seat(), shared: task.others().map(stream).collect() };
    let sum = masks.sum(task, &vec![Tiny::<M>::new(inputs[own]); length])?;
    let total = inputs.iter().fold(Tiny::ZERO, |sum, own| sum + Tiny::new(*own));
    Ok(sum == vec![total; length])
}

/// Which draw two parties share.
fn place(one: usize, other: usize, parties: usize) -> usize {
    let (low, high) = (one.min(other), one.max(other));
    (0..low).map(|seat| parties - 1 - seat).sum::<usize>() + high - low - 1
}

/// Counts, over all masks, what a coalition has drawn and receives.
fn views<const M: u8>(inputs: &[u8], coalition: &[usize]) -> BTreeMap<Vec<u8>, usize> {
    let mut lab = Lab::new(Algorithm::new(describe, enumerated::<M>));
    let report = lab.parties(inputs.len()).arguments(inputs).run();
    assert_eq!(report.common_result(), &json!(true));
    let (base, parties) = (usize::from(M), inputs.len());
    let outside = (0..parties).filter(|seat| !coalition.contains(seat));
    let received: Vec<_> = outside
        .map(|from| report.trace().iter().find(|sent| sent.from == from && sent.to == coalition[0]))
        .collect();
    let all = (0..parties).flat_map(|low| (low + 1..parties).map(move |high| (low, high)));
    let drawn: Vec<_> = all
        .filter(|(low, high)| coalition.contains(low) || coalition.contains(high))
        .map(|(low, high)| u32::try_from(place(low, high, parties)).unwrap())
        .collect();
    let mut views = BTreeMap::new();
    for j in 0..received[0].unwrap().body.len() {
        let drawn = drawn.iter().map(|place| u8::try_from(j / base.pow(*place) % base).unwrap());
        let view = drawn.chain(received.iter().map(|sent| sent.unwrap().body[j])).collect();
        *views.entry(view).or_default() += 1;
    }
    views
}

/// Says whether a coalition's views never depend on more than its inputs and the sum.
fn learns_only_the_sum<const M: u8>(parties: usize, coalition: &[usize]) -> bool {
    let base = usize::from(M);
    let mut seen: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, usize>> = BTreeMap::new();
    (0..base.pow(u32::try_from(parties).unwrap())).all(|index| {
        let digit = |place: usize| index / base.pow(u32::try_from(place).unwrap()) % base;
        let inputs: Vec<u8> = (0..parties).map(|p| u8::try_from(digit(p)).unwrap()).collect();
        let sum = u8::try_from(inputs.iter().map(|own| usize::from(*own)).sum::<usize>() % base);
        let mut known = vec![sum.unwrap()];
        known.extend(coalition.iter().map(|seat| inputs[*seat]));
        let views = views::<M>(&inputs, coalition);
        *seen.entry(known).or_insert_with(|| views.clone()) == views
    })
}

#[test]
fn all_parties_but_two_see_no_more_than_the_sum() {
    for seat in 0..3 {
        assert!(learns_only_the_sum::<5>(3, &[seat]), "seat {seat}");
    }
    for coalition in [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] {
        assert!(learns_only_the_sum::<2>(4, &coalition), "{coalition:?}");
    }
    assert!(learns_only_the_sum::<3>(4, &[1]));
}

#[test]
fn what_one_party_of_others_sends_is_uniform() {
    for inputs in [[0, 0, 0], [1, 4, 2]] {
        let mut counts = BTreeMap::new();
        for (view, count) in views::<5>(&inputs, &[1]) {
            *counts.entry(view[2]).or_insert(0) += count;
        }
        assert_eq!(counts.into_values().collect::<Vec<_>>(), [25; 5]);
    }
}
