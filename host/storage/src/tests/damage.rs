//! What is damaged gives an error: never a panic, never another value.

use std::fs;
use std::path::Path;

use anchorhold_model::RunId;
use tempfile::{TempDir, tempdir};

use super::{QUOTA, RUN, Random, State, begin, bytes, copy, open, state};
use crate::commit::Generation;
use crate::rows::Version;
use crate::{OpenError, RowsError, StorageKey, Store, StoreError, Transaction};

const OTHER: RunId = RunId::from_bytes([2; 32]);

/// Makes a folder with two runs of several commits, and returns the state of [`RUN`].
fn make(folder: &Path) -> State {
    let store = open(folder);
    let mut other = store.run(OTHER, QUOTA).unwrap().begin();
    other.set("a", &bytes(9, 9_000)).unwrap();
    other.commit().unwrap();
    let mut task = begin(&store);
    for round in 0..4 {
        for key in 0..12 {
            task.set(&format!("{key}"), &bytes(round + key, key * 4_000)).unwrap();
        }
        task.delete(&format!("{round}")).unwrap();
        task = task.commit().unwrap().begin();
    }
    state(&task)
}

/// Reads all of a run; a run that opens must have all names, a value that is read must be right.
fn read(store: &Store, expected: &State) -> Result<(), StoreError> {
    let task = store.run(RUN, QUOTA)?.begin();
    let names: Vec<_> = expected.keys().cloned().collect();
    assert_eq!(task.list_keys("", None), names);
    for (name, value) in expected {
        assert_eq!(task.get(name)?.as_ref(), Some(value), "{name}");
    }
    Ok(())
}

fn reopen(folder: &Path) -> Result<Store, OpenError> {
    Store::open(folder, &StorageKey::from_bytes([7; 32]))
}

fn damaged<T>(result: Result<T, StoreError>) -> &'static str {
    match result.map(|_| ()) {
        Err(StoreError::Damaged { run: RUN, what }) => what,
        other => panic!("{other:?}"),
    }
}

/// Damages sled's file in one way or another.
fn damage(content: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(content.len());
    match random.below(5) {
        0 => content[at] ^= 1 << random.below(8),
        1 => {
            for _ in 0..20 {
                let at = random.below(content.len());
                content[at] ^= 1 << random.below(8);
            }
        }
        2 => {
            let segment = random.below(content.len() >> 21) << 21;
            content[segment + random.below(20)] ^= 1 << random.below(8);
        }
        3 => {
            let end = content.len().min(at + 4_096);
            content[at..end].fill(0);
        }
        _ => content.truncate(at),
    }
}

#[test]
fn a_damaged_file_of_sled_gives_errors() {
    let folder = tempdir().unwrap();
    make(folder.path());
    // Opened once more, sled has a snapshot of the first part of its log and trusts it.
    let mut task = begin(&open(folder.path()));
    task.set("8", &bytes(1, 200_000)).unwrap();
    let expected = state(&task);
    task.commit().unwrap();
    let content = fs::read(folder.path().join("db")).unwrap();
    let used = content.iter().rposition(|byte| *byte != 0).unwrap();
    let mut random = Random::new(5);
    let (mut unopened, mut unread, mut right, mut spared) = (0, 0, 0, 0);
    for _ in 0..100 {
        let image = tempdir().unwrap();
        copy(folder.path(), image.path());
        let mut changed = content[..=used].to_vec();
        damage(&mut changed, &mut random);
        fs::write(image.path().join("db"), changed).unwrap();
        let store = match reopen(image.path()) {
            Err(OpenError::Store(StoreError::Rows(_))) => {
                unopened += 1;
                continue;
            }
            result => result.unwrap(),
        };
        match read(&store, &expected) {
            Ok(()) => right += 1,
            Err(StoreError::Damaged { .. } | StoreError::Rows(_)) => {
                unread += 1;
                let other = store.run(OTHER, QUOTA).and_then(|run| run.begin().get("a"));
                if let Ok(value) = other {
                    assert_eq!(value, Some(bytes(9, 9_000)));
                    spared += 1;
                }
            }
            Err(other) => panic!("{other}"),
        }
    }
    println!("of 100 damaged files {unopened} were not opened, {right} unharmed");
    println!("{unread} damaged one run and {spared} of them not the other");
    assert!(unread > 0 && right > 0 && spared > 0);
}

#[test]
fn a_panic_of_sled_while_it_opens_is_an_error() {
    let folder = tempdir().unwrap();
    let mut task = begin(&open(folder.path()));
    for key in 0..100 {
        task.set(&format!("{key}"), &bytes(key, 60_000)).unwrap();
    }
    let expected = state(&task);
    task.commit().unwrap();
    // What sled misses of a log that it has no snapshot of makes it panic.
    let path = folder.path().join("db");
    let content = fs::read(&path).unwrap();
    let mut panicked = 0;
    for at in (100_000..content.len()).step_by(1_300_000) {
        let image = tempdir().unwrap();
        copy(folder.path(), image.path());
        let mut changed = content.clone();
        changed[at] ^= 1;
        fs::write(image.path().join("db"), changed).unwrap();
        match reopen(image.path()) {
            Err(OpenError::Store(StoreError::Rows(RowsError::Panicked(_)))) => panicked += 1,
            Err(OpenError::Store(StoreError::Rows(_))) => {}
            result => match read(&result.unwrap(), &expected) {
                Ok(()) | Err(StoreError::Damaged { .. } | StoreError::Rows(_)) => {}
                Err(other) => panic!("{other}"),
            },
        }
    }
    println!("sled panicked {panicked} times");
    assert!(panicked > 0);
}

#[test]
fn an_older_file_of_sled_is_noticed() {
    let folder = tempdir().unwrap();
    let expected = make(folder.path());
    let image = tempdir().unwrap();
    copy(folder.path(), image.path());
    let mut task = begin(&open(folder.path()));
    task.take("11").unwrap().unwrap();
    drop(task);
    for place in ["keys", "commits"] {
        copy(&folder.path().join(place), &image.path().join(place));
    }
    let store = open(image.path());
    let what = damaged(read(&store, &expected));
    assert_eq!(what, "its rows are not those of its last commit");
}

/// Opens a store, changes its rows, and returns both.
fn with_rows(change: impl FnOnce(&Store, &dyn Fn(&str) -> Version)) -> (TempDir, Store) {
    let folder = tempdir().unwrap();
    make(folder.path());
    let store = open(folder.path());
    let versions = {
        let task = begin(&store);
        move |name: &str| task.run().index[name].version
    };
    change(&store, &versions);
    drop(versions);
    (folder, store)
}

fn swap(store: &Store, one: (Version, u32), two: (Version, u32)) {
    let row = |(version, chunk)| store.rows().get(&version, chunk).unwrap().unwrap();
    let rows = (row(one), row(two));
    store.rows().insert(&one.0, one.1, &rows.1).unwrap();
    store.rows().insert(&two.0, two.1, &rows.0).unwrap();
}

const IN_A_ROW: &str = "a row is missing, changed or not in its place";
const IN_ALL: &str = "its rows are not those of its last commit";

#[test]
fn a_missing_chunk_is_noticed() {
    for (chunk, at_once) in [(0, true), (1, false), (2, false), (8, false)] {
        let (_folder, store) =
            with_rows(|store, version| store.rows().remove(&version("8"), chunk).unwrap());
        let run = store.run(RUN, QUOTA);
        if at_once {
            assert_eq!(damaged(run), IN_A_ROW);
        } else {
            let task = run.unwrap().begin();
            assert_eq!(damaged(task.get("8")), IN_A_ROW);
            assert_eq!(task.get("9").unwrap().unwrap(), bytes(12, 36_000));
        }
    }
}

#[test]
fn a_value_that_is_damaged_is_not_taken() {
    let (_folder, store) = with_rows(|store, version| {
        store.rows().remove(&version("8"), 3).unwrap();
    });
    let mut task = begin(&store);
    let record = task.run().record();
    assert_eq!(damaged(task.take("8")), IN_A_ROW);
    assert!(task.exists("8"));
    assert_eq!(task.run().record(), record);
}

#[test]
fn a_lost_name_is_noticed() {
    let (_folder, store) = with_rows(|store, version| {
        store.rows().remove_all(&version("8").prefix()).unwrap();
    });
    assert_eq!(damaged(store.run(RUN, QUOTA)), IN_ALL);
}

#[test]
fn swapped_rows_are_noticed() {
    type Swap = fn(&dyn Fn(&str) -> Version) -> [(Version, u32); 2];
    let swaps: [(Swap, bool); 4] = [
        (|version| [(version("8"), 1), (version("8"), 2)], false),
        (|version| [(version("8"), 1), (version("9"), 1)], false),
        (|version| [(version("8"), 0), (version("9"), 0)], true),
        (|version| [(version("8"), 0), (version("8"), 1)], true),
    ];
    for (places, at_once) in swaps {
        let (_folder, store) = with_rows(|store, version| {
            let [one, two] = places(version);
            swap(store, one, two);
        });
        let run = store.run(RUN, QUOTA);
        if at_once {
            assert_eq!(damaged(run), IN_A_ROW);
        } else {
            assert_eq!(damaged(run.unwrap().begin().get("8")), IN_A_ROW);
        }
    }
}

#[test]
fn rows_of_an_earlier_writing_are_noticed() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    let first_then_second = |task: &mut Transaction, old: &mut Vec<sled::IVec>| {
        task.set("a", &bytes(1, 12_000)).unwrap();
        let version = store.rows().next_version(&RUN, None).unwrap().unwrap();
        old.extend((0..4).map(|chunk| store.rows().get(&version, chunk).unwrap().unwrap()));
        task.set("a", &bytes(2, 12_000)).unwrap();
        version
    };
    let mut old = Vec::new();
    let version = first_then_second(&mut task, &mut old);
    let run = task.commit().unwrap();
    // The same place, the same generation, the same number of chunks.
    let task = run.begin();
    for (chunk, row) in (0..).zip(&old) {
        let right = store.rows().get(&version, chunk).unwrap().unwrap();
        store.rows().insert(&version, chunk, row).unwrap();
        assert_eq!(damaged(task.get("a")), IN_A_ROW, "chunk {chunk}");
        store.rows().insert(&version, chunk, &right).unwrap();
    }
    assert_eq!(task.get("a").unwrap().unwrap(), bytes(2, 12_000));
    drop(task);
    for (chunk, row) in (0..).zip(&old) {
        store.rows().insert(&version, chunk, row).unwrap();
    }
    assert_eq!(damaged(store.run(RUN, QUOTA)), IN_ALL);
}

#[test]
fn a_row_changed_in_any_part_is_noticed() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", b"four").unwrap();
    let task = task.commit().unwrap().begin();
    let version = task.run().index["a"].version;
    let row = store.rows().get(&version, 0).unwrap().unwrap();
    for byte in 0..row.len() {
        let mut changed = row.to_vec();
        changed[byte] ^= 0x40;
        store.rows().insert(&version, 0, &changed).unwrap();
        assert_eq!(damaged(task.get("a")), IN_A_ROW, "byte {byte}");
    }
    for length in 0..row.len() {
        store.rows().insert(&version, 0, &row[..length]).unwrap();
        assert_eq!(damaged(task.get("a")), IN_A_ROW, "length {length}");
    }
    store.rows().insert(&version, 0, &row).unwrap();
    assert_eq!(task.get("a").unwrap().unwrap(), b"four");
}

#[test]
fn rows_that_nobody_committed_are_noticed() {
    let forged = Version { run: RUN, name: [3; 32], generation: Generation(1 << 32) };
    let (_folder, store) = with_rows(|store, _| store.rows().insert(&forged, 0, &[1; 99]).unwrap());
    assert_eq!(damaged(store.run(RUN, QUOTA)), IN_A_ROW);
    let (_folder, store) = with_rows(|store, version| {
        let generation = Generation(version("8").generation.0);
        let tombstone = Version { generation: Generation(generation.0 - 1), ..version("8") };
        store.rows().remove_all(&version("8").prefix()).unwrap();
        store.rows().insert(&tombstone, 0, &[]).unwrap();
    });
    assert_eq!(damaged(store.run(RUN, QUOTA)), IN_ALL);
}

#[test]
fn a_foreign_row_is_noticed() {
    let (folder, store) = with_rows(|store, _| store.rows().insert_raw(b"short", b"").unwrap());
    drop(store);
    let error = reopen(folder.path()).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "the rows cannot be read or written");
}

/// Makes a folder, changes one file of the run in it, and tells what opening the run says.
fn with_file(sub: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<(), StoreError> {
    let folder = tempdir().unwrap();
    let expected = make(folder.path());
    let path = folder.path().join(sub).join(RUN.to_string());
    let mut content = fs::read(&path).unwrap();
    change(&mut content);
    fs::write(&path, content).unwrap();
    let store = open(folder.path());
    let result = read(&store, &expected);
    assert_eq!(store.run(OTHER, QUOTA)?.begin().get("a")?.unwrap(), bytes(9, 9_000));
    store.close_run(RUN).unwrap();
    assert_eq!(state(&begin(&store)), State::new(), "a damaged run can be closed");
    result
}

#[test]
fn a_damaged_key_file_is_noticed() {
    for byte in [0, 23, 24, 55, 56, 71] {
        let what = damaged(with_file("keys", |content| content[byte] ^= 1));
        assert_eq!(what, "its key file does not open");
    }
    for length in [1, 71] {
        damaged(with_file("keys", |content| content.truncate(length)));
    }
}

#[test]
fn the_key_file_of_another_run_is_noticed() {
    let folder = tempdir().unwrap();
    make(folder.path());
    let keys = folder.path().join("keys");
    fs::copy(keys.join(OTHER.to_string()), keys.join(RUN.to_string())).unwrap();
    assert_eq!(damaged(open(folder.path()).run(RUN, QUOTA)), "its key file does not open");
}

#[test]
fn a_damaged_commit_record_is_noticed() {
    // Four commits and the creation: the newest record is in the first place.
    for byte in [0, 24, 40, 79] {
        assert_eq!(damaged(with_file("commits", |content| content[byte] ^= 1)), IN_ALL);
        with_file("commits", |content| content[4_096 + byte] ^= 1).unwrap();
        let what = damaged(with_file("commits", |content| {
            content[byte] ^= 1;
            content[4_096 + byte] ^= 1;
        }));
        assert_eq!(what, "its commit record does not open");
    }
    damaged(with_file("commits", Vec::clear));
}

#[test]
fn a_lost_commit_record_is_noticed() {
    let folder = tempdir().unwrap();
    make(folder.path());
    fs::remove_file(folder.path().join("commits").join(RUN.to_string())).unwrap();
    let what = damaged(open(folder.path()).run(RUN, QUOTA));
    assert_eq!(what, "its commit record does not open");
}
