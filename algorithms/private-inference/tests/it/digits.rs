//! The perceptron 64-32-10 on the handwritten digits that it was not trained on.

use super::*;

const DIGITS: &str = include_str!("../../../../tests/data/digits.csv");
/// What `train_digits.py` trains on.
const TRAINED: usize = 1_297;

/// Pixels and labels of the digits from this one.
fn digits(first: usize, number: usize) -> (Vec<Vec<f64>>, Vec<usize>) {
    let lines = DIGITS.lines().skip(1 + first).take(number);
    let rows = lines.map(|line| {
        let mut cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let label = cells.pop().unwrap() as usize;
        (cells, label)
    });
    rows.unzip()
}

fn classes(third: &str, records: &[Vec<f64>], batch: usize) -> Vec<usize> {
    let mut arguments = arguments(&[64, 32, 10], "class");
    arguments["batch"] = batch.into();
    let report = lab(third, &Model::digits(), records, &arguments).run();
    let expected = json!({ "records": records.len() });
    assert_eq!((report.result(0), report.result(2)), (&expected, &expected));
    serde_json::from_value(report.result(1)["predictions"].clone()).unwrap()
}

/// Where the plaintext is clear by more than what shares may be off, they say the same.
fn is_as_in_plaintext(records: &[Vec<f64>], classes: &[usize]) {
    let mut clear = 0;
    for (record, found) in records.iter().zip(classes) {
        let (outputs, off) = Model::digits().apply(record);
        let (expected, margin) = oracle::class(&outputs);
        if margin > 2.0 * off.iter().copied().fold(0.0, f64::max) {
            assert_eq!(*found, expected);
            clear += 1;
        }
    }
    assert!(clear * 100 > records.len() * 90, "{clear} of {} are clear", records.len());
}

#[test]
fn three_parties_predict_what_the_plaintext_does_and_467_of_500_right() {
    let (records, labels) = digits(TRAINED, 500);
    let classes = classes("helper", &records, 200);
    is_as_in_plaintext(&records, &classes);
    let right = classes.iter().zip(&labels).filter(|(found, label)| found == label).count();
    assert_eq!(right, 467, "as many as in plaintext");
}

#[test]
fn two_parties_and_a_provider_predict_what_the_plaintext_does() {
    let (records, _) = digits(TRAINED, 30);
    let classes = classes("provider", &records, 16);
    is_as_in_plaintext(&records, &classes);
}

#[test]
fn outputs_are_as_near_to_the_plaintext_as_is_stated() {
    for (third, number) in [("helper", 100), ("provider", 10)] {
        let (records, _) = digits(TRAINED, number);
        let arguments = arguments(&[64, 32, 10], "value");
        let report = lab(third, &Model::digits(), &records, &arguments).run();
        let found: Vec<Vec<f64>> =
            serde_json::from_value(report.result(1)["predictions"].clone()).unwrap();
        let mut largest = 0.0_f64;
        for (record, found) in records.iter().zip(&found) {
            let (expected, allowed) = Model::digits().apply(record);
            for ((found, expected), allowed) in found.iter().zip(expected).zip(allowed) {
                let off = (found - expected).abs();
                assert!(off <= allowed, "{third}: off by {off}, allowed {allowed}");
                largest = largest.max(off);
            }
        }
        assert!(largest > 0.0, "fixed-point numbers are not exact");
        assert_eq!(found.len(), number);
    }
}

#[test]
fn messages_have_the_same_sizes_whatever_the_records_and_weights_are() {
    for third in THIRD {
        let sizes = |model: &Model, first| {
            let (records, _) = digits(first, 3);
            let arguments = arguments(&[64, 32, 10], "class");
            let report = lab(third, model, &records, &arguments).run();
            let of = |sent: &anchorhold_sdk::lab::Sent| (sent.from, sent.to, sent.body.len());
            report.trace().iter().map(of).collect::<Vec<_>>()
        };
        let zeros = Model(vec![vec![vec![0.0; 32]; 65], vec![vec![0.0; 10]; 33]]);
        assert_eq!(sizes(&Model::digits(), 0), sizes(&zeros, TRAINED));
    }
}
