use anchorhold_sdk::newton::Column;
use anchorhold_sdk::rand_core::SeedableRng as _;

use super::*;

const MODELS: [Model; 2] =
    [Model::Logistic { features: 3 }, Model::Perceptron { features: 3, hidden: 5, classes: 4 }];

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([3; 32])
}

fn parameters(model: Model, scale: f64) -> Vec<f64> {
    let mut rng = rng();
    (0..model.parameters().unwrap()).map(|_| scale * normal(&mut rng)).collect()
}

fn row(class: usize) -> Row {
    Row { features: vec![0.3, -1.0, 0.8], class }
}

#[test]
fn gradients_are_the_derivatives_of_the_loss() {
    for model in MODELS {
        for class in 0..model.classes() {
            let at = parameters(model, 1.0);
            let mut gradient = vec![f64::NAN; at.len()];
            model.gradient(&at, &row(class), &mut gradient);
            for place in 0..at.len() {
                let loss = |step: f64| {
                    let mut at = at.clone();
                    at[place] += step;
                    model.judge(&at, &[row(class)]).loss
                };
                let slope = (loss(1e-6) - loss(-1e-6)) / 2e-6;
                assert!((slope - gradient[place]).abs() < 1e-7, "{model:?} {class} {place}");
            }
        }
    }
}

#[test]
fn a_loss_is_bounded_and_a_gradient_finite_however_large_parameters_are() {
    for model in MODELS {
        for scale in [0.0, 1e3, 1e300] {
            let at = parameters(model, scale);
            for class in 0..model.classes() {
                let judged = model.judge(&at, &[row(class)]);
                assert!((0.0..=LARGEST_LOSS).contains(&judged.loss), "{model:?} {scale}");
            }
        }
        let mut gradient = vec![0.0; model.parameters().unwrap()];
        model.gradient(&parameters(model, 1e3), &row(0), &mut gradient);
        assert!(gradient.iter().all(|element| element.is_finite()));
    }
}

#[test]
fn the_most_probable_class_is_right() {
    let logistic = MODELS[0];
    // Of the first column alone, with 0.3.
    for (weight, right) in [(1.0, [0, 1]), (-1.0, [1, 0]), (0.0, [1, 0])] {
        let at = [weight, 0.0, 0.0, 0.0];
        assert_eq!([0, 1].map(|class| logistic.judge(&at, &[row(class)]).right), right);
    }
    let perceptron = Model::Perceptron { features: 3, hidden: 1, classes: 3 };
    // One unit, 0.3; the outputs are 0.3, -0.3 and what is added to the third.
    for (added, right) in [(0.0, [1, 0, 0]), (0.3, [1, 0, 0]), (1.0, [0, 0, 1])] {
        let at = [1.0, 0.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, added];
        assert_eq!([0, 1, 2].map(|class| perceptron.judge(&at, &[row(class)]).right), right);
    }
}

#[test]
fn what_training_begins_with_is_as_wide_as_it_should_be() {
    assert_eq!(MODELS[0].initial(&mut rng()), [0.0; 4]);
    let model = Model::Perceptron { features: 50, hidden: 200, classes: 10 };
    let initial = model.initial(&mut rng());
    assert_eq!(initial.len(), 50 * 200 + 200 + 200 * 10 + 10);
    let (first, second) = initial.split_at(51 * 200);
    for (layer, weights, inputs) in [(first, 10_000, 50.0), (second, 2_000, 200.0)] {
        let (weights, added) = layer.split_at(weights);
        assert!(added.iter().all(|added| *added == 0.0));
        let variance = weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64;
        // Five standard deviations of what is found of 2,000.
        assert!((variance * inputs / 2.0 - 1.0).abs() < 0.16, "{variance}");
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        assert!(mean.abs() < 5.0 * (2.0 / inputs / weights.len() as f64).sqrt());
    }
}

#[test]
fn the_state_dictionary_is_for_columns_as_they_are() {
    let columns: Vec<Column> = [(0.0, 16.0), (-3.0, 5.0), (100.0, 101.0)]
        .iter()
        .map(|(minimum, maximum)| Column {
            name: "x".to_owned(),
            minimum: *minimum,
            maximum: *maximum,
        })
        .collect();
    let values = [4.0, -2.5, 100.25];
    let scaled: Vec<f64> =
        columns.iter().zip(values).map(|(column, value)| column.scaled(value)).collect();
    for model in MODELS {
        let at = parameters(model, 1.0);
        let state = model.to_json(&at, &columns);
        let (inputs, outputs) = model.layers()[0];
        let expected = apply(&at[..(inputs + 1) * outputs], &scaled, inputs, outputs);
        for (output, expected) in expected.iter().enumerate() {
            let weights = state["layer1.weight"][output].as_array().unwrap();
            let sum: f64 =
                weights.iter().zip(values).map(|(w, value)| w.as_f64().unwrap() * value).sum();
            let found = sum + state["layer1.bias"][output].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-9);
        }
        assert_eq!(state.len(), 2 * model.layers().len());
    }
}

#[test]
fn too_many_parameters_are_not_counted() {
    let model = Model::Perceptron { features: usize::MAX, hidden: 2, classes: 2 };
    assert_eq!(model.parameters(), None);
}
