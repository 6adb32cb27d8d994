//! What each of two parties sees, over rings so small that all randomness is tried: element `j` of a
//! vector is computed under combination `j` of all that is drawn, for each pair of keys.

use std::collections::BTreeMap;

use super::*;
use crate::mpc::Tiny;
use crate::mpc::prss::Stream;

impl Field for Tiny<2> {
    const ORDER: u128 = 2;
}

impl Field for Tiny<3> {
    const ORDER: u128 = 3;
}

/// How many vectors the first party draws, and the second.
type Draws = [u32; 2];

/// Makes a party, or the provider, that draws all combinations.
fn enumerated<const M: u8>(
    task: &mut Task,
    provider: Seat,
    keys: [u8; 2],
    draws: Draws,
) -> Spdz<'_, Tiny<M>>
where
    Tiny<M>: Field,
{
    let places = [0, draws[0]];
    let stream = |index: usize| Stream::Enumerated { base: M.into(), place: places[index] };
    let [first, second] = keys.map(Tiny::new);
    let supply = match task.seat().index() {
        2 => Supply::Provider {
            key: first + second,
            streams: vec![stream(0), stream(1)],
            random: Stream::keyed([0; 32]),
        },
        index => Supply::Party { index, key: [first, second][index], stream: stream(index) },
    };
    let random = ChaCha20Rng::from_seed([0; 32]);
    let parties = vec![Seat::new(0), Seat::new(1)];
    Spdz { task, parties, provider, supply, unchecked: Unchecked::default(), random }
}

/// Counts, over all randomness, what a party sees: its key, what it draws, and what it receives.
fn views<const M: u8>(
    seat: usize,
    draws: Draws,
    program: impl Fn(&mut Spdz<'_, Tiny<M>>, usize) -> Result<()> + Copy + Send + Sync + 'static,
) -> BTreeMap<Vec<u8>, usize>
where
    Tiny<M>: Field,
{
    let base = usize::from(M);
    let length = base.pow(draws[0] + draws[1]);
    let mut views = BTreeMap::new();
    for keys in (0..M).flat_map(|first| (0..M).map(move |second| [first, second])) {
        let report = lab(2, move |task, provider| {
            program(&mut enumerated(task, provider, keys, draws), length)
        })
        .run();
        report.common_result();
        let received = report.trace().iter().filter(|sent| sent.to == seat);
        let received: Vec<_> = received.flat_map(|sent| sent.body.chunks(length)).collect();
        let places = if seat == 0 { 0..draws[0] } else { draws[0]..draws[0] + draws[1] };
        for j in 0..length {
            let drawn = places.clone().map(|place| (j / base.pow(place) % base) as u8);
            let view = [keys[seat]].into_iter().chain(drawn);
            let view = view.chain(received.iter().map(|elements| elements[j])).collect();
            *views.entry(view).or_default() += 1;
        }
    }
    views
}

/// Shares an input of each, multiplies them, and opens the product.
fn product<const M: u8>(parties: &mut Spdz<'_, Tiny<M>>, length: usize, both: [u8; 2]) -> Result<()>
where
    Tiny<M>: Field,
{
    let own = both.get(parties.task().seat().index()).map(|own| vec![Tiny::new(*own); length]);
    let shared = parties.share_all(own.as_deref(), length)?;
    let product = parties.multiply(&shared[0], &shared[1])?;
    let opened = parties.open_partially(&product)?;
    let expected = Tiny::new(both[0]) * Tiny::new(both[1]);
    assert!(own.is_none() || opened == vec![expected; length]);
    Ok(())
}

#[test]
fn over_two_elements_no_party_sees_more_than_its_input_and_the_product() {
    // An input's mask and two random factors; of the second, of each of six values a part and its
    // code's, but of the masks' and the product's both, which are chosen.
    let draws = [3, 11];
    for seat in [0, 1] {
        let mut seen = BTreeMap::new();
        for both in [[0, 0], [0, 1], [1, 0], [1, 1]] {
            let known = (both[seat], both[0] * both[1]);
            let views =
                views::<2>(seat, draws, move |parties, length| product(parties, length, both));
            assert!(
                *seen.entry(known).or_insert_with(|| views.clone()) == views,
                "{seat} {both:?}"
            );
        }
        assert_eq!(seen.len(), 3, "two inputs with the same product were compared");
    }
}

#[test]
fn over_three_elements_a_product_says_nothing_of_its_factors() {
    let draws = [2, 6];
    for seat in [0, 1] {
        let of = |x: u8, y: u8| {
            views::<3>(seat, draws, move |parties, length| {
                let [x, y] = [x, y].map(|x| parties.public(&vec![Tiny::new(x); length]));
                parties.multiply(&x, &y).map(drop)
            })
        };
        let first = of(0, 0);
        for (x, y) in [(0, 1), (1, 0), (1, 2), (2, 2)] {
            assert!(of(x, y) == first, "{seat} {x} {y}");
        }
    }
}

#[test]
fn over_three_elements_an_input_is_hidden_from_the_other() {
    let of = |x: u8| {
        views::<3>(1, [1, 2], move |parties, length| {
            let own = (parties.task().seat().number() == 0).then(|| vec![Tiny::new(x); length]);
            parties.share(Seat::new(0), own.as_deref(), length).map(drop)
        })
    };
    assert!(of(0) == of(1) && of(1) == of(2));
}
