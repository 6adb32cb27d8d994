//! sled's file stays within what the crate's documentation says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anchorhold_model::RunId;
use tempfile::tempdir;

use super::{MIB, QUOTA, Random, begin, bytes, open};

/// The bound of the documentation, for the largest state that there was, staged writes included.
fn bound(state: usize) -> usize {
    state * 4 + 32 * MIB
}

fn db_length(folder: &Path) -> usize {
    usize::try_from(fs::metadata(folder.join("db")).unwrap().len()).unwrap()
}

fn assert_no_blobs(folder: &Path) {
    assert_eq!(fs::read_dir(folder.join("blobs")).unwrap().count(), 0);
}

#[test]
fn rewriting_the_same_keys_keeps_the_file_small() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut run = begin(&store).commit().unwrap();
    let mut largest = 0;
    for round in 0..200 {
        let mut task = run.begin();
        task.set("large", &bytes(round, MIB)).unwrap();
        for key in 0..20 {
            task.set(&format!("small {key}"), &bytes(round, 100)).unwrap();
        }
        task.delete(&format!("once {}", round.wrapping_sub(1))).unwrap();
        task.set(&format!("once {round}"), b"").unwrap();
        run = task.commit().unwrap();
        largest = largest.max(db_length(folder.path()));
    }
    println!("1 MiB rewritten 200 times: {} MiB", largest / MIB);
    assert!(largest <= bound(2 * MIB), "{largest}");
    assert_no_blobs(folder.path());
}

#[test]
fn aborted_tasks_keep_the_file_small() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut run = begin(&store).commit().unwrap();
    let mut largest = 0;
    for round in 0..25 {
        let mut task = run.begin();
        for _ in 0..3 {
            task.set("large", &bytes(round, MIB)).unwrap();
        }
        run = task.abort().unwrap();
        largest = largest.max(db_length(folder.path()));
    }
    println!("1 MiB written thrice and aborted, 25 times: {} MiB", largest / MIB);
    assert!(largest <= bound(MIB), "{largest}");
}

#[test]
fn opening_and_closing_runs_keeps_the_file_small() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut largest = 0;
    for number in 0..60 {
        let id = RunId::from_bytes([number; 32]);
        let mut task = store.run(id, QUOTA).unwrap().begin();
        task.set("large", &bytes(number.into(), MIB)).unwrap();
        task.commit().unwrap();
        store.close_run(id).unwrap();
        largest = largest.max(db_length(folder.path()));
    }
    println!("60 runs of 1 MiB: {} MiB", largest / MIB);
    assert!(largest <= bound(MIB), "{largest}");
}

#[test]
fn large_states_keep_the_file_within_its_bound() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut run = begin(&store).commit().unwrap();
    let mut random = Random::new(3);
    let (mut largest, mut peak) = (0, 0);
    let mut lengths = BTreeMap::new();
    for round in 0..12 {
        let mut task = run.begin();
        let mut staged = BTreeMap::new();
        for _ in 0..4 {
            let (key, length) = (random.below(12), random.below(4 * MIB));
            task.set(&format!("{key}"), &bytes(round, length)).unwrap();
            staged.insert(key, length);
        }
        peak = peak.max(lengths.values().chain(staged.values()).sum::<usize>());
        lengths.extend(staged);
        run = task.commit().unwrap();
        largest = largest.max(db_length(folder.path()));
    }
    println!("states of up to {} MiB: {} MiB", peak / MIB, largest / MIB);
    assert!(largest <= bound(peak), "{largest} for {peak}");
}
