use std::collections::BTreeMap;

use anchorhold_sdk::mpc::{Domain, Fp7};

use super::*;

/// What the modeller and the first of three workers see, for all randomness there is: how often each view.
fn views(values: [u8; 3]) -> BTreeMap<Vec<u8>, u32> {
    let mut views = BTreeMap::new();
    for randomness in 0..7_u64.pow(6) {
        let digit = |place: u32| vec![Fp7::from_u64(randomness / 7_u64.pow(place) % 7)];
        // From the first worker to the second, to the third, from the second to the first, and so on.
        let random: Vec<_> = (0..6).map(digit).collect();
        let finals = [([0, 1], [2, 4]), ([2, 3], [0, 5]), ([4, 5], [1, 3])];
        let finals = std::array::from_fn::<_, 3, _>(|worker| {
            let (sent, received) = finals[worker];
            let of = |places: [usize; 2]| places.map(|place| random[place].clone());
            final_share(&[Fp7::new(values[worker])], &of(sent), &of(received))[0].value()
        });
        let own = [0, 1, 2, 4].map(|place| random[place][0].value());
        *views.entry([&finals[..], &own].concat()).or_insert(0) += 1;
    }
    views
}

#[test]
fn the_modeller_and_a_worker_see_the_same_of_any_values_with_one_sum() {
    let some = views([3, 1, 4]);
    assert_eq!(views([3, 5, 0]), some);
    assert_eq!(views([3, 6, 6]), some, "modulo seven");
    assert_ne!(views([3, 1, 5]), some, "another sum");
    assert!(some.keys().all(|view| (view[0] + view[1] + view[2]) % 7 == 1), "the sum is right");
}

#[test]
fn vectors_of_other_bytes_are_refused() {
    assert_eq!(read::<Fp7>(&[1, 2], 3), Err(Wrong::Length { expected: 3, came: 2 }));
    assert_eq!(read::<Fp7>(&[1, 7], 2), Err(Wrong::Element));
    assert_eq!(read::<Fp7>(&[1, 6], 2), Ok(vec![Fp7::new(1), Fp7::new(6)]));
}
