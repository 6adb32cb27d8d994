//! State dictionaries in files, and the average as one.

use secure_aggregation::tensors::{Precision, StateDictionary, Tensor};
use serde_json::json;

use crate::{MODELLER, lab, settings, state, states, values, with};

fn tensors(worker: usize, precision: Precision) -> StateDictionary {
    let json = StateDictionary::from_json(state(worker).as_object().unwrap()).unwrap();
    let tensors = json.tensors().map(|(name, tensor)| {
        let (shape, values) = (tensor.shape().to_vec(), tensor.values().to_vec());
        let values = values.into_iter().map(|value| f64::from(value as f32)).collect();
        (name.to_owned(), Tensor::of_precision(name, shape, values, precision).unwrap())
    });
    StateDictionary::new(tensors.collect()).unwrap()
}

#[test]
fn files_of_all_formats_have_one_average_which_may_be_a_file() {
    for arguments in settings() {
        for (format, precision) in [
            ("json", Precision::Double),
            ("safetensors", Precision::Single),
            ("safetensors", Precision::Double),
            ("npz", Precision::Single),
        ] {
            let arguments = with(&arguments, &json!({ "format": format, "bits": 24 }));
            let mut lab = lab(&states(3), &arguments);
            let files = [
                tensors(0, precision).to_safetensors().unwrap(),
                tensors(1, precision).to_npz().unwrap(),
                match precision {
                    Precision::Single => tensors(2, precision).to_npz().unwrap(),
                    Precision::Double => format!(" \n{}", state(2)).into_bytes(),
                },
            ];
            for (worker, file) in (1..).zip(&files) {
                lab.arguments_of(worker, &arguments).file(worker, "state", file);
            }
            let report = lab.run();
            let read = match format {
                "json" => {
                    let result = &report.result(MODELLER)["average"];
                    StateDictionary::from_json(result.as_object().unwrap())
                }
                "npz" => StateDictionary::from_npz(report.bytes(MODELLER)),
                _ => StateDictionary::from_safetensors(report.bytes(MODELLER)),
            };
            let average = read.unwrap();
            assert_eq!(average.precision(), precision, "{format}");
            let shapes = |of: &StateDictionary| of.layout();
            assert_eq!(shapes(&average), shapes(&tensors(0, precision)));
            let average = values(&average.to_json().into());
            let all = states(3);
            for (place, average) in average.iter().enumerate() {
                let expected: f64 = all.iter().map(|state| values(state)[place] / 3.0).sum();
                assert!(
                    (average - expected).abs() < 1e-5,
                    "{format} {place}: {average} {expected}"
                );
            }
            if format != "json" {
                let told = "{\"workers\":[\"worker-1\",\"worker-2\",\"worker-3\"],\"weight\":3";
                let log = report.log(MODELLER);
                assert!(log.iter().any(|line| line.contains(told)), "{log:?}");
            }
        }
    }
}

#[test]
fn a_file_that_is_none_is_told_to_all_without_its_content() {
    let good = tensors(0, Precision::Single).to_safetensors().unwrap();
    let neither =
        "worker-2 does not take part: the state dictionary is neither safetensors, .npz nor JSON";
    for (file, reason) in [
        (&b""[..], neither),
        (b"\x93NUMPY\x01\0secret", neither),
        (b"secret,secret\n1,2\n", neither),
        (b"PK\x03\x04secret", "is no .npz file"),
        (b"{\"secret\": [1, ", "is no JSON file"),
        (b"[1, 2]", neither),
        (b"{\"w\": [1, \"secret\"]}", "the tensor \"w\" at [1] is no number"),
        (&good[..good.len() - 1], "is no safetensors file"),
    ] {
        let mut lab = lab(&states(3), &json!({}));
        lab.arguments_of(2, with(&json!({}), &json!({}))).file(2, "state", file);
        let report = lab.run();
        for seat in 0..=3 {
            let sentence = report.failure(seat).to_string();
            assert!(sentence.contains(reason), "{sentence}");
            assert!(!sentence.contains("secret"), "{sentence}");
        }
    }
}
