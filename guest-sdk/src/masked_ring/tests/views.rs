//! What coalitions see, over groups so small that every mask is tried.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Arguments, describe};
use crate::encoding::decode;
use crate::lab::Lab;
use crate::masked_ring::MaskedRing;
use crate::mpc::{Domain as _, Tiny};
use crate::{Algorithm, Result, Task};

/// What a coalition sees: the mask if seat 0 is in it, and what its members receive.
type View = Vec<u8>;

/// Counts the coalition's views over all masks.
fn views<const M: u8>(inputs: &[u8], coalition: &[usize]) -> BTreeMap<View, usize> {
    let run = |task: &mut Task, arguments: Arguments| -> Result<u8> {
        let own = [Tiny::<M>::new(u8::try_from(arguments.own[0]).unwrap())];
        let mask = vec![Tiny::<M>::new(arguments.mask.unwrap())];
        let ring = MaskedRing::new(task, &(), 1)?;
        let masked = ring.pass(task, &own, |_| mask)?;
        Ok(ring.open(task, masked)?[0].value())
    };
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(inputs.len());
    let mut views = BTreeMap::new();
    for mask in 0..M {
        for (seat, own) in inputs.iter().enumerate() {
            lab.arguments_of(seat, json!({ "own": [own], "mask": mask }));
        }
        let report = lab.run();
        let total = inputs.iter().fold(Tiny::<M>::ZERO, |sum, own| sum + Tiny::new(*own));
        assert_eq!(report.common_result(), total.value());
        let mut view = if coalition.contains(&0) { vec![mask] } else { vec![] };
        let seen = report.trace().iter().filter(|sent| coalition.contains(&sent.to));
        view.extend(seen.flat_map(|sent| {
            let (_, [element]): ([u8; 32], [Tiny<M>; 1]) = read_passed(&sent.body);
            [element.value()]
        }));
        *views.entry(view).or_default() += 1;
    }
    views
}

fn read_passed<const M: u8>(body: &[u8]) -> ([u8; 32], [Tiny<M>; 1]) {
    let (agreed, values): ([u8; 32], Vec<Tiny<M>>) = decode(body).unwrap();
    (agreed, values.try_into().unwrap())
}

/// All inputs of n parties over M elements, by what a coalition may know: its own and the total.
fn inputs_by_knowledge<const M: u8>(
    parties: usize,
    coalition: &[usize],
) -> BTreeMap<View, Vec<Vec<u8>>> {
    let count = usize::from(M).pow(u32::try_from(parties).unwrap());
    let mut groups: BTreeMap<View, Vec<Vec<u8>>> = BTreeMap::new();
    for index in 0..count {
        let digit = |place: usize| {
            let digit = index / usize::from(M).pow(u32::try_from(place).unwrap()) % usize::from(M);
            u8::try_from(digit).unwrap()
        };
        let inputs: Vec<u8> = (0..parties).map(digit).collect();
        let total = inputs.iter().fold(Tiny::<M>::ZERO, |sum, own| sum + Tiny::new(*own));
        let mut known = vec![total.value()];
        known.extend(coalition.iter().map(|seat| inputs[*seat]));
        groups.entry(known).or_default().push(inputs);
    }
    groups
}

/// Says whether a coalition's views never depend on more than its inputs and the total.
fn learns_only_the_total<const M: u8>(parties: usize, coalition: &[usize]) -> bool {
    inputs_by_knowledge::<M>(parties, coalition).values().all(|group| {
        let first = views::<M>(&group[0], coalition);
        group[1..].iter().all(|inputs| views::<M>(inputs, coalition) == first)
    })
}

#[test]
fn no_party_of_three_sees_more_than_the_total() {
    for seat in 0..3 {
        assert!(learns_only_the_total::<7>(3, &[seat]), "seat {seat} over 7 elements");
        assert!(learns_only_the_total::<4>(3, &[seat]), "seat {seat} over 4 elements");
    }
}

#[test]
fn parties_side_by_side_see_no_more_than_the_total() {
    assert!(learns_only_the_total::<4>(4, &[1, 2]));
    assert!(learns_only_the_total::<4>(4, &[0, 1]));
    assert!(learns_only_the_total::<4>(4, &[3, 0]));
}

#[test]
fn both_neighbours_of_a_party_see_more() {
    assert!(!learns_only_the_total::<4>(4, &[0, 2]));
    assert!(!learns_only_the_total::<4>(4, &[1, 3]));
}

#[test]
fn what_a_party_receives_before_the_total_is_uniform() {
    for seat in [1, 2] {
        for inputs in [[0, 0, 0], [15, 1, 8]] {
            let views = views::<16>(&inputs, &[seat]);
            assert_eq!(views.len(), 16, "each masked value once, beside the total");
        }
    }
}
