//! What each party sees, over rings so small that all randomness is tried: element `j` of a vector
//! is computed under combination `j` of all that is drawn.

use std::collections::BTreeMap;

use serde_json::json;

use super::describe;
use crate::lab::Lab;
use crate::mpc::prss::Stream;
use crate::mpc::replicated::engine::{Engine, Place};
use crate::mpc::replicated::{Replicated, Servers};
use crate::mpc::{Arithmetic as _, Tiny};
use crate::{Algorithm, Result, Seat, Task};

/// What the protocol draws: the first key once, the others twice.
const DRAWS: u32 = 5;

/// Seat 0 shares x and seat 1 y; the product is opened. Each under all randomness.
fn multiply<const M: u8>(task: &mut Task, [x, y]: [u8; 2]) -> Result<bool> {
    let length = usize::from(M).pow(DRAWS);
    let stream = |key: u32| {
        let place = [0, 1, 3][usize::try_from(key % 3).unwrap()];
        Stream::Enumerated { base: M.into(), place }
    };
    let seat = task.seat().number();
    let (servers, index) = (Servers::first(task)?, task.seat().index());
    let (own, next) = (stream(seat), stream(seat + 1));
    let engine = Engine { task, servers, place: Place::Server { index, own, next } };
    let mut three = Replicated { engine, domain: std::marker::PhantomData };
    let values = |value| vec![Tiny::<M>::new(value); length];
    let mut share = |dealer, value| {
        let own = (seat == dealer).then(|| values(value));
        three.share(Seat::new(dealer), own.as_deref(), length)
    };
    let (x_shared, y_shared) = (share(0, x)?, share(1, y)?);
    let product = three.multiply(&x_shared, &y_shared)?;
    Ok(three.open(&product)? == values((Tiny::<M>::new(x) * Tiny::new(y)).value()))
}

/// Counts, over all randomness, what a party sees: what it draws, and what it receives.
fn views<const M: u8>(x: u8, y: u8, seat: usize) -> BTreeMap<Vec<u8>, usize> {
    let mut lab = Lab::new(Algorithm::new(describe, multiply::<M>));
    let report = lab.parties(3).arguments(json!([x, y])).run();
    assert_eq!(report.common_result(), &json!(true));
    let received: Vec<_> = report.trace().iter().filter(|sent| sent.to == seat).collect();
    let places = [vec![0, 1, 2], vec![1, 2, 3, 4], vec![3, 4, 0]][seat].clone();
    let base = usize::from(M);
    let mut views = BTreeMap::new();
    for j in 0..base.pow(DRAWS) {
        let drawn = places.iter().map(|place| u8::try_from(j / base.pow(*place) % base).unwrap());
        let view = drawn.chain(received.iter().map(|sent| sent.body[j])).collect();
        *views.entry(view).or_default() += 1;
    }
    views
}

#[test]
fn over_seven_elements_no_party_sees_more_than_its_input_and_the_product() {
    for seat in 0..3 {
        // By what the party may know.
        let mut seen = BTreeMap::new();
        for (x, y) in (0..7).flat_map(|x| (0..7).map(move |y| (x, y))) {
            let own = [Some(x), Some(y), None][seat];
            let known = (own, x * y % 7);
            let views = views::<7>(x, y, seat);
            assert!(*seen.entry(known).or_insert_with(|| views.clone()) == views, "{seat} {x} {y}");
        }
        assert!(seen.len() < 49, "inputs with the same product were compared");
    }
}

#[test]
fn modulo_sixteen_no_party_sees_more_than_its_input_and_the_product() {
    // Pairs that the party without, the one with x, and the one with y cannot tell apart.
    for (seat, [a, b]) in [
        (2, [(3, 4), (12, 1)]),
        (2, [(0, 5), (8, 2)]),
        (0, [(4, 1), (4, 13)]),
        (1, [(2, 8), (6, 8)]),
    ] {
        assert!(views::<16>(a.0, a.1, seat) == views::<16>(b.0, b.1, seat), "{seat} {a:?} {b:?}");
    }
}
