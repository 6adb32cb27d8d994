use std::sync::OnceLock;

use super::*;
use crate::root::RootKey;

/// A key for the tests of a process: making one takes a second.
pub(crate) fn key() -> &'static OrganizationKey {
    static KEY: OnceLock<OrganizationKey> = OnceLock::new();
    KEY.get_or_init(|| OrganizationKey::generate(3072))
}

#[test]
fn a_statement_chains_to_its_pin_and_no_other() {
    let root = RootKey::generate();
    let statement = root.state("North", 1, key(), (10, 20));
    let read = Statement::verify(&statement.encode(), &root.fingerprint()).unwrap();
    assert_eq!(read, statement);
    assert_eq!((read.value().name.as_str(), read.encryption().bits()), ("North", 3072));
    let other = RootKey::generate().fingerprint();
    let error = Statement::verify(&statement.encode(), &other).unwrap_err();
    let (expected, actual) = (other, root.fingerprint());
    assert_eq!(error, StatementError::OtherOrganization { expected, actual });
}

#[test]
fn every_changed_byte_is_refused() {
    let root = RootKey::generate();
    let bytes = root.state("North", 1, key(), (10, 20)).encode();
    for position in 0..bytes.len() {
        let mut other = bytes.clone();
        other[position] ^= 1;
        Statement::read(&other).expect_err("it was changed");
    }
}

#[test]
fn both_keys_must_have_signed() {
    let (root, stranger) = (RootKey::generate(), RootKey::generate());
    let statement = root.state("North", 1, key(), (10, 20));
    let forged = stranger.state("North", 1, key(), (10, 20));
    for signatures in [
        [forged.signatures[0], statement.signatures[1]],
        [statement.signatures[0], statement.signatures[0]],
    ] {
        let forged = Statement { signatures, ..statement.clone() };
        let error = Statement::read(&forged.encode()).unwrap_err();
        assert_eq!(error, StatementError::Signature(SignatureError::Invalid("statement")));
    }
}

#[test]
fn it_holds_for_its_time() {
    let statement = RootKey::generate().state("North", 1, key(), (10, 20));
    for (now, valid) in [(9, false), (10, true), (20, true), (21, false)] {
        assert_eq!(statement.check_time(now).is_ok(), valid, "{now}");
    }
}

#[test]
fn names_that_deceive_are_refused() {
    let root = RootKey::generate();
    let too_long = "n".repeat(65);
    for name in ["", " North", "North\n", "North\u{202e}", "a\tb", &too_long] {
        let bytes = root.state(name, 1, key(), (10, 20)).encode();
        assert!(Statement::read(&bytes).is_err(), "{name:?}");
    }
}

#[test]
fn rsa_keys_that_are_weak_or_encoded_otherwise_are_refused() {
    let der = key().encryption().to_der();
    assert_eq!(EncryptionKey::from_der(&der), Some(key().encryption()));
    assert_eq!(EncryptionKey::from_der(&der[1..]), None);
    // The exponent is at the end: 65,537 is 01 00 01.
    let mut exponent = der.clone();
    *exponent.last_mut().unwrap() = 3;
    assert_eq!(EncryptionKey::from_der(&exponent), None);
    let mut even = der;
    let last_of_modulus = even.len() - 6;
    even[last_of_modulus] &= !1;
    assert_eq!(EncryptionKey::from_der(&even), None);
}

#[test]
fn a_secret_is_opened_by_its_key_alone() {
    let secret = [7; 32];
    let wrapped = key().encryption().wrap(&secret);
    assert_eq!(key().open(&wrapped).as_deref(), Some(&secret));
    assert_ne!(key().encryption().wrap(&secret), wrapped, "OAEP is randomized");
    let mut other = wrapped.clone();
    other[100] ^= 1;
    assert!(key().open(&other).is_none());
    assert!(key().open(&wrapped[1..]).is_none());
}
