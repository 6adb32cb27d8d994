//! Nothing is on disk in clear, and nothing opens after a run is closed.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tempfile::tempdir;

use super::{RUN, begin, bytes, open, run};
use crate::StorageKey;
use crate::key::{self, Key};
use crate::key_file::{KeyFile, KeyFiles};
use crate::step::{Step, during};

const MARKER: &[u8] = b"Mrs Miniver lives at 17 Acacia Avenue";

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

/// Lists the files that contain `bytes`, in their content or their name.
fn containing(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let has = |content: &[u8]| content.windows(bytes.len()).any(|window| window == bytes);
    let mut found = files(folder);
    assert!(found.iter().any(|path| path.ends_with("db")));
    found.retain(|path| has(&fs::read(path).unwrap()) || has(path.as_os_str().as_encoded_bytes()));
    found
}

fn run_key(folder: &Path) -> Key {
    let wrapping = StorageKey::from_bytes([7; 32]).wrapping();
    match KeyFiles::new(folder.join("keys"), wrapping).read(&RUN).unwrap() {
        KeyFile::Present(key) => key,
        _ => panic!("there is no key"),
    }
}

#[test]
fn neither_names_nor_values_are_on_disk() {
    let folder = tempdir().unwrap();
    let name = format!("patients/{}", std::str::from_utf8(MARKER).unwrap());
    let value = [MARKER, &bytes(1, 9_000), MARKER].concat();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set(&name, &value).unwrap();
    task.set(&format!("{name} taken"), MARKER).unwrap();
    task.set(&format!("{name} deleted"), MARKER).unwrap();
    let mut task = task.commit().unwrap().begin();
    task.take(&format!("{name} taken")).unwrap().unwrap();
    task.delete(&format!("{name} deleted")).unwrap();
    let mut task = task.commit().unwrap().begin();
    task.set(&format!("{name} aborted"), &value).unwrap();
    store.rows().sync().unwrap();
    assert_eq!(containing(folder.path(), MARKER), Vec::<PathBuf>::new());
    for secret in [&[7; 32], &*run_key(folder.path())] {
        assert_eq!(containing(folder.path(), secret), Vec::<PathBuf>::new());
    }
    drop((task, store));
    assert_eq!(containing(folder.path(), MARKER), Vec::<PathBuf>::new());
    assert_eq!(begin(&open(folder.path())).get(&name).unwrap().unwrap(), value);
}

#[test]
fn nothing_opens_after_a_run_is_closed() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 50_000)).unwrap();
    task.commit().unwrap();
    let secret = run_key(folder.path());
    let path = folder.path().join("keys").join(RUN.to_string());
    let sealed = fs::read(&path).unwrap();
    let mut file = File::open(&path).unwrap();
    let hook = {
        let path = path.clone();
        move |step| {
            if step == Step::KeyOverwritten {
                assert!(fs::read(&path).unwrap().iter().all(|byte| *byte == 0));
            }
        }
    };
    during(hook, || store.close_run(RUN).unwrap());
    let mut left = Vec::new();
    file.read_to_end(&mut left).unwrap();
    assert_eq!(left, vec![0; sealed.len()], "the blocks of the file are overwritten");
    for bytes in [secret.as_slice(), &sealed, &sealed[24..]] {
        assert_eq!(containing(folder.path(), bytes), Vec::<PathBuf>::new());
    }
    drop(store);
    assert!(!path.exists());
    assert_eq!(begin(&open(folder.path())).list_keys("", None), [""; 0]);
    assert_ne!(*run_key(folder.path()), *secret, "the run of the same id has another key");
}

#[test]
fn equal_values_and_names_look_different_in_each_run_and_write() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let other = anchorhold_model::RunId::from_bytes([2; 32]);
    let mut rows = Vec::new();
    let mut names = Vec::new();
    for id in [RUN, other] {
        let mut task = store.run(id, super::QUOTA).unwrap().begin();
        for _ in 0..2 {
            task.set("same", b"same").unwrap();
            let version = store.rows().next_version(&id, None).unwrap().unwrap();
            names.push(version.name);
            rows.push(
                store.rows().get(&version, 0).unwrap().unwrap()[4 + key::NONCE_BYTES..].to_vec(),
            );
        }
    }
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], names[2]);
    for (at, row) in rows.iter().enumerate() {
        assert!(!rows[..at].contains(row));
    }
}

#[test]
fn debug_texts_tell_the_id_only() {
    let folder = tempdir().unwrap();
    let run = run(&open(folder.path()));
    assert_eq!(format!("{run:?}"), format!("Run {{ id: {RUN:?}, .. }}"));
    let task = run.begin();
    assert_eq!(format!("{task:?}"), format!("Transaction {{ run: {RUN:?}, .. }}"));
}
