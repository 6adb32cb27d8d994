use anchorhold_client::NamedAlgorithm;
use anchorhold_model::description::{CorruptionModel, Dataset, Parts, Security};

use super::*;

fn file() -> CollaborationFile {
    let members = [("north", 1), ("middle", 2), ("south", 3)]
        .map(|(name, byte)| (name.to_owned(), Fingerprint::from_bytes([byte; 32])));
    let server = "https://example.org".parse().unwrap();
    let algorithms: Vec<NamedAlgorithm> = Vec::new();
    CollaborationFile::new("lung", server, members.to_vec(), algorithms).unwrap()
}

fn read(parties: &[&str], own: &[&str]) -> Result<Vec<Given>, CommandError> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    given(&texts(parties), "{}", &texts(own), &file())
}

/// An algorithm with one role that reads a dataset, and with another that reads none if `several`.
fn description(several: bool) -> Description {
    let role = |name: &str, min_parties| Role {
        name: name.into(),
        min_parties,
        max_parties: None,
        learns: "the sum".into(),
    };
    let mut roles = vec![role("contributor", 2)];
    if several {
        roles.push(role("observer", 0));
    }
    let sentence = || "nothing".to_owned();
    Description::new(Parts {
        name: "sum".into(),
        version: "1.0.0".into(),
        summary: "Sums.".into(),
        roles,
        arguments: r#"{"type":"object","properties":{"a":{"type":"integer"}}}"#.into(),
        datasets: vec![Dataset {
            name: "patients".into(),
            roles: vec!["contributor".into()],
            columns: Vec::new(),
            columns_by_argument: true,
            file: false,
        }],
        security: Security {
            corruption: CorruptionModel::SemiHonest,
            collusion: sentence(),
            leaks: sentence(),
        },
    })
    .unwrap()
}

/// What is wrong with parties, for an algorithm with one role or several.
fn refusal(parties: &[&str], own: &[&str], several: bool) -> (Kind, String) {
    let error = read(parties, own).and_then(|given| fit(given, &description(several)));
    let error = error.unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn parties_are_read_with_roles_datasets_and_arguments() {
    let given = read(&["north=patients,more", "south:observer"], &["south={\"a\": 2}"]).unwrap();
    assert_eq!((given[0].name.as_str(), given[1].name.as_str()), ("north", "south"));
    assert_eq!(given[1].organization, Fingerprint::from_bytes([3; 32]));
    assert_eq!((given[0].role.clone(), given[1].role.as_deref()), (None, Some("observer")));
    assert_eq!(given[0].datasets, ["patients", "more"]);
    assert_eq!((given[0].arguments.as_str(), given[1].arguments.as_str()), ("{}", "{\"a\": 2}"));
}

#[test]
fn the_only_role_is_everybodys_and_each_gets_its_own_arguments() {
    let given = read(&["south=patients", "north=patients"], &["north={\"a\": 2}"]).unwrap();
    let fitting = fit(given, &description(false)).unwrap();
    let roles: Vec<_> = fitting.iter().map(|party| party.role.as_str()).collect();
    assert_eq!(roles, ["contributor", "contributor"]);
    assert_eq!(fitting[0].arguments, b"{}");
    // As they were given, for the commitment.
    assert_eq!(fitting[1].arguments, b"{\"a\": 2}");
    assert_eq!(fitting[0].organization, Fingerprint::from_bytes([3; 32]));
}

#[test]
fn arguments_that_nobody_gets_need_not_fit() {
    let own = ["north={\"a\": 1}", "south={\"a\": 1}"];
    let given = super::given(
        &["north=patients".into(), "south=patients".into()],
        "not JSON",
        &own.map(str::to_owned),
        &file(),
    );
    fit(given.unwrap(), &description(false)).unwrap();
}

#[test]
fn parties_that_do_not_fit_the_algorithm_are_refused() {
    let two = ["north=patients", "south=patients"];
    let (kind, text) = refusal(&two[..1], &[], false);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("\"contributor\" is for at least 2 parties, not 1"), "{text}");
    let (kind, text) = refusal(&["north=patients", "south"], &[], false);
    assert_eq!(kind, Kind::Usage);
    assert!(text.contains("hint: give its name, such as --party south=patients"), "{text}");
    let (kind, text) = refusal(&two, &[], true);
    assert_eq!(kind, Kind::Usage);
    assert!(text.contains("sum has several roles, and north none"), "{text}");
    let (kind, text) = refusal(&["north:owner=patients"], &[], true);
    assert_eq!(kind, Kind::Usage);
    assert!(text.contains("no role \"owner\"\nhint: its roles: contributor, observer"), "{text}");
    let (kind, text) = refusal(&two, &["south={\"a\": \"x\"}"], false);
    assert_eq!(kind, Kind::Input);
    assert!(text.contains("the arguments do not fit at /a"), "{text}");
    let roles = ["north:contributor=p", "south:contributor=p", "middle:observer"];
    fit(read(&roles, &[]).unwrap(), &description(true)).unwrap();
}
