//! Linear and logistic models, and random perceptrons.

use super::*;

/// Numbers of -1 to 1, the same each time.
fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as f64 / 2_f64.powi(31) - 1.0
    }
}

fn model(shape: &[usize], scale: f64, seed: u64) -> Model {
    let mut random = random(seed);
    let layers = shape.windows(2).map(|pair| {
        let row =
            |random: &mut dyn FnMut() -> f64| (0..pair[1]).map(|_| random() * scale).collect();
        (0..=pair[0]).map(|_| row(&mut random)).collect()
    });
    Model(layers.collect())
}

fn records(features: usize, number: usize, scale: f64) -> Vec<Vec<f64>> {
    let mut random = random(99);
    (0..number).map(|_| (0..features).map(|_| random() * scale).collect()).collect()
}

fn numbers(lab: &mut Lab) -> Vec<Vec<f64>> {
    serde_json::from_value(lab.run().result(1)["predictions"].clone()).unwrap()
}

#[test]
fn a_linear_model_is_as_near_to_the_plaintext_as_is_stated() {
    for third in THIRD {
        for (shape, number) in [(vec![30, 1], 20), (vec![1, 1], 1), (vec![3, 5, 4, 2], 7)] {
            let (model, records) = (model(&shape, 4.0, 1), records(shape[0], number, 16.0));
            let mut lab = lab(third, &model, &records, &arguments(&shape, "value"));
            let found = numbers(&mut lab);
            for (record, found) in records.iter().zip(&found) {
                let (expected, allowed) = model.apply(record);
                for ((found, expected), allowed) in found.iter().zip(expected).zip(allowed) {
                    assert!((found - expected).abs() <= allowed, "{third} {found} {expected}");
                }
            }
            assert_eq!(found.len(), number);
        }
    }
}

#[test]
fn a_logistic_model_gives_probabilities() {
    for third in THIRD {
        let shape = [5, 1];
        let (model, records) = (model(&shape, 1.0, 3), records(5, 40, 4.0));
        let mut lab = lab(third, &model, &records, &arguments(&shape, "probability"));
        let found = numbers(&mut lab);
        let mut seen = [false; 2];
        for (record, found) in records.iter().zip(&found) {
            let (outputs, off) = model.apply(record);
            let expected = 1.0 / (1.0 + (-outputs[0]).exp());
            // A quarter is as steep as it gets.
            let allowed = off[0] / 4.0 + 2.2e-7 + 2.0 / 65_536.0;
            assert!((found[0] - expected).abs() <= allowed, "{third} {} {expected}", found[0]);
            seen[usize::from(expected > 0.5)] = true;
        }
        assert_eq!(seen, [true; 2], "both sides of the line");
    }
}

#[test]
fn the_largest_values_that_are_declared_do_not_overflow() {
    for third in THIRD {
        let largest = |sign: f64| vec![sign * 16.0; 64];
        let records = vec![largest(1.0), largest(-1.0)];
        let weights = |inputs: usize, outputs: usize| vec![vec![4.0; outputs]; inputs + 1];
        let model = Model(vec![weights(64, 8), weights(8, 2)]);
        let mut lab = lab(third, &model, &records, &arguments(&[64, 8, 2], "value"));
        let found = numbers(&mut lab);
        for (record, found) in records.iter().zip(&found) {
            let (expected, allowed) = model.apply(record);
            for output in 0..2 {
                let off = (found[output] - expected[output]).abs();
                assert!(off <= allowed[output], "{third} {found:?} {expected:?}");
            }
        }
    }
}

#[test]
fn of_equal_outputs_the_first_is_the_class() {
    for third in THIRD {
        let model = Model(vec![vec![vec![1.0, 2.0, 2.0]; 3]]);
        let records = vec![vec![1.0, 1.0], vec![-1.0, -3.0], vec![0.0, -1.0]];
        let mut lab = lab(third, &model, &records, &arguments(&[2, 3], "class"));
        let result = lab.run().result(1)["predictions"].clone();
        assert_eq!(result, json!([1, 0, 0]));
    }
}
