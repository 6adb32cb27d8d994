use super::*;

fn parts() -> Parts {
    let role = |name: &str| Role {
        name: name.into(),
        min_parties: 3,
        max_parties: None,
        learns: "the sum".into(),
    };
    Parts {
        name: "secure-sum".into(),
        version: "0.1.0".into(),
        summary: "Sums.".into(),
        roles: vec![role("party"), role("helper")],
        arguments: "{}".into(),
        datasets: vec![Dataset {
            name: "patients".into(),
            roles: vec!["party".into()],
            columns: vec![],
            columns_by_argument: true,
            file: false,
        }],
        security: Security {
            corruption: CorruptionModel::SemiHonest,
            collusion: "none".into(),
            leaks: "nothing".into(),
        },
    }
}

fn refusal(change: impl FnOnce(&mut Parts)) -> String {
    let mut parts = parts();
    change(&mut parts);
    Description::new(parts).expect_err("a part is wrong").to_string()
}

#[test]
fn a_good_description_is_accepted() {
    assert_eq!(Description::new(parts()).expect("it is good").name(), "secure-sum");
}

#[test]
fn each_wrong_part_is_named() {
    assert!(refusal(|p| p.name = "Secure Sum".into()).starts_with("name must be"));
    assert!(refusal(|p| p.name = String::new()).starts_with("name must be"));
    for version in ["1", "1.2", "1.2.x", "1.2.3.4", "01.2.3", "1.2.+3"] {
        assert!(refusal(|p| p.version = version.into()).starts_with("version must be"));
    }
    assert!(refusal(|p| p.summary = "two\nlines".into()).starts_with("summary must be"));
    assert!(refusal(|p| p.roles.clear()).starts_with("roles must be"));
    assert!(refusal(|p| p.roles[1].name = "party".into()).contains("is there twice"));
    assert!(refusal(|p| p.roles[0].max_parties = Some(2)).contains("below min-parties"));
    assert!(refusal(|p| p.arguments = "{".into()).contains("JSON Schema"));
    assert!(refusal(|p| p.arguments = "1".into()).contains("an object"));
    assert!(refusal(|p| p.datasets[0].roles[0] = "x".into()).contains("a role of dataset"));
    assert!(refusal(|p| p.datasets[0].name = "a/b".into()).starts_with("dataset must be"));
}

#[test]
fn a_role_counts_its_parties() {
    let mut role = parts().roles.remove(0);
    assert!(!role.allows(2) && role.allows(3) && role.allows(300));
    role.max_parties = Some(4);
    assert!(role.allows(4) && !role.allows(5));
    assert_eq!(role.number(), "3 to 4");
}
