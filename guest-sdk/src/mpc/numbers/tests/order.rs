//! The k-th of many values, against sorted ones.

use super::*;
use crate::mpc::Domain as _;

/// Which of how many: k times the factor.
fn threshold<A: Numbers>(parties: &A, factor: u32, number: u64) -> Threshold<A::Scheme> {
    Threshold { factor, number: parties.public(&[A::Element::from_u64(number)]) }
}

fn kth<A: Numbers>(
    mut parties: A,
    values: &[Vec<i64>],
    thresholds: &[(u32, u64)],
) -> Result<Vec<i64>> {
    let own = values.get(parties.task().seat().index());
    let own = parties.dealers().contains(&parties.task().seat()).then(|| own.unwrap().as_slice());
    let kth = |&(factor, number)| {
        let enough = threshold(&parties, factor, number);
        parties.kth(own, -1_000..=1_000, &enough)
    };
    thresholds.iter().map(kth).collect()
}

/// The bits of values that are not negative, the highest first, filled up with absent ones.
fn kth_of_shared<A: Numbers>(
    mut parties: A,
    values: &[Vec<i64>],
    (bits, rows): (u32, usize),
    thresholds: &[(u32, u64)],
) -> Result<Vec<i64>> {
    let dealers = parties.dealers();
    let own = dealers.contains(&parties.task().seat()).then(|| {
        let own = &values[parties.task().seat().index()];
        let number = |set: bool| A::Element::from_u64(set.into());
        let of_bit = |bit: u32| {
            (0..rows).map(move |row| number(own.get(row).is_some_and(|x| x >> bit & 1 == 1)))
        };
        let present = (0..rows).map(|row| number(row < own.len()));
        present.chain((0..bits).rev().flat_map(of_bit)).collect::<Vec<_>>()
    });
    let shared = parties.share_all(own.as_deref(), rows * (bits as usize + 1))?;
    let vector = |index: usize| {
        let parts: Vec<_> =
            shared.iter().map(|shared| shared.range(index * rows..(index + 1) * rows)).collect();
        Shared::concatenation(&parts)
    };
    let present = vector(0);
    let bits: Vec<_> = (1..=bits as usize).map(vector).collect();
    let enough: Vec<_> =
        thresholds.iter().map(|&(factor, number)| threshold(&parties, factor, number)).collect();
    let found = parties.kth_of_shared(&bits, &present, &enough)?;
    let opened = parties.open(&found)?;
    Ok(opened.into_iter().map(|x| i64::try_from(x.to_integer()).unwrap()).collect())
}

fn in_lab(
    setting: Setting,
    run: impl Fn(&mut Task, Setting) -> Result<Vec<i64>> + Send + Sync + 'static,
) -> Report {
    let parties = if let Setting::Provider(parties) = setting { parties + 1 } else { 3 };
    let run = move |task: &mut Task, _: Value| run(task, setting);
    Lab::new(Algorithm::new(describe, run)).parties(parties).run()
}

fn both(setting: Setting, values: &[Vec<i64>], thresholds: &[(u32, u64)]) -> [Vec<i64>; 2] {
    let positive: Vec<Vec<i64>> =
        values.iter().map(|values| values.iter().map(|x| x + 1_000).collect()).collect();
    let (values, of_kth) = (values.to_vec(), thresholds.to_vec());
    let report = in_lab(setting, move |task, setting| {
        in_setting!(task, setting, |parties| kth(parties, &values, &of_kth))
    });
    let opened = serde_json::from_value(report.result(0).clone()).unwrap();
    let thresholds = thresholds.to_vec();
    let report = in_lab(setting, move |task, setting| {
        in_setting!(task, setting, |parties| kth_of_shared(
            parties,
            &positive,
            (11, 9),
            &thresholds
        ))
    });
    let shared: Vec<i64> = serde_json::from_value(report.result(0).clone()).unwrap();
    [opened, shared.into_iter().map(|x| x - 1_000).collect()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_kth_value_is_that_of_the_sorted_ones(
        values in prop::collection::vec(prop::collection::vec(-1_000_i64..=1_000, 0..9), 3)
    ) {
        for setting in SETTINGS {
            let parties = if let Setting::Provider(parties) = setting { parties } else { 3 };
            let values = &values[..parties];
            let mut sorted = values.concat();
            sorted.sort_unstable();
            let count = sorted.len() as u64;
            // The first, a middle one, the last, and the 90 % quantile.
            let thresholds = [(1, 1), (2, count.max(1)), (1, count.max(1)), (10, (9 * count).max(1))];
            let places = [1, count.div_ceil(2), count, (9 * count).div_ceil(10)];
            let expected = |none: i64| -> Vec<i64> {
                let of_place = |place: &u64| {
                    let place = usize::try_from((*place).max(1)).unwrap();
                    sorted.get(place - 1).copied().unwrap_or(none)
                };
                places.iter().map(of_place).collect()
            };
            let [opened, shared] = both(setting, values, &thresholds);
            prop_assert_eq!(opened, expected(1_000), "{:?}", setting);
            prop_assert_eq!(shared, expected(2_047 - 1_000), "{:?} in shares", setting);
        }
    }
}

#[test]
fn the_rounds_of_a_search_depend_on_the_range_alone() {
    let rounds = |rows: usize| {
        let report = in_lab(Setting::Replicated, move |task, _| {
            let servers = Servers::first(task)?;
            let values = vec![vec![3; rows]; 3];
            kth(Replicated::<Z2_64>::new(task, servers)?, &values, &[(1, 1)])
        });
        assert_eq!(report.common_result(), &serde_json::json!([3]));
        (report.traffic().rounds, report.traffic().bytes)
    };
    // The keys, and for each of eleven bits a sharing, a sign and an opening.
    assert_eq!(rounds(1).0, 1 + 11 * 12);
    assert_eq!(rounds(1), rounds(1_000));
}

#[test]
fn other_steps_may_follow_a_search_whatever_is_found() {
    for setting in SETTINGS {
        // Found in fewer steps than others, where halves are not of one size.
        for found in [1_000, -1_000, 7] {
            let report = in_lab(setting, move |task, setting| {
                in_setting!(task, setting, |parties| search_and_compare(parties, found))
            });
            assert_eq!(report.result(0), &serde_json::json!([found, 0]), "{setting:?}");
        }
    }
}

fn search_and_compare<A: Numbers>(mut parties: A, value: i64) -> Result<Vec<i64>> {
    let is_dealer = parties.dealers().contains(&parties.task().seat());
    let enough = threshold(&parties, 1, 1);
    let found = parties.kth(is_dealer.then_some(&[value]), -1_000..=1_000, &enough)?;
    let one = parties.public(&[A::Element::ONE]);
    let negative = parties.is_negative(&one)?;
    let opened = parties.open(&negative)?;
    Ok(vec![found, i64::try_from(opened[0].to_integer()).unwrap()])
}
