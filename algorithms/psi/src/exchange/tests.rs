use std::collections::BTreeMap;

use super::*;
use crate::group::tests::rng;

#[test]
fn batches_have_all_elements() {
    let sizes = |elements| Batches::of(elements).sizes().collect::<Vec<_>>();
    assert_eq!(sizes(0), [0; 0]);
    assert_eq!(sizes(1), [1]);
    assert_eq!(sizes(BATCH), [BATCH]);
    assert_eq!(sizes(2 * BATCH + 1), [BATCH, BATCH, 1]);
}

#[test]
fn permutations_are_equally_likely() {
    let mut rng = rng();
    let mut seen: BTreeMap<Vec<u8>, i32> = BTreeMap::new();
    let trials = 24_000;
    for _ in 0..trials {
        let mut pieces = [0, 0, 1, 1, 2, 2, 3, 3];
        permute(&mut pieces, 2, &mut rng);
        let (pieces, _) = pieces.as_chunks::<2>();
        assert!(pieces.iter().all(|[left, right]| left == right), "a piece stays whole");
        *seen.entry(pieces.iter().map(|[piece, _]| *piece).collect()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 24);
    // A thousand each, and six standard deviations from that.
    assert!(seen.values().all(|times| (times - 1_000).abs() < 190), "{seen:?}");
}

#[test]
fn numbers_below_a_bound_are_drawn_all() {
    let mut rng = rng();
    for bound in 1..9 {
        let drawn: Vec<_> = (0..200).map(|_| below(bound, &mut rng)).collect();
        assert!((0..bound).all(|number| drawn.contains(&number)));
        assert!(drawn.iter().all(|number| *number < bound));
    }
}
