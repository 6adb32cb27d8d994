use super::*;
use crate::group::tests::rng;

fn digest(number: u8) -> Digest {
    [number; 32]
}

fn set(numbers: &[u8]) -> Set {
    let rows = (0..).zip(numbers).map(|(row, number)| (digest(*number), Some(row)));
    Set::new(rows.collect(), 100, None).unwrap()
}

#[test]
fn rows_with_one_key_are_one_element() {
    let set = set(&[5, 1, 5, 3, 1, 5]);
    assert_eq!(set.elements, [1, 3, 5].map(digest));
    let rows = |element| set.rows_of(element).collect::<Vec<_>>();
    assert_eq!([rows(0), rows(1), rows(2)], [vec![1, 4], vec![3], vec![0, 2, 5]]);
    assert_eq!(set.elements_by_row(), [(2, 0), (0, 1), (2, 2), (1, 3), (0, 4), (2, 5)]);
    assert_eq!(set.repeated(), Some([0, 2]));
}

#[test]
fn distinct_keys_are_not_repeated() {
    assert_eq!(set(&[]).repeated(), None);
    assert_eq!(set(&[4, 2, 9]).repeated(), None);
}

#[test]
fn a_set_has_at_most_as_many_elements_as_allowed() {
    let rows =
        |count: u8| (0..count).map(|number| (digest(number / 2), Some(number.into()))).collect();
    assert!(Set::new(rows(6), 3, None).is_some());
    assert!(Set::new(rows(7), 3, None).is_none());
    assert!(Set::new(rows(0), 0, None).is_some());
}

#[test]
fn a_set_is_filled_up_with_elements_that_no_row_has() {
    let rows = vec![(digest(7), Some(0)), (digest(200), Some(1)), (digest(7), Some(2))];
    let set = Set::new(rows, 10, Some(&mut rng())).unwrap();
    assert_eq!(set.elements.len(), 10);
    assert!(set.elements.is_sorted_by(|left, right| left < right));
    let with_rows: Vec<_> = (0..10).filter(|at| set.rows_of(*at).next().is_some()).collect();
    let with_rows: Vec<_> = with_rows.iter().map(|at| set.elements[*at]).collect();
    assert_eq!(with_rows, [digest(7), digest(200)]);
}

#[test]
fn each_order_of_the_elements_is_as_likely_and_rows_stay_with_theirs() {
    let mut rng = rng();
    let mut orders = std::collections::BTreeMap::new();
    for _ in 0..6_000 {
        let mut set = set(&[4, 2, 9, 2]);
        set.shuffle(&mut rng);
        for (key, rows) in [(4, vec![0]), (2, vec![1, 3]), (9, vec![2])] {
            let place = set.elements.iter().position(|element| *element == digest(key)).unwrap();
            assert_eq!(set.rows_of(place).collect::<Vec<_>>(), rows);
        }
        *orders.entry(set.elements).or_insert(0) += 1;
    }
    assert_eq!(orders.len(), 6);
    // Six deviations of 29.
    assert!(orders.values().all(|times| (827..=1_173).contains(times)), "{orders:?}");
}
