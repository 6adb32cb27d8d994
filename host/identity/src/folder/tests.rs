use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use pkcs8::der::pem::{self, LineEnding};

use super::*;
use crate::statement::tests::key;

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse").unwrap()
}

/// A folder with an organization in it, and its root key.
fn organization(folder: &Path) -> (OrganizationFolder, RootKey) {
    let root = RootKey::generate();
    let organization = OrganizationFolder::new(folder.join("north"));
    let statement = root.state("North", 1, key(), (10, 20));
    organization.create((&statement, key()), &passphrase()).unwrap();
    (organization, root)
}

#[test]
fn keys_survive_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let (organization, root) = organization(folder.path());
    let statement = organization.current().unwrap();
    assert_eq!(statement.organization(), root.fingerprint());
    let read = organization.key(&statement, &passphrase()).unwrap();
    assert_eq!(read.public(), key().public());
    let root_folder = RootFolder::new(folder.path().join("north-root"));
    root_folder.create(&root, &passphrase()).unwrap();
    assert_eq!(root_folder.open(&passphrase()).unwrap().fingerprint(), root.fingerprint());
}

#[test]
fn files_are_for_the_owner_alone_and_hold_no_open_key() {
    let folder = tempfile::tempdir().unwrap();
    organization(folder.path());
    let path = folder.path().join("north/1/signing.pem");
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(fs::read_to_string(&path).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let organization = OrganizationFolder::new(folder.path().join("north"));
    let statement = organization.current().unwrap();
    let error = organization.key(&statement, &passphrase()).unwrap_err().to_string();
    assert!(error.ends_with("can be read by others (mode 640): run `chmod 600` on it"), "{error}");
}

#[test]
fn openssl_reads_the_files() {
    let folder = tempfile::tempdir().unwrap();
    organization(folder.path());
    for (name, kind) in
        [("signing", "ED25519 Private-Key"), ("encryption", "Private-Key: (3072 bit")]
    {
        let path = folder.path().join(format!("north/1/{name}.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(["pkey", "-noout", "-text", "-passin", "pass:correct horse", "-in"]);
        let output = openssl.arg(path).output().expect("openssl is installed");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(kind), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_further_key_is_added_and_the_highest_number_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (organization, root) = organization(folder.path());
    let second = root.state("North", 2, key(), (10, 20));
    organization.add((&second, key()), &passphrase()).unwrap();
    assert_eq!(organization.numbers().unwrap(), [1, 2]);
    assert_eq!(organization.current().unwrap(), second);
    let again = organization.add((&second, key()), &passphrase()).unwrap_err();
    assert!(matches!(again, FolderError::Exists { .. }), "{again}");
    let foreign = RootKey::generate().state("North", 3, key(), (10, 20));
    let error = organization.add((&foreign, key()), &passphrase()).unwrap_err();
    assert!(matches!(error, FolderError::OtherRoot { .. }), "{error}");
    assert_eq!(organization.numbers().unwrap(), [1, 2]);
}

#[test]
fn statements_of_others_are_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let (organization, root) = organization(folder.path());
    let path = folder.path().join("north/2/statement.pem");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, root.state("North", 1, key(), (10, 20)).to_pem()).unwrap();
    let error = organization.current().unwrap_err().to_string();
    assert!(error.contains("north/2 holds statement 1 of "), "{error}");
    for (number, said) in [(1, "holds statement 1 of "), (2, "north/1 holds statement 1 of ")] {
        let foreign = RootKey::generate().state("Other", number, key(), (10, 20));
        fs::write(&path, foreign.to_pem()).unwrap();
        let error = organization.current().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (organization, root) = organization(folder.path());
    let statement = organization.current().unwrap();
    let wrong = Passphrase::new("wrong").unwrap();
    let error = organization.key(&statement, &wrong).unwrap_err().to_string();
    assert!(error.starts_with("the passphrase does not open "), "{error}");

    let again = organization.create((&statement, key()), &passphrase()).unwrap_err();
    assert!(matches!(again, FolderError::Exists { .. }), "{again}");

    let pem = folder.path().join("north/1/statement.pem");
    let text = fs::read_to_string(&pem).unwrap();
    fs::write(&pem, text.replacen('A', "B", 9)).unwrap();
    organization.current().expect_err("it was changed");
    fs::write(&pem, "no").unwrap();
    let error = organization.current().unwrap_err().to_string();
    assert!(error.contains("statement.pem"), "{error}");
    let empty = OrganizationFolder::new(folder.path());
    assert!(matches!(empty.current(), Err(FolderError::Empty { .. })));

    let stranger = crate::key::signing_key();
    let keys = OrganizationKey { signing: stranger, encryption: key().encryption.clone() };
    let mixed = root.state("North", 1, &keys, (10, 20));
    let error = organization.key(&mixed, &passphrase()).unwrap_err();
    assert!(matches!(error, FolderError::OtherKeys { .. }), "{error}");
}

#[test]
fn a_file_that_asks_for_endless_work_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    organization(folder.path());
    let path = folder.path().join("north/1/signing.pem");
    let document = SecretDocument::from_pem(&fs::read_to_string(&path).unwrap()).unwrap().1;
    // The parameters follow the salt: N = 2^14 as 02 02 40 00, r and p as 02 01 08.
    let mut der = document.as_bytes().to_vec();
    let position = der.windows(4).position(|bytes| bytes == [2, 2, 0x40, 0]).unwrap();
    der[position + 2] = 0x7f;
    der[position + 9] = 0x7f;
    let pem = pem::encode_string("ENCRYPTED PRIVATE KEY", LineEnding::LF, &der).unwrap();
    fs::write(&path, pem).unwrap();
    let error = read_private(&path, &passphrase()).unwrap_err();
    assert!(matches!(error, KeyFileError::NotAKey { .. }), "{error}");
}

#[test]
fn passphrases_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase");
    for (text, taken) in
        [("secret\n", true), ("secret", true), ("", false), ("\n", false), ("two\nlines\n", false)]
    {
        fs::write(&path, text).unwrap();
        assert_eq!(Passphrase::read(&path).is_ok(), taken, "{text:?}");
    }
}
