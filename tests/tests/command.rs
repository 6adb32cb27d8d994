//! The command from the outside: what it prints for whom, and what it says to wrong input.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anchorhold::{Cli, CommandError, Kind};
use anchorhold_tests::{SECURE_AVERAGE, SECURE_SUM};
use clap::Parser as _;
use serde_json::{Value, json};
use tempfile::TempDir;

const LUNG: &str = include_str!("../data/lung.csv");
const ARGUMENTS: &str = include_str!("../data/lung-arguments.json");

/// Runs a command line and returns what it printed.
fn run(arguments: &[&str]) -> Result<String, CommandError> {
    let mut out = Vec::new();
    let line = ["anchorhold", "algorithm"].iter().chain(arguments);
    Cli::try_parse_from(line).expect("it is a command line").run(&mut out)?;
    Ok(String::from_utf8(out).expect("it is text"))
}

fn error(arguments: &[&str]) -> (Kind, String) {
    let error = run(arguments).expect_err("something is wrong");
    (error.kind(), error.to_string())
}

/// Splits the lung cancer data by institution among a number of parties.
struct Registries {
    folder: TempDir,
    files: Vec<PathBuf>,
}

impl Registries {
    fn new(parties: usize) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let (header, rows) = LUNG.split_once('\n').expect("it has a header");
        let institution = |row: &str| column(row, 0).expect("each row has one") as usize;
        let institutions: BTreeSet<_> = rows.lines().map(institution).collect();
        let number = |row: &str| institutions.range(..institution(row)).count();
        let files = (0..parties).map(|party| {
            let own = rows.lines().filter(|row| number(row) % parties == party);
            let path = folder.path().join(format!("registry-{party}.csv"));
            let text: Vec<_> = std::iter::once(header).chain(own).collect();
            fs::write(&path, text.join("\n")).expect("there is room");
            path
        });
        Self { files: files.collect(), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the secure sum on them.
    fn sum(&self, further: &[&str]) -> Result<Value, CommandError> {
        let files: Vec<_> = self.files.iter().map(|file| file.as_path()).collect();
        sum(&files, further)
    }
}

fn sum(files: &[&Path], further: &[&str]) -> Result<Value, CommandError> {
    let mut line = vec!["run", SECURE_SUM, "--json"];
    for file in files {
        line.extend(["--data", file.to_str().expect("it is text")]);
    }
    line.extend(further);
    Ok(serde_json::from_str(&run(&line)?).expect("it is JSON"))
}

fn column(row: &str, index: usize) -> Option<f64> {
    row.split(',').nth(index).and_then(|field| field.parse().ok())
}

/// Counts and adds in plain text.
fn oracle(deaths: bool) -> Value {
    let rows = || LUNG.lines().skip(1).filter(|row| !deaths || column(row, 2) == Some(1.0));
    let totals = |index| {
        let values: Vec<f64> = rows().filter_map(|row| column(row, index)).collect();
        (values.len(), values.iter().sum::<f64>())
    };
    let ((ages, age), (losses, loss)) = (totals(3), totals(9));
    json!({
        "rows": rows().count(),
        "columns": {
            "age": { "non_null": ages, "sum": format!("{age}"), "number": age as i64 },
            "wt_loss": { "non_null": losses, "sum": format!("{loss:.1}"), "number": loss },
        },
    })
}

#[test]
fn the_sum_is_that_of_all_registries_for_3_5_and_10_parties() {
    for parties in [3, 5, 10] {
        let output =
            Registries::new(parties).sum(&["--arguments", ARGUMENTS]).expect("it finishes");
        let reports = output["tasks"][0].as_array().expect("there is one task");
        assert_eq!(reports.len(), parties);
        for report in reports {
            assert_eq!(report["ending"], "finished");
            assert_eq!(report["result"]["parties"], parties);
            let groups = &report["result"]["groups"];
            assert_eq!(groups["patients"], oracle(false), "{parties} parties");
            assert_eq!(groups["deaths"], oracle(true), "{parties} parties");
        }
        // One vector around the ring, then the total to each other party.
        let messages = output["messages"].as_array().expect("there is a list");
        assert_eq!(messages.len(), parties + parties - 1);
    }
}

/// The arguments of a phase.
fn phase(phase: &str) -> String {
    let mut arguments: Value = serde_json::from_str(ARGUMENTS).expect("it is JSON");
    arguments["phase"] = json!(phase);
    arguments.to_string()
}

#[test]
fn the_mask_may_be_removed_by_a_second_task_of_the_run() {
    let registries = Registries::new(3);
    let (mask, unmask) = (phase("mask"), phase("unmask"));
    let tasks = ["--arguments", &mask, "--arguments", &unmask];
    let output = registries.sum(&tasks).expect("it finishes");
    assert_eq!(output["tasks"][0][0]["result"], json!({ "parties": 3 }));
    assert_eq!(output["tasks"][1][2]["result"]["groups"]["patients"], oracle(false));
    let twice = ["--arguments", &mask, "--arguments", &unmask, "--arguments", &unmask];
    let error = registries.sum(&twice).expect_err("the mask is gone");
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.to_string().contains("mask"), "{error}");
}

#[test]
fn a_later_command_goes_on_with_the_run_of_a_folder() {
    let registries = Registries::new(3);
    let folder = registries.path("run");
    let folder = folder.to_str().expect("it is text");
    let sum = |name| registries.sum(&["--arguments", &phase(name), "--run", folder]);
    sum("mask").expect("it finishes");
    let output = sum("unmask").expect("it finishes");
    assert_eq!(output["tasks"][0][2]["result"]["groups"]["patients"], oracle(false));
    let error = sum("unmask").expect_err("the mask is gone");
    assert!(error.to_string().contains("mask"), "{error}");
}

#[test]
fn a_seed_decides_every_byte() {
    let registries = Registries::new(3);
    let messages = |seed: &[&str]| {
        let mut line = vec!["--arguments", ARGUMENTS];
        line.extend(seed);
        registries.sum(&line).expect("it finishes")["messages"].clone()
    };
    assert_eq!(messages(&["--seed", "1"]), messages(&["--seed", "1"]));
    assert_ne!(messages(&["--seed", "1"]), messages(&["--seed", "2"]));
    assert_ne!(messages(&[]), messages(&[]));
}

#[test]
fn people_are_shown_the_columns_the_result_and_the_messages() {
    let registries = Registries::new(3);
    let mut line = vec!["run", SECURE_SUM, "--trace", "--arguments", ARGUMENTS];
    for file in &registries.files {
        line.extend(["--data", file.to_str().expect("it is text")]);
    }
    let text = run(&line).expect("it finishes");
    for part in [
        "age:int64",
        "wt_loss:float64?",
        "\"rows\": 227",
        "\"rows\": 164",
        "what each party saw",
        "round   4",
        "registry-2",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn three_millionaires_learn_where_they_stand() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut line = vec!["run".to_owned(), SECURE_AVERAGE.into(), "--json".into()];
    for (name, worth) in [("jane", "4200000"), ("james", "1100000"), ("janet", "2500000")] {
        let path = folder.path().join(format!("{name}.csv"));
        fs::write(&path, format!("net_worth\n{worth}\n")).expect("there is room");
        line.extend(["--data".into(), path.to_str().expect("it is text").into()]);
    }
    let arguments = json!({
        "column": "net_worth", "minimum": 0, "maximum": 1_000_000_000_000_i64, "share_position": true
    });
    line.extend(["--arguments".into(), arguments.to_string()]);
    let output = run(&line.iter().map(String::as_str).collect::<Vec<_>>()).expect("it finishes");
    let output: Value = serde_json::from_str(&output).expect("it is JSON");
    let reports = output["tasks"][0].as_array().expect("there is one task");
    let positions: Vec<_> = reports.iter().map(|report| &report["result"]["position"]).collect();
    assert_eq!(positions, ["above", "below", "below"]);
    for report in reports {
        let average = report["result"]["average"].to_string();
        assert!(average.contains("2600000"), "{average}");
    }
    // A party's own value is in no message: what is sent is masked or the total.
    assert!(!output["messages"].to_string().contains("4200000"));
}

#[test]
fn wrong_components_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("there is room");
    let whole = fs::read(SECURE_SUM).expect("it was built with the tests");
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("there is room");
        let path = path.to_str().expect("it is text");
        let (kind, text) = error(&["inspect", path]);
        assert_eq!(kind, Kind::Refused, "{text}");
        assert!(text.contains(name), "{text}");
        text
    };
    assert!(refused("module.wasm", b"\0asm\x01\0\0\0").contains("core WebAssembly module"));
    assert!(refused("text.wasm", b"hello").contains("not WebAssembly"));
    assert!(refused("empty.wasm", b"").contains("not WebAssembly"));
    assert!(refused("cut.wasm", &whole[..whole.len() / 2]).contains("not valid"));
    let mut flipped = whole.clone();
    flipped[whole.len() / 3] ^= 0x40;
    // A flipped bit may hit a constant, and the component is then another one; this one does not.
    assert!(refused("flipped.wasm", &flipped).contains("not valid"));
    let other = String::from_utf8_lossy(&whole).contains("anchorhold:algorithm/messaging@0.1.0");
    assert!(other, "the component names the contract's version");
    let other = replace(
        &whole,
        b"anchorhold:algorithm/messaging@0.1.0",
        b"anchorhold:algorithm/messaging@0.9.0",
    );
    let text = refused("other.wasm", &other);
    assert!(text.contains("0.9.0") && text.contains("0.1.0"), "{text}");

    let (kind, text) = error(&["inspect", "nowhere.wasm"]);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("nowhere.wasm"), "{text}");
}

fn replace(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut bytes = bytes.to_vec();
    for start in 0..bytes.len() - old.len() {
        if bytes[start..].starts_with(old) {
            bytes[start..start + new.len()].copy_from_slice(new);
        }
    }
    bytes
}

#[test]
fn wrong_data_is_named() {
    let registries = Registries::new(3);
    let [first, second, third] = [0, 1, 2].map(|index| registries.files[index].as_path());
    let wrong = |name: &str, text: &str, further: &[&str]| {
        let path = registries.path(name);
        fs::write(&path, text).expect("there is room");
        let mut line = vec!["--arguments", ARGUMENTS];
        line.extend(further);
        let error = sum(&[first, second, &path], &line).expect_err("something is wrong");
        (error.kind(), error.to_string())
    };
    let (kind, text) = wrong("ragged.csv", "age,status,wt_loss\n1,1,1\n2,1\n", &[]);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("ragged.csv") && text.contains("line 3") && text.contains('2'), "{text}");

    let (kind, text) =
        wrong("typed.csv", "age,status,wt_loss\nold,1,1\n", &["--types", "age:int64"]);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("typed.csv") && text.contains("age") && text.contains("old"), "{text}");

    let declared = ["--types", "age:int64"];
    let (kind, text) = wrong("nulls.csv", "age,status,wt_loss\n,1,1\n", &declared);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("nulls.csv") && text.contains("age") && text.contains("null"), "{text}");

    let (kind, text) = wrong("column.csv", "years,status,wt_loss\n1,1,1\n", &[]);
    assert_eq!(kind, Kind::Failed);
    assert!(text.contains("column") && text.contains("age"), "{text}");

    let (kind, text) = wrong("empty.csv", "", &[]);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("empty.csv"), "{text}");

    let missing = registries.path("missing.csv");
    let error = sum(&[first, second, &missing], &["--arguments", ARGUMENTS]).expect_err("missing");
    assert_eq!(error.kind(), Kind::Input);
    assert!(error.to_string().contains("missing.csv"), "{error}");

    let folder = registries.path("");
    let error = sum(&[first, second, &folder], &["--arguments", ARGUMENTS]).expect_err("a folder");
    assert_eq!(error.kind(), Kind::Input);

    let error = sum(&[first, third], &["--arguments", ARGUMENTS]).expect_err("two parties");
    assert_eq!(error.kind(), Kind::Input);
    assert!(error.to_string().contains("at least 3"), "{error}");
    assert!(error.to_string().contains("each would have the other's"), "{error}");
}

#[test]
fn wrong_arguments_are_named() {
    let registries = Registries::new(3);
    let wrong = |arguments: &str| {
        let error = registries.sum(&["--arguments", arguments]).expect_err("something is wrong");
        (error.kind(), error.to_string())
    };
    for (arguments, part) in [
        ("{", "not JSON"),
        ("[]", "do not fit"),
        ("@nowhere.json", "nowhere.json"),
        (r#"{"colums": []}"#, "colums"),
        (r#"{"columns": [{"name": "age", "minimum": "0", "maximum": 1}]}"#, "/columns/0/minimum"),
    ] {
        let (kind, text) = wrong(arguments);
        assert_eq!(kind, Kind::Input, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let (kind, text) = wrong(r#"{"columns": [{"name": "age", "minimum": 0, "maximum": 50}]}"#);
    assert_eq!(kind, Kind::Failed);
    assert!(text.contains("age") && text.contains("50"), "{text}");
}

#[test]
fn wrong_command_lines_are_named() {
    for (line, part) in [
        (vec!["run", SECURE_SUM], "no parties"),
        (vec!["run", SECURE_SUM, "--parties", "3"], "dataset patients"),
        (vec!["run", SECURE_SUM, "--data", "a.csv", "--role", "x", "--role", "y"], "roles"),
        (vec!["run", SECURE_SUM, "--data", "a.csv", "--role", "x"], "no role \"x\""),
        (vec!["run", SECURE_SUM, "--data", "a.csv", "--types", "age"], "--types"),
    ] {
        let (kind, text) = error(&line);
        assert_eq!(kind, Kind::Usage, "{text}");
        assert!(text.contains(part), "{text}");
    }
}
