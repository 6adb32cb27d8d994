use proptest::prelude::*;

use super::*;

/// Numbers of all sizes, and those that are none.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -2.0..2.0_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e-160, 1e160]),
    ]
}

fn rounded(grid: &Grid, records: &[Vec<f64>], largest: u64) -> Vec<i64> {
    let mut sum = grid.sum();
    for record in records {
        sum.add(record).unwrap();
    }
    sum.rounded(largest)
}

fn distance(a: &[i64], b: &[i64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| ((a - b) as f64).powi(2)).sum::<f64>().sqrt()
}

proptest! {
    #[test]
    fn a_clipped_vector_is_never_too_long(
        record in prop::collection::vec(number(), 1..20),
        clip in (-5.0..5.0_f64).prop_map(f64::exp),
        steps in 1.0..16_777_216.0_f64,
    ) {
        let Ok(grid) = Grid::new(clip, clip / steps, record.len()) else { return Ok(()) };
        prop_assert!(!grid.is_too_long(&grid.clipped(&record)));
    }

    #[test]
    fn a_short_vector_stays_as_it_is_and_a_long_one_keeps_its_direction(
        record in prop::collection::vec(-2.0..2.0_f64, 1..20),
    ) {
        let grid = Grid::new(1.0, 1e-3, record.len()).unwrap();
        let norm = record.iter().map(|number| number * number).sum::<f64>().sqrt();
        let scale = 1e3 * fine_parts() * (1.0 / norm).min(1.0);
        // Rounded to the nearest, and where it would be too long nearer to zero by one.
        let most = if norm < 0.9999 { 0.5 } else { 1.5 };
        for (fine, number) in grid.clipped(&record).iter().zip(&record) {
            prop_assert!((*fine as f64 - number * scale).abs() <= most + 1e-6);
        }
    }

    #[test]
    fn one_record_changes_a_sum_by_no_more_than_the_sensitivity(
        records in prop::collection::vec(prop::collection::vec(number(), 5), 1..6),
        other in prop::collection::vec(number(), 5),
        steps in 1.0..20.0_f64,
        largest in prop::sample::select(vec![1, 5, 1_000, u64::MAX]),
    ) {
        let grid = Grid::new(1.0, 1.0 / steps, 5).unwrap();
        let (with, without) = (rounded(&grid, &records, largest), rounded(&grid, &records[1..], largest));
        prop_assert!(distance(&with, &without) <= grid.sensitivity());
        let replaced = [&[other], &records[1..]].concat();
        let with_other = rounded(&grid, &replaced, largest);
        prop_assert!(distance(&with, &with_other) <= grid.sensitivity_to_replacing());
    }
}

#[test]
fn the_sensitivity_is_reached() {
    // A fine part more than a step moves a sum by two steps, from just below a half.
    let fine = 1.0 / fine_parts();
    let grid = Grid::new(1.0 + fine, 1.0, 1).unwrap();
    let sums = [vec![vec![0.5 - fine]], vec![vec![0.5 - fine], vec![1.0 + fine]]];
    assert_eq!(sums.map(|records| rounded(&grid, &records, 9)), [[0], [2]]);
    assert!((2.0..2.0001).contains(&grid.sensitivity()));
    // The same in each direction.
    let dimension = 400;
    let grid = Grid::new(20.0 * (1.0 + fine), 1.0, dimension).unwrap();
    let sums = [vec![vec![0.5 - fine; 400]], vec![vec![0.5 - fine; 400], vec![1.0 + fine; 400]]];
    let [one, two] = sums.map(|records| rounded(&grid, &records, 9));
    assert_eq!(distance(&one, &two), 40.0);
    assert!((40.0..40.001).contains(&grid.sensitivity()));
}

#[test]
fn the_sensitivity_is_rounded_up_by_little() {
    // A number from 1 on in units of 2^-52, of which it is a multiple.
    let whole = |number: f64| (number * 2.0_f64.powi(52)) as u128;
    for dimension in [1, 2, 3, 5, 1_000, 1_048_575, 4_000_000] {
        for (clip, step) in [(1.0, 1.0), (1.0, 0.3), (0.1, 0.1 / 3.0), (1e9, 1e3)] {
            let grid = Grid::new(clip, step, dimension).unwrap();
            for (sensitivity, records) in
                [(grid.sensitivity(), 1.0), (grid.sensitivity_to_replacing(), 2.0)]
            {
                let unrounded = records * grid.longest as f64 / fine_parts();
                let root = whole(sensitivity) - whole(unrounded);
                assert!(root * root >= (dimension as u128) << 104, "{clip} {step} {dimension}");
                let exact = unrounded + (dimension as f64).sqrt();
                assert!(sensitivity <= exact * (1.0 + 1e-15), "{clip} {step} {dimension}");
                assert!((unrounded / (records * clip / step) - 1.0).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn a_record_that_is_no_vector_of_numbers_adds_nothing() {
    let grid = Grid::new(1.0, 0.01, 2).unwrap();
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(
            rounded(&grid, &[vec![0.5, 0.25], vec![0.5, wrong], vec![wrong, 0.0]], 100),
            [50, 25]
        );
    }
    assert_eq!(rounded(&grid, &[], 100), [0, 0]);
    let error = grid.sum().add(&[1.0]).unwrap_err();
    assert_eq!(error.sentence(), "a record's vector must have 2 numbers, not 1");
}

#[test]
fn extreme_records_are_clipped() {
    let grid = Grid::new(1.0, 1.0 / 1024.0, 4).unwrap();
    for huge in [1e3, 1e200, f64::MAX] {
        assert_eq!(rounded(&grid, &[vec![huge; 4]], 9_999), [512; 4]);
        assert_eq!(rounded(&grid, &[vec![-huge, 0.0, 0.0, 0.0]], 9_999), [-1024, 0, 0, 0]);
    }
    assert_eq!(rounded(&grid, &[vec![5e-324, 1e-300, 0.0, -0.0]], 9_999), [0; 4]);
    // Whole steps are exact also where they are the clip.
    assert_eq!(
        rounded(&grid, &vec![vec![0.0, 1.0, 0.0, 0.0]; 1_000], u64::MAX),
        [0, 1_024_000, 0, 0]
    );
}

#[test]
fn sums_stay_within_their_bound() {
    let grid = Grid::new(1.0, 0.25, 2).unwrap();
    let records = vec![vec![0.75, -0.25]; 10];
    assert_eq!(rounded(&grid, &records, 100), [30, -10]);
    assert_eq!(rounded(&grid, &records, 12), [12, -10]);
    let full = ClippedSum { grid, fine: vec![i64::MAX - 1, i64::MIN + 1] };
    let mut more = full.clone();
    more.add(&[1.0, 0.0]).unwrap();
    more.add(&[0.0, -1.0]).unwrap();
    assert_eq!(more.fine, [i64::MAX, i64::MIN]);
    assert_eq!(more.rounded(u64::MAX), [1 << 47, -(1 << 47)]);
}

#[test]
fn grids_that_are_none_are_refused() {
    for (clip, step) in [
        (0.0, 1.0),
        (-1.0, 1.0),
        (1.0, 0.0),
        (1.0, -1.0),
        (1.0, 1.1),
        (1.0, 1e-9),
        (f64::NAN, 1.0),
        (f64::INFINITY, f64::INFINITY),
        (-1.0, -1.0),
    ] {
        let error = Grid::new(clip, step, 3).unwrap_err().sentence();
        assert!(error.starts_with("the clip must be from one step to 2^24 steps"), "{error}");
    }
    for grid in [Grid::new(1.0, 0.5, 0), Grid::fitting(1.0, 0)] {
        assert_eq!(grid.unwrap_err().sentence(), "there is no vector of no numbers");
    }
    assert!(Grid::fitting(0.0, 5).is_err() && Grid::fitting(f64::NAN, 5).is_err());
    assert!(Grid::fitting(1.0, 1 << 40).is_err());
}

#[test]
fn a_fitting_step_adds_little_to_the_sensitivity() {
    for dimension in [1, 2, 1_000, 10_000_000] {
        for clip in [1e-3, 1.0, 3.7, 1e6] {
            let grid = Grid::fitting(clip, dimension).unwrap();
            assert_eq!(grid.step().to_bits() << 12, 0, "no power of two: {}", grid.step());
            let more = grid.sensitivity() * grid.step() / clip - 1.0;
            assert!((1.0 / 129.0..=1.0 / 63.9).contains(&more), "{clip} {dimension}: {more}");
        }
    }
}
