//! The breast cancer and the lung data.

use crate::{SETTINGS, Study, Third};

const BREAST: &str = include_str!("../../../../tests/data/breast_cancer.csv");
const LUNG: &str = include_str!("../../../../tests/data/lung.csv");

/// Reads columns, of the rows that have all of them.
fn columns(text: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap().split(',').collect();
    let place = |name: &&str| header.iter().position(|column| column == name).unwrap();
    let places: Vec<_> = names.iter().map(place).collect();
    let rows = lines.filter_map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        places.iter().map(|place| cells[*place].parse().ok()).collect::<Option<Vec<f64>>>()
    });
    let rows: Vec<_> = rows.collect();
    (0..names.len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

/// The diagnosis by ten columns.
fn breast(penalty: f64) -> Study {
    let names = BREAST.lines().next().unwrap().split(',').take(10);
    let names: Vec<_> = ["target"].into_iter().chain(names).collect();
    let mut columns = columns(BREAST, &names);
    let outcome = columns.remove(0);
    assert_eq!(outcome.len(), 569);
    Study::new("logistic", penalty, outcome, columns)
}

/// The score that a patient gives itself, by what others say.
fn lung(penalty: f64) -> Study {
    let names = ["pat_karno", "age", "sex", "ph_ecog", "ph_karno", "wt_loss"];
    let mut columns = columns(LUNG, &names);
    let outcome = columns.remove(0);
    assert_eq!(outcome.len(), 209);
    Study::new("ridge", penalty, outcome, columns)
}

#[test]
fn a_linear_model_of_the_lung_data_is_the_oracles() {
    for (holders, third) in SETTINGS {
        for penalty in [0.001, 0.1, 10.0] {
            let study = lung(penalty).among(holders);
            study.fitted(&study.lab(third).run(), 0, study.tolerance(third));
        }
    }
}

#[test]
fn a_logistic_model_of_the_breast_cancer_data_is_the_oracles() {
    // What the README says of the iterations, and of a provider what a test has time for.
    for (third, penalty, iterations, tolerance) in [
        (Third::Helper, 0.01, 60, 1.1e-4),
        (Third::Helper, 0.1, 60, 2e-6),
        (Third::Helper, 0.001, 120, 5e-5),
        (Third::Provider, 0.1, 30, 3e-4),
    ] {
        let mut study = breast(penalty).among(2);
        study.iterations = iterations;
        study.fitted(&study.lab(third).run(), 0, tolerance);
    }
    for (holders, third) in [(3, Third::Nobody), (5, Third::Nobody), (3, Third::Provider)] {
        let mut study = breast(1.0).among(holders);
        study.iterations = 15;
        study.fitted(&study.lab(third).run(), 0, study.tolerance(third) + 2e-6);
    }
}
