use anchorhold_sdk::rand_core::SeedableRng as _;
use serde_json::json;

use super::*;

const ORGANIZATIONS: usize = 5;
const HONEST: usize = 2;
const ROWS: u32 = 50;
const RATE: f64 = 3.0;
const PRIVACY: Privacy = Privacy { epsilon: 2.0, delta: 1e-6, clip: 0.5 };

/// Four rounds, of which three may be tried again.
fn private(parameters: usize) -> Private {
    let arguments = json!({
        "model": "logistic", "label": "y", "learning_rate": RATE, "rounds": 4, "retries": 3, "validation": 0,
        "features": [{ "name": "x", "minimum": 0, "maximum": 1 }], "expected_rows": ROWS, "max_rows": 1_000,
    });
    let arguments: Arguments = serde_json::from_value(arguments).unwrap();
    Private::new(&PRIVACY, &arguments, parameters, (ORGANIZATIONS, HONEST)).unwrap()
}

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// What an organization with these rows gives first, in steps of the grid.
fn given(rows: &[Row], features: usize, seed: u8) -> Vec<i64> {
    let private = private(features + 1);
    let model = (Model::Logistic { features }, &*vec![0.0; features + 1]);
    let vector = private.vector(1, model, rows, &mut rng(seed)).unwrap();
    vector.into_iter().map(|number| centered(number, private.whole())).collect()
}

#[test]
fn each_organization_adds_its_share_of_the_noise() {
    let features = 9_999;
    let noise = PRIVACY.noise(&PRIVACY.grid(features + 1).unwrap(), 7, 2).unwrap();
    for seed in 0..ORGANIZATIONS as u8 {
        let squares = given(&[], features, seed).into_iter().map(|number| (number as f64).powi(2));
        let mean = squares.sum::<f64>() / (features + 1) as f64;
        // Its mean square is off by 0.014 as a rule.
        assert!((mean.sqrt() / noise.deviation(1) - 1.0).abs() < 0.04, "{mean}");
    }
    assert_ne!(given(&[], 3, 1), given(&[], 3, 2));
}

#[test]
fn a_row_changes_what_is_given_by_no_more_than_its_clip_and_the_rounding() {
    // At zero the gradient is half of the features, with their sign by the class, and half for what is added.
    let row = |scale: f64, class| Row { features: vec![scale; 3], class };
    let grid = PRIVACY.grid(4).unwrap();
    for (row, length) in [
        (row(1.0, 0), PRIVACY.clip),
        (row(-0.9, 1), PRIVACY.clip),
        // Of a length of 0.5, as it is.
        (row(0.0, 1), 0.5),
    ] {
        let (with, without) = (given(std::slice::from_ref(&row), 3, 1), given(&[], 3, 1));
        let change: Vec<f64> = with.iter().zip(without).map(|(a, b)| (a - b) as f64).collect();
        let norm = change.iter().map(|number| number * number).sum::<f64>().sqrt();
        assert!(norm <= grid.sensitivity(), "{norm}");
        assert!((norm * grid.step() - length).abs() <= 2.0 * grid.step(), "{norm}");
        // It keeps its direction.
        let towards = if row.class == 1 { -1.0 } else { 1.0 };
        assert!(change[3] * towards > 0.0 && change[0] * towards * row.features[0] >= 0.0);
    }
    // A hundred rows are a hundred times as much.
    let (many, none) = (given(&vec![row(1.0, 0); 100], 3, 1), given(&[], 3, 1));
    let change = (many[3] - none[3]) as f64 * grid.step();
    assert!((change - 100.0 * PRIVACY.clip / 2.0).abs() <= grid.step(), "{change}");
}

#[test]
fn a_step_and_what_is_said_of_it_follow_from_the_arguments() {
    let private = private(4);
    let grid = PRIVACY.grid(4).unwrap();
    let noise = PRIVACY.noise(&grid, 7, 2).unwrap();
    let a_step = RATE * grid.step() / f64::from(ROWS);
    let whole = u64::try_from(private.whole()).unwrap();
    assert_eq!(
        private.update(&[0, 1, 1_000, whole - 3]),
        [0.0, -1.0, -1_000.0, 3.0].map(|n| n * a_step)
    );
    let spent = private.spent();
    let epsilon = PRIVACY.spent(&noise, &grid, 7);
    assert!(epsilon < PRIVACY.epsilon && epsilon > 0.99 * PRIVACY.epsilon);
    let deviation = noise.deviation(5) * a_step;
    assert_eq!(spent, Spent { epsilon, delta: 1e-6, sums: 7, deviation });
    assert_eq!(private.error(), 2.5 * a_step);
}

#[test]
fn the_sums_of_all_rows_and_all_noise_fit_into_the_modulus() {
    let private = private(4);
    let grid = PRIVACY.grid(4).unwrap();
    let noise = PRIVACY.noise(&grid, 7, 2).unwrap();
    let all = 5.0 * 1_000.0 * PRIVACY.clip / grid.step();
    let half = private.whole() as f64 / 2.0;
    assert!(all + noise.largest(5, 4) as f64 <= half && half <= 4.0 * all, "{all} {half}");
}

#[test]
fn no_sum_is_given_for_which_there_is_no_noise() {
    let private = private(4);
    assert_eq!(private.sums(), 7);
    let model = || (Model::Logistic { features: 3 }, &[0.0; 4][..]);
    assert!(private.vector(7, model(), &[], &mut rng(1)).is_ok());
    let error = private.vector(8, model(), &[], &mut rng(1)).unwrap_err();
    let expected = "the privacy is spent: it is for 7 sums, those that were tried again among them";
    assert_eq!(error.sentence(), expected);
}
