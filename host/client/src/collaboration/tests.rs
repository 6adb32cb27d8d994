use super::*;

fn fingerprint(byte: u8) -> Fingerprint {
    Fingerprint::from_bytes([byte; 32])
}

fn algorithm(name: &str) -> NamedAlgorithm {
    NamedAlgorithm { name: name.into(), digest: Digest::of(name.as_bytes()) }
}

fn file(algorithms: &[&str]) -> CollaborationFile {
    let server = "https://anchorhold.example.org".parse().unwrap();
    let members = vec![("north".into(), fingerprint(1)), ("middle".into(), fingerprint(2))];
    let algorithms = algorithms.iter().map(|name| algorithm(name)).collect();
    CollaborationFile::new("lung", server, members, algorithms).unwrap()
}

/// What is wrong with a text, causes included.
fn problem(text: &str) -> String {
    let error = CollaborationFile::parse(text).unwrap_err();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

#[test]
fn a_file_survives_its_text() {
    for algorithms in [&[][..], &["secure-sum@0.1.0", "logrank@2.0.1"]] {
        let file = file(algorithms);
        assert_eq!(CollaborationFile::parse(&file.to_toml()).unwrap(), file);
    }
}

#[test]
fn members_are_found_by_name_and_by_fingerprint() {
    let file = file(&[]);
    assert_eq!(file.fingerprint_of("north"), Some(fingerprint(1)));
    assert_eq!(file.member_name(&fingerprint(2)), Some("middle"));
    assert_eq!((file.fingerprint_of("south"), file.member_name(&fingerprint(3))), (None, None));
    let names: Vec<_> = file.members().map(|(name, _)| name).collect();
    assert_eq!(names, ["middle", "north"]);
}

#[test]
fn algorithms_are_found_by_a_name_that_only_one_has() {
    let file = file(&["secure-sum@0.1.0", "secure-sum@0.2.0", "logrank@2.0.1"]);
    let digest = |name: &str| Some(algorithm(name).digest);
    assert_eq!(file.digest_of("logrank"), Ok(digest("logrank@2.0.1")));
    assert_eq!(file.digest_of("secure-sum@0.2.0"), Ok(digest("secure-sum@0.2.0")));
    assert_eq!(file.digest_of("secure"), Ok(None));
    assert_eq!(file.digest_of("logrank@2.0.2"), Ok(None));
    let error = file.digest_of("secure-sum").unwrap_err().to_string();
    assert!(error.starts_with("\"secure-sum\" may be each of secure-sum@0.1.0 ("), "{error}");
    assert_eq!(file.algorithm_name(&algorithm("logrank@2.0.1").digest), Some("logrank@2.0.1"));
    assert_eq!(file.algorithm_name(&Digest::of(b"other")), None);
}

#[test]
fn what_is_wrong_in_a_file_is_said() {
    let good = file(&["secure-sum@0.1.0"]).to_toml();
    for (from, to, expected) in [
        ("name = \"lung\"", "nam = \"lung\"", "line 1: unknown field `nam`"),
        ("https://", "http://", "server: \"http://anchorhold.example.org\" is reached without TLS"),
        ("00257", "99999", "the fingerprint of north: a fingerprint is 16 groups"),
        ("\"north\"", "\"nor th\"", "not \"nor th\""),
        ("\"north\"", "\"middle\"", "two members are called \"middle\""),
        ("@0.1.0", "", "an algorithm is called name@version, not \"secure-sum\""),
        ("@0.1.0", "@0.1.0\\u001b", "an algorithm is called name@version, not"),
        ("digest = \"", "digest = \"x", "the digest of secure-sum@0.1.0: "),
        ("fingerprint", "finger", "unknown field `finger`"),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good, "{from}");
        let problem = problem(&text);
        assert!(problem.contains(expected), "{from}: {problem}");
    }
    let algorithm = &good[good.find("[[algorithm]]").unwrap()..];
    let twice = format!("{good}{}", algorithm.replace("0.1.0", "0.1.1"));
    assert!(problem(&twice).starts_with("an algorithm is there twice: "), "{}", problem(&twice));
}

#[test]
fn a_file_is_read_with_its_path_in_each_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lung.toml");
    let refused = || CollaborationFile::read(&path).unwrap_err();
    assert!(matches!(refused(), CollaborationFileError::Read { .. }));
    std::fs::write(&path, "x").unwrap();
    assert!(matches!(refused(), CollaborationFileError::Invalid { .. }));
    assert!(refused().to_string().contains("lung.toml"));
    let long = file(&[]).to_toml() + &"#".repeat(1 << 20);
    std::fs::write(&path, long).unwrap();
    assert!(matches!(refused(), CollaborationFileError::Read { .. }));
    std::fs::write(&path, file(&[]).to_toml()).unwrap();
    assert_eq!(CollaborationFile::read(&path).unwrap(), file(&[]));
    let folder = CollaborationFile::read(folder.path()).unwrap_err();
    assert!(matches!(folder, CollaborationFileError::Read { .. }));
}
