//! Folders and runs are open once at a time, and closed for good.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anchorhold_model::RunId;
use tempfile::tempdir;

use super::{QUOTA, RUN, begin, bytes, names, open, run};
use crate::{OpenError, StorageKey, Store, StoreError};

#[test]
fn a_folder_is_open_once_at_a_time() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let again = Store::open(folder.path(), &StorageKey::from_bytes([7; 32]));
    let Err(OpenError::InUse(path)) = again else { panic!("opened twice") };
    assert_eq!(path, folder.path());
    let run = run(&store);
    drop(store);
    let again = Store::open(folder.path(), &StorageKey::from_bytes([7; 32]));
    assert!(matches!(again, Err(OpenError::InUse(_))), "a run of it is still open");
    drop(run);
    open(folder.path());
}

#[test]
fn a_folder_is_free_once_it_is_dropped() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    // As a process has it that was forked and has not yet begun its program.
    let _duplicate = store.duplicate_of_lock();
    drop(store);
    open(folder.path());
}

#[test]
fn a_folder_is_opened_again_and_again() {
    let folder = tempdir().unwrap();
    for round in 0..30 {
        let store = open(folder.path());
        let mut task = begin(&store);
        assert_eq!(names(&task).len(), round);
        task.set(&format!("{round}"), &bytes(round, 30_000)).unwrap();
        task.commit().unwrap();
    }
}

#[test]
fn a_folder_of_another_storage_key_is_refused() {
    let folder = tempdir().unwrap();
    drop(open(folder.path()));
    let other = Store::open(folder.path(), &StorageKey::from_bytes([8; 32]));
    assert!(matches!(other, Err(OpenError::OtherKey(path)) if path == folder.path()));
    fs::remove_file(folder.path().join("fingerprint")).unwrap();
    let lost = Store::open(folder.path(), &StorageKey::from_bytes([7; 32]));
    assert!(matches!(lost, Err(OpenError::OtherKey(_))));
}

#[test]
fn a_run_is_open_once_at_a_time() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let task = begin(&store);
    assert!(matches!(store.run(RUN, QUOTA), Err(StoreError::AlreadyOpen(RUN))));
    assert!(matches!(store.close_run(RUN), Err(StoreError::AlreadyOpen(RUN))));
    store.run(RunId::from_bytes([2; 32]), QUOTA).unwrap();
    drop(task);
    run(&store);
}

#[test]
fn a_closed_run_is_gone() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 9_000)).unwrap();
    task.commit().unwrap();
    store.close_run(RUN).unwrap();
    for sub in ["keys", "commits"] {
        assert_eq!(fs::read_dir(folder.path().join(sub)).unwrap().count(), 0);
    }
    store.close_run(RUN).unwrap();
    store.close_run(RunId::from_bytes([9; 32])).unwrap();
    assert_eq!(names(&begin(&store)), [""; 0]);
}

#[test]
fn only_the_owner_reads_key_files() {
    let folder = tempdir().unwrap();
    let inner = folder.path().join("storage");
    let store = open(&inner);
    run(&store);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join("keys").join(RUN.to_string())), 0o600);
    assert_eq!(mode(&inner.join("commits").join(RUN.to_string())), 0o600);
}

#[test]
fn a_folder_that_sled_still_holds_is_waited_for() {
    let folder = tempdir().unwrap();
    drop(open(folder.path()));
    let held = File::open(folder.path().join("db")).unwrap();
    held.lock().unwrap();
    let (opened, answer) = mpsc::channel();
    let folder = &folder;
    thread::scope(|scope| {
        let key = StorageKey::from_bytes([7; 32]);
        scope.spawn(move || opened.send(Store::open(folder.path(), &key)).unwrap());
        let early = answer.recv_timeout(Duration::from_millis(100));
        assert!(matches!(early, Err(RecvTimeoutError::Timeout)), "it does not wait");
        held.unlock().unwrap();
        answer.recv().unwrap().unwrap();
    });
}
