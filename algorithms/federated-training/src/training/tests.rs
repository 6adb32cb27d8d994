use anchorhold_sdk::rand_core::SeedableRng as _;

use super::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([3; 32])
}

fn rows(count: usize) -> Vec<Row> {
    let feature = |row: usize, at: usize| ((row * 7 + at * 3) % 11) as f64 / 5.0 - 1.0;
    let row = |row| Row { features: (0..3).map(|at| feature(row, at)).collect(), class: row % 2 };
    (0..count).map(row).collect()
}

fn training() -> Training {
    Training {
        model: Model::Logistic { features: 3 },
        epochs: 1,
        batch: None,
        learning_rate: 0.5,
        row_clip: None,
    }
}

#[test]
fn one_step_of_all_rows_goes_along_their_average_gradient() {
    let (rows, start) = (rows(9), [0.1, -0.2, 0.3, 0.4]);
    let update = training().update(&start, &rows, &mut rng());
    for (place, update) in update.iter().enumerate() {
        let gradient = |row: &Row| {
            let mut own = vec![0.0; 4];
            training().model.gradient(&start, row, &mut own);
            own[place]
        };
        let average = rows.iter().map(gradient).sum::<f64>() / 9.0;
        assert!((update + 0.5 * average).abs() < 1e-15);
    }
}

#[test]
fn epochs_and_batches_are_steps_of_their_own() {
    let rows = rows(4);
    let batches = Training { batch: Some(1), ..training() };
    let one = batches.update(&[0.0; 4], &rows, &mut rng());
    let mut order: Vec<_> = rows.iter().collect();
    shuffle(&mut order, &mut rng());
    let mut at = vec![0.0; 4];
    for row in order {
        let step = training().update(&at, std::slice::from_ref(row), &mut rng());
        at.iter_mut().zip(step).for_each(|(at, step)| *at += step);
    }
    assert!(one.iter().zip(&at).all(|(one, at)| (one - at).abs() < 1e-12));

    let twice = Training { epochs: 2, ..training() }.update(&[0.0; 4], &rows, &mut rng());
    let first = training().update(&[0.0; 4], &rows, &mut rng());
    let second = training().update(&first, &rows, &mut rng());
    let sum = first.iter().zip(second).map(|(first, second)| first + second);
    assert!(sum.zip(twice).all(|(sum, twice)| (sum - twice).abs() < 1e-12));
}

#[test]
fn a_row_changes_a_sum_of_gradients_by_no_more_than_it_may() {
    let rows = rows(5);
    let all: Vec<_> = rows.iter().collect();
    let at = [3.0, -2.0, 1.0, 0.0];
    for most in [1e-3, 0.1, 0.5] {
        let clipped = Training { row_clip: Some(most), ..training() };
        let whole = clipped.gradient_sum(&at, &all);
        let mut shortened = 0;
        for (left_out, row) in rows.iter().enumerate() {
            let others: Vec<_> = all
                .iter()
                .enumerate()
                .filter(|(row, _)| *row != left_out)
                .map(|(_, row)| *row)
                .collect();
            let without = clipped.gradient_sum(&at, &others);
            let difference: Vec<_> = whole.iter().zip(without).map(|(a, b)| a - b).collect();
            let length = difference.iter().map(|d| d * d).sum::<f64>().sqrt();
            assert!(length <= most * (1.0 + 1e-9), "{length} {most}");
            let mut own = vec![0.0; 4];
            clipped.model.gradient(&at, row, &mut own);
            let was = own.iter().map(|d| d * d).sum::<f64>().sqrt();
            // Its direction stays.
            let factor = (most / was).min(1.0);
            assert!(difference.iter().zip(own).all(|(a, b)| (a - factor * b).abs() < 1e-12));
            shortened += usize::from(factor < 1.0);
        }
        assert!(shortened > 0, "{most} is short for some");
    }
}
