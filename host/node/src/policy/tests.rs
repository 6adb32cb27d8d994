use std::fs;

use anchorhold_client::NamedAlgorithm;
use anchorhold_model::description::{CorruptionModel, Parts, Role, Security};
use anchorhold_model::{Column, ColumnType};

use super::*;
use crate::DatasetKind;
use crate::privacy::Pointers;

const ALGORITHM: &str = "secure-sum@0.1.0";

fn fingerprint(byte: u8) -> Fingerprint {
    Fingerprint::of(&[byte; 32])
}

fn file() -> CollaborationFile {
    let members = vec![("north".to_owned(), fingerprint(1)), ("south".to_owned(), fingerprint(2))];
    let algorithms = ["secure-sum@0.1.0", "mean@1.0.0", "mean@2.0.0"]
        .map(|name| NamedAlgorithm { name: name.into(), digest: Digest::of(name.as_bytes()) });
    let server = "http://127.0.0.1:1".parse().unwrap();
    CollaborationFile::new("lung", server, members, algorithms.to_vec()).unwrap()
}

fn config(folder: &std::path::Path) -> Config {
    let path = folder.join("node.toml");
    let text = r#"
        organization = "org"
        collaboration = "lung.toml"
        [[dataset]]
        name = "patients"
        file = "patients.csv"
        [[allow]]
        algorithm = "secure-sum"
        requesters = ["north"]
        minimum_rows = 3
        minimum_parties = 2
        maximum_tasks = 2
        arguments = { required = ["limit"], properties = { limit = { maximum = 9 } } }
        datasets = { patients = ["age", "status"] }
    "#;
    fs::write(folder.join("patients.csv"), "age,status,name\n61,1,a\n,2,b\n70,1,c\n").unwrap();
    fs::write(&path, text).unwrap();
    Config::read(&path).unwrap()
}

fn description(column: &str, nullable: bool, columns_by_argument: bool) -> Description {
    Description::new(parts(column, nullable, columns_by_argument)).unwrap()
}

fn parts(column: &str, nullable: bool, columns_by_argument: bool) -> Parts {
    let column = Column { name: column.into(), column_type: ColumnType::Int64, nullable };
    Parts {
        name: "secure-sum".into(),
        version: "0.1.0".into(),
        summary: "adds".into(),
        roles: vec![Role {
            name: "party".into(),
            min_parties: 2,
            max_parties: None,
            learns: "the sum".into(),
        }],
        arguments: "{}".into(),
        datasets: vec![description::Dataset {
            name: "patients".into(),
            roles: Vec::new(),
            columns: vec![column],
            columns_by_argument,
            file: false,
        }],
        security: Security {
            corruption: CorruptionModel::SemiHonest,
            collusion: "none".into(),
            leaks: "nothing".into(),
        },
    }
}

#[test]
fn a_file_is_granted_to_an_algorithm_that_reads_such_and_to_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.datasets[0].kind = DatasetKind::File;
    config.rules[0].datasets.insert("patients".into(), vec!["age".into()]);
    let error = Policy::new(&config, &file()).unwrap_err().to_string();
    assert!(error.contains("the column age of patients"), "{error}");
    config.rules[0].datasets.insert("patients".into(), Vec::new());
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let granted = |reads_files| {
        let mut parts = parts("status", false, false);
        parts.datasets[0].file = reads_files;
        let description = Description::new(parts).unwrap();
        policy.grants(rule, &["patients".to_owned()], (&description, "party"))
    };
    let keys: Vec<_> = granted(true).unwrap()[0].keys().collect();
    assert_eq!(keys, ["data/patients/file/00000000"]);
    let error = granted(false).unwrap_err().to_string();
    assert!(error.contains("patients is a file at this node"), "{error}");

    config.datasets[0].types = Some("age:int64".into());
    let error = Policy::new(&config, &file()).unwrap_err().to_string();
    assert!(error.contains("the dataset patients is a file"), "{error}");
}

fn digest() -> Digest {
    Digest::of(ALGORITHM.as_bytes())
}

#[test]
fn a_dataset_whose_file_has_changed_is_opened_again_before_a_task() {
    let folder = tempfile::tempdir().unwrap();
    let policy = Policy::new(&config(folder.path()), &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let rows = |columns_by_argument| {
        let description = description("status", false, columns_by_argument);
        let granted = policy.grants(rule, &["patients".to_owned()], (&description, "party"));
        granted.map(|grants| grants[0].dataset().rows()).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(rows(false), Ok(3));
    let opened = policy.datasets().next().unwrap();
    assert_eq!(rows(false), Ok(3));
    assert!(Arc::ptr_eq(&opened, &policy.datasets().next().unwrap()), "nothing has changed");

    let path = folder.path().join("patients.csv");
    let table = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{table}80,0,d\n")).unwrap();
    assert!(!opened.is_current());
    assert_eq!(rows(false), Ok(4));
    // Another file in its place, of the same size and from the same time.
    let (times, other) = (path.metadata().unwrap(), folder.path().join("other.csv"));
    fs::write(&other, format!("{table}90,1,d\n").replace("61,1", "61,9")).unwrap();
    let modified = fs::File::options().write(true).open(&other).unwrap();
    modified.set_modified(times.modified().unwrap()).unwrap();
    let opened = policy.datasets().next().unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(!opened.is_current());
    assert_eq!(rows(false), Ok(4));

    // What it became is checked as if it had been so at the start.
    fs::write(&path, "age,name\n61,a\n62,b\n70,c\n").unwrap();
    assert_eq!(rows(false), Err("the column status of patients is not there".into()));
    fs::write(&path, "status,name\n1,a\n2,b\n3,c\n").unwrap();
    let error = "patients has not all columns any more that the operator allows";
    assert_eq!(rows(true), Err(error.into()));
    fs::write(&path, "status\n1,2\n").unwrap();
    let error = "the dataset patients cannot be read; the node's log says why";
    assert_eq!(rows(false), Err(error.into()));
    fs::remove_file(&path).unwrap();
    assert_eq!(rows(false), Err(error.into()));
    fs::write(&path, &table).unwrap();
    assert_eq!(rows(false), Ok(3));
}

#[test]
fn what_no_rule_allows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let policy = Policy::new(&config(folder.path()), &file()).unwrap();
    assert!(policy.rule(&fingerprint(1), &digest(), 2).is_ok());
    let kind = |requester, digest, parties| {
        policy.rule(&requester, &digest, parties).map(drop).unwrap_err().kind()
    };
    assert_eq!(kind(fingerprint(2), digest(), 2), "requester");
    assert_eq!(kind(fingerprint(3), digest(), 2), "requester");
    assert_eq!(kind(fingerprint(1), Digest::of(b"mean@1.0.0"), 2), "algorithm");
    assert_eq!(kind(fingerprint(1), digest(), 1), "parties");
}

#[test]
fn only_the_columns_that_are_needed_and_allowed_are_granted() {
    let folder = tempfile::tempdir().unwrap();
    let policy = Policy::new(&config(folder.path()), &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let wanted = ["patients".to_owned()];
    let granted = |description: &Description| {
        let grants = policy.grants(rule, &wanted, (description, "party"));
        grants.map(|grants| grants.len()).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(granted(&description("status", false, false)), Ok(1));
    assert_eq!(granted(&description("age", true, false)), Ok(1));
    for (column, nullable, problem) in [
        ("age", false, "has nulls"),
        ("name", false, "the operator does not allow it the column name"),
        ("other", false, "the operator does not allow it the column other"),
    ] {
        let error = granted(&description(column, nullable, false)).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    let grants =
        policy.grants(rule, &wanted, (&description("status", false, true), "party")).unwrap();
    let columns =
        |grant: &Grant| grant.columns().map(|c| c.column.name.clone()).collect::<Vec<_>>();
    assert_eq!(columns(&grants[0]), ["age", "status"], "arguments name further ones");
    let grants =
        policy.grants(rule, &wanted, (&description("status", false, false), "party")).unwrap();
    assert_eq!(columns(&grants[0]), ["status"]);

    let none = policy.grants(rule, &[], (&description("status", false, false), "party"));
    assert!(none.unwrap_err().to_string().contains("asks for no dataset patients"));
    let other = ["patients".to_owned(), "visits".to_owned()];
    let other = policy.grants(rule, &other, (&description("status", false, false), "party"));
    assert!(other.unwrap_err().to_string().contains("reads no dataset visits"));
}

#[test]
fn a_dataset_with_too_few_rows_is_refused_without_saying_how_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.rules[0].minimum_rows = 4;
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let wanted = ["patients".to_owned()];
    let refusal =
        policy.grants(rule, &wanted, (&description("status", false, false), "party")).unwrap_err();
    assert_eq!(refusal.kind(), "rows");
    assert!(!refusal.to_string().contains(['3', '4']), "{refusal}");
}

#[test]
fn arguments_are_as_the_operator_wants() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let mut parts = parts("status", false, false);
    parts.arguments = r#"{
        "type": "object", "properties": { "inner": { "type": "object" } }
    }"#
    .into();
    let own = Description::new(parts).unwrap();
    assert_eq!(rule.check_arguments(br#"{ "limit": 9, "column": "age" }"#, &own), Ok(None));
    for (arguments, expected) in [
        // As serde would read an object of these fields.
        ("[10]", ": they are no object"),
        (r#"{ "limit": 9, "inner": [10] }"#, " at /inner: [10] is not of type \"object\""),
        (r#"{ "limit": 10 }"#, " at /limit: 10 is greater than the maximum of 9"),
        ("{}", ": \"limit\" is a required property"),
        ("{", ": they are not JSON as it must be"),
        (r#"{ "limit": 10, "limit": 9 }"#, ": they are not JSON as it must be: the name \"limit\""),
    ] {
        let refusal = rule.check_arguments(arguments.as_bytes(), &own).unwrap_err();
        assert_eq!(refusal.kind(), "arguments-not-allowed");
        let expected = format!("the operator does not allow these arguments{expected}");
        assert!(refusal.to_string().starts_with(&expected), "{refusal}");
    }
    config.rules[0].arguments = None;
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    assert_eq!(rule.check_arguments(b"{", &own), Ok(None), "what nobody limits is the algorithm's");

    let pointers = Pointers { epsilon: "/inner/epsilon".into(), delta: "/inner/delta".into() };
    config.rules[0].privacy = Some(pointers);
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let spends = br#"{ "inner": { "epsilon": 0.5, "delta": 1e-6 } }"#;
    let spend = Spend { epsilon: 0.5, delta: 1e-6 };
    assert_eq!(rule.check_arguments(spends, &own), Ok(Some(spend)));
    let refusal = rule.check_arguments(br#"{ "inner": { "epsilon": 0.5 } }"#, &own).unwrap_err();
    let expected = " at /inner/delta: it must say how much privacy is spent";
    assert!(refusal.to_string().ends_with(expected), "{refusal}");
}

#[test]
fn a_requester_has_as_many_tasks_on_a_dataset_as_the_operator_wants() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    let wanted = ["visits".to_owned(), "patients".to_owned()];
    let had = |patients: u64| move |name: &str| if name == "patients" { patients } else { 0 };
    assert_eq!(rule.check_tasks(&wanted, had(1)), Ok(()));
    assert_eq!(rule.check_tasks(&wanted[..1], had(2)), Ok(()));
    let refusal = rule.check_tasks(&wanted, had(2)).unwrap_err();
    assert_eq!(refusal.kind(), "often");
    assert!(refusal.to_string().contains("2 tasks of this algorithm on patients"), "{refusal}");
    config.rules[0].maximum_tasks = None;
    let policy = Policy::new(&config, &file()).unwrap();
    let rule = policy.rule(&fingerprint(1), &digest(), 2).unwrap();
    assert_eq!(rule.check_tasks(&wanted, had(u64::MAX)), Ok(()));
}

#[test]
fn a_rule_that_names_what_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let good = config(folder.path());
    let error = |change: fn(&mut Config)| {
        let mut config = good.clone();
        change(&mut config);
        Policy::new(&config, &file()).unwrap_err().to_string()
    };
    for (change, expected) in [
        (
            (|c| c.rules[0].algorithm = "median".into()) as fn(&mut Config),
            "\"median\", which is no",
        ),
        (|c| c.rules[0].algorithm = "mean".into(), "mean"),
        (|c| c.rules[0].requesters = vec!["west".into()], "\"west\", who is no member"),
        (|c| drop(c.rules[0].datasets.insert("visits".into(), vec![])), "the dataset visits"),
        (
            |c| c.rules[0].datasets.values_mut().for_each(|columns| columns.push("dose".into())),
            "the column dose of patients",
        ),
        (|c| c.datasets.push(c.datasets[0].clone()), "two datasets are called patients"),
        (|c| c.datasets[0].types = Some("age:int32".into()), "the dataset patients"),
        (
            |c| c.rules[0].arguments = Some(serde_json::json!({ "type": 7 })),
            "the arguments of secure-sum is no JSON Schema",
        ),
        (|c| c.datasets[0].file = "gone.csv".into(), "the dataset patients"),
    ] {
        let error = error(change);
        assert!(error.contains(expected), "{error}");
    }
}
