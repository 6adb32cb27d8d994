//! Files that are too long, and names that cannot be in the file asked for: all are told before anything about
//! values leaves.

use anchorhold_sdk::lab::{Lab, Rows};
use secure_aggregation::tensors::{MAX_FILE_BYTES, StateDictionary, Tensor};
use serde_json::{Value, json};

use crate::{MODELLER, lab, states, values, with};

fn told_to_all(lab: &mut Lab, expected: &str) {
    let report = lab.run();
    for seat in 0..report.outcomes().len() {
        assert_eq!(report.failure(seat).to_string(), expected, "seat {seat}");
    }
    assert!(report.trace().iter().all(|sent| sent.topic == "agree"), "nothing else left");
}

/// A file of one tensor of this name in each format that has such a name.
fn files(name: &str) -> Vec<Vec<u8>> {
    let tensor = Tensor::new(name, vec![2], vec![1.5, -2.0]).unwrap();
    let state = StateDictionary::new([(name.to_owned(), tensor)].into()).unwrap();
    let written = [state.to_safetensors().ok(), state.to_npz().ok()];
    let json = serde_json::to_vec(&state.to_json()).unwrap();
    written.into_iter().flatten().chain([json]).collect()
}

fn lab_of(file: &[u8], arguments: &Value) -> Lab {
    let mut lab = lab(&states(3), arguments);
    for worker in 1..=3 {
        lab.arguments_of(worker, with(arguments, &json!({}))).file(worker, "state", file);
    }
    lab
}

#[test]
fn a_file_that_is_too_long_is_told_to_all_with_its_size() {
    for begins in [&b"{\"x\": [1]"[..], b"PK\x03\x04", b"\x40\0\0\0\0\0\0\0{"] {
        let mut file = vec![b' '; MAX_FILE_BYTES + 1];
        file[..begins.len()].copy_from_slice(begins);
        let mut lab = lab(&states(3), &json!({}));
        lab.arguments_of(2, with(&json!({}), &json!({}))).file(2, "state", &file);
        let why = "the dataset \"state\" has 67108865 bytes, and at most 67108864 are possible";
        told_to_all(&mut lab, &format!("worker-2 does not take part: {why}"));
    }
}

#[test]
fn a_file_that_is_as_long_as_it_may_be_is_read() {
    let mut file = b"{\"x\": [1]}".to_vec();
    file.resize(MAX_FILE_BYTES, b' ');
    let report = lab_of(&file, &json!({ "clip": 1 })).run();
    assert_eq!(report.result(MODELLER)["average"], json!({ "x": [1.0] }));
}

#[test]
fn a_tensor_that_stands_twice_is_named_to_all() {
    let twice = "the tensor \"x\" stands twice in the state dictionary";
    let mut lab = lab(&states(3), &json!({}));
    lab.arguments_of(2, with(&json!({}), &json!({}))).file(
        2,
        "state",
        b"{\"x\": 1, \"y\": 2, \"x\": 1}",
    );
    told_to_all(&mut lab, &format!("worker-2 does not take part: {twice}"));
    // In arguments it does not come in.
    let mut lab = crate::lab(&states(3), &json!({}));
    lab.argument_bytes(2, b"{\"clip\":8,\"state\":{\"x\":1,\"y\":2,\"x\":1}}");
    let sentence = lab.run().failure(2).to_string();
    assert!(sentence.starts_with(&format!("the arguments are malformed: {twice}")), "{sentence}");
}

#[test]
fn too_many_tensors_in_rows_are_told_to_all() {
    let names: Vec<String> = (0..10_001).map(|name| name.to_string()).collect();
    let rows = Rows::new()
        .utf8("tensor", names.iter().map(String::as_str))
        .float64("value", vec![1.0; 10_001]);
    let mut lab = lab(&states(3), &json!({}));
    lab.arguments_of(2, with(&json!({}), &json!({}))).dataset(2, "state", &rows);
    let why = "the state dictionary has 10001 tensors or more, and at most 10000 are possible";
    told_to_all(&mut lab, &format!("worker-2 does not take part: {why}"));
}

#[test]
fn a_name_that_cannot_be_in_the_file_asked_for_is_told_to_all() {
    let elsewhere = "its name, or a part of it between slashes, could lead elsewhere";
    let bytes = "its name has a backslash or a control character in it";
    let header = "what else is in its header has that name";
    let long = "x".repeat(70_000);
    for (format, name, shown, why) in [
        ("npz", "", "\"\"", elsewhere),
        ("npz", "/abs", "\"/abs\"", elsewhere),
        ("npz", "../x", "\"../x\"", elsewhere),
        ("npz", "a\\x", "\"a\\\\x\"", bytes),
        ("npz", "a\0", "\"a\\0\"", bytes),
        ("npz", "a\n", "\"a\\n\"", bytes),
        ("npz", "\u{1b}[2J", "\"\\u{1b}[2J\"", bytes),
        ("npz", "\u{85}", "\"\\u{85}\"", bytes),
        (
            "npz",
            &*long,
            &*format!("\"{}\"...", &long[..100]),
            "its name is longer than 65,000 bytes",
        ),
        ("safetensors", "__metadata__", "\"__metadata__\"", header),
    ] {
        let of = if format == "npz" { ".npz" } else { format };
        let expected = format!(
            "worker-1 does not take part: the tensor {shown} cannot be in a {of} file: {why}"
        );
        for file in files(name) {
            told_to_all(&mut lab_of(&file, &json!({ "format": format })), &expected);
            // In JSON any name can be.
            let report = lab_of(&file, &json!({})).run();
            let average = values(&report.result(MODELLER)["average"][name]);
            assert!((average[0] - 1.5).abs() < 1e-3 && (average[1] + 2.0).abs() < 1e-3);
        }
    }
}

#[test]
fn workers_that_all_say_such_a_name_are_not_believed() {
    let arguments = json!({ "format": "npz" });
    let mut lab = lab(&states(3), &arguments);
    for worker in 1..=3 {
        lab.corrupt_message(worker, MODELLER, 0, |body| {
            let place = body.windows(5).position(|name| name == b"scale").unwrap();
            body[place..][..5].copy_from_slice(b"../..");
        });
    }
    let expected = "worker-1: the tensor \"../..\" cannot be in a .npz file: its name, or a part of it between \
                    slashes, could lead elsewhere";
    assert_eq!(lab.run().failure(MODELLER).to_string(), expected);
}
