//! `anchorhold org` from the outside.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use anchorhold_identity::{Fingerprint, OrganizationFolder, Passphrase, RootFolder};
use serde_json::Value;
use tempfile::TempDir;

/// A folder in which an organization makes its keys.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Self {
        let office = Self { folder: tempfile::tempdir().expect("there is room") };
        fs::write(office.path("key.txt"), "of the key\n").expect("there is room");
        fs::write(office.path("root.txt"), "of the root\n").expect("there is room");
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn org(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorhold"));
        command.arg("org").args(arguments).current_dir(self.folder.path());
        command.env_remove("ANCHORHOLD_PASSPHRASE").env_remove("ANCHORHOLD_ROOT_PASSPHRASE");
        command.output().expect("it runs")
    }

    /// Runs a verb that makes a key.
    fn make(&self, arguments: &[&str]) -> Output {
        let files = ["--passphrase-file", "key.txt", "--root-passphrase-file", "root.txt"];
        self.org(&[arguments, &["--bits", "3072"], &files].concat())
    }
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{:?}", said(output));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

#[test]
fn an_organization_is_made_shown_and_given_another_key() {
    let office = Office::new();
    let made = office.make(&["new", "north", "--name", "North", "--json"]);
    assert!(said(&made).1.starts_with("warning: keep copies of both folders"), "{made:?}");
    let made = json(&made);
    let shown = json(&office.org(&["show", "north", "--json"]));
    assert_eq!(made, shown);
    assert_eq!((&shown["number"], &shown["rsa_bits"]), (&1.into(), &3072.into()));
    let days = shown["not_after"].as_u64().zip(shown["not_before"].as_u64());
    assert_eq!(days.map(|(after, before)| (after - before) / (24 * 3600)), Some(730));

    let rotated = json(&office.make(&["rotate", "north", "--root", "north-root", "--json"]));
    assert_eq!((&rotated["number"], &rotated["fingerprint"]), (&2.into(), &made["fingerprint"]));
    assert_eq!(json(&office.org(&["show", "north", "--json"])), rotated);

    let folder = OrganizationFolder::new(office.path("north"));
    let passphrase = Passphrase::new("of the key").expect("it is one");
    for number in [1, 2] {
        let statement = folder.statement(number).expect("it is there");
        folder.key(&statement, &passphrase).expect("the passphrase opens it");
    }
    let for_root = Passphrase::new("of the root").expect("it is one");
    let root = RootFolder::new(office.path("north-root")).open(&for_root).expect("it opens it");
    assert_eq!(made["fingerprint"], root.fingerprint().to_string());
}

#[test]
fn people_read_the_fingerprint_in_groups() {
    let office = Office::new();
    let made = office.make(&["new", "north", "--name", "Klinik Nord"]);
    let text = String::from_utf8_lossy(&made.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "organization  Klinik Nord");
    let groups: String = lines[1..5].iter().map(|line| line[14..].to_owned() + "\n").collect();
    let fingerprint: Fingerprint = groups.parse().expect("it can be typed in as it is printed");
    let shown = json(&office.org(&["show", "north", "--json"]));
    assert_eq!(shown["fingerprint"], fingerprint.to_string());
    assert!(lines[5].starts_with("key           1, RSA of 3072 bits"), "{text}");
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_changed() {
    let office = Office::new();
    json(&office.make(&["new", "north", "--name", "North", "--json"]));
    json(&office.make(&["new", "south", "--name", "South", "--json"]));
    let before = fs::read(office.path("north/1/signing.pem")).expect("it is there");
    let refused = |output: &Output, expected: &str| {
        let (code, text) = said(output);
        assert!(code == Some(3) && text.contains(expected), "{code:?} {text}");
    };
    let again = office.make(&["new", "north", "--name", "North"]);
    refused(&again, "error: north is there already; nothing was changed");
    let again = office.make(&["new", "west", "--name", "West", "--root", "north-root"]);
    refused(&again, "error: north-root is there already; nothing was changed");
    let name = office.make(&["new", "west", "--name", "We\u{202e}st"]);
    refused(&name, "name must have 1 to 64 bytes on one line");
    let other = office.make(&["rotate", "north", "--root", "south-root"]);
    refused(&other, "the root key in south-root is not that of the organization in north");
    refused(&office.org(&["show", "west"]), "the folder west cannot be made or read");
    refused(&office.org(&["show", "."]), ". holds no organization's keys");

    fs::write(office.path("root.txt"), "another\n").expect("there is room");
    let wrong = office.make(&["rotate", "north", "--root", "north-root"]);
    refused(&wrong, "error: the passphrase does not open north-root/root.pem");
    fs::write(office.path("root.txt"), "").expect("there is room");
    let empty = office.make(&["rotate", "north", "--root", "north-root"]);
    refused(&empty, "the passphrase of the root key cannot be taken: a passphrase must have");
    refused(&empty, "hint: run it on a terminal, name a file with the passphrase, or set ANCH");

    assert_eq!(fs::read(office.path("north/1/signing.pem")).expect("it is there"), before);
    assert!(!office.path("north/2").exists() && !office.path("west").exists());
}
