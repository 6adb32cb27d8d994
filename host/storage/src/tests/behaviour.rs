//! What a task sees and leaves.

use anchorhold_model::{Limit, RunId, limits};
use tempfile::tempdir;

use super::{KIB, MIB, QUOTA, RUN, begin, bytes, names, open, run, state};
use crate::{Quota, SetError};

fn limit(result: Result<(), SetError>) -> Limit {
    match result {
        Err(SetError::Limit(limit)) => limit,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_task_reads_its_own_writes() {
    let folder = tempdir().unwrap();
    let mut task = begin(&open(folder.path()));
    assert_eq!(task.get("a").unwrap(), None);
    assert!(!task.exists("a"));
    task.set("a", b"1").unwrap();
    assert_eq!(task.get("a").unwrap().unwrap(), b"1");
    task.set("a", b"2").unwrap();
    assert_eq!(task.get("a").unwrap().unwrap(), b"2");
    assert!(task.exists("a"));
    assert!(task.delete("a").unwrap());
    assert!(!task.delete("a").unwrap());
    assert_eq!(task.get("a").unwrap(), None);
    assert!(!task.exists("a"));
}

#[test]
fn later_tasks_see_what_was_committed() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("kept", b"1").unwrap();
    task.set("deleted", b"1").unwrap();
    let mut task = task.commit().unwrap().begin();
    task.set("kept", b"2").unwrap();
    task.delete("deleted").unwrap();
    task.set("new", b"").unwrap();
    let run = task.commit().unwrap();
    let expected = [("kept".to_owned(), b"2".to_vec()), ("new".to_owned(), vec![])].into();
    let task = run.begin();
    assert_eq!(state(&task), expected);
    drop((task, store));
    assert_eq!(state(&begin(&open(folder.path()))), expected);
}

#[test]
fn a_task_that_does_not_commit_leaves_no_trace() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 9_000)).unwrap();
    task.set("b", b"1").unwrap();
    let before = state(&task);
    let mut task = task.commit().unwrap().begin();
    task.set("a", b"other").unwrap();
    task.set("c", &bytes(2, 20_000)).unwrap();
    task.delete("b").unwrap();
    let mut task = task.abort().unwrap().begin();
    assert_eq!(state(&task), before);
    task.set("a", b"third").unwrap();
    drop(task);
    let task = begin(&store);
    assert_eq!(state(&task), before);
    let rows = store_rows(&task);
    assert_eq!(rows, 3 + 1, "three chunks of a, one of b");
}

fn store_rows(task: &crate::Transaction) -> usize {
    let mut rows = 0;
    let mut cursor = None;
    while let Some(version) = task.run().rows().next_version(&RUN, cursor.as_ref()).unwrap() {
        rows +=
            (0..).take_while(|&n| task.run().rows().get(&version, n).unwrap().is_some()).count();
        cursor = Some(version);
    }
    rows
}

#[test]
fn a_replaced_value_leaves_no_row_of_the_longer_one() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 50_000)).unwrap();
    task.set("a", &bytes(2, 9_000)).unwrap();
    assert_eq!(store_rows(&task), 3);
    assert_eq!(task.get("a").unwrap().unwrap(), bytes(2, 9_000));
    let mut task = task.commit().unwrap().begin();
    task.set("a", b"short").unwrap();
    let task = task.commit().unwrap().begin();
    assert_eq!(store_rows(&task), 1);
}

#[test]
fn values_of_all_lengths_around_a_chunk_are_kept() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    let lengths = [0, 1, 3_940, 3_944, 3_945, 3_946, 3_956, 4_000, 7_900, 7_901, 7_902, 70_000];
    for length in lengths {
        task.set(&format!("{length}"), &bytes(length, length)).unwrap();
    }
    let task = task.commit().unwrap().begin();
    for length in lengths {
        assert_eq!(task.get(&format!("{length}")).unwrap().unwrap(), bytes(length, length));
    }
}

#[test]
fn the_largest_value_is_kept() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let value = bytes(5, 64 * MIB);
    let mut task = begin(&store);
    let start = std::time::Instant::now();
    task.set("large", &value).unwrap();
    let set = start.elapsed();
    let run = task.commit().unwrap();
    let committed = start.elapsed();
    let read = run.begin().get("large").unwrap().unwrap();
    let got = start.elapsed();
    println!("64 MiB: set {set:?}, commit {:?}, get {:?}", committed - set, got - committed);
    assert!(read == value);
}

#[test]
fn keys_are_any_text() {
    let folder = tempdir().unwrap();
    let mut task = begin(&open(folder.path()));
    let long = "x".repeat(limits::KEY_BYTES);
    let keys = ["", "\0", "a/b", "ä", "\u{10ffff}", "\n", &long];
    for key in keys {
        task.set(key, key.as_bytes()).unwrap();
    }
    let task = task.commit().unwrap().begin();
    for key in keys {
        assert_eq!(task.get(key).unwrap().unwrap(), key.as_bytes());
    }
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    assert_eq!(names(&task), sorted);
}

#[test]
fn keys_are_listed_in_the_order_of_their_bytes() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    for key in ["a/2", "a/1", "a", "b", "ä", "a/10", "Z"] {
        task.set(key, b"").unwrap();
    }
    let mut task = task.commit().unwrap().begin();
    assert_eq!(task.list_keys("", None), ["Z", "a", "a/1", "a/10", "a/2", "b", "ä"]);
    task.set("a/11", b"").unwrap();
    task.set("a/2", b"again").unwrap();
    task.delete("a/10").unwrap();
    assert_eq!(task.list_keys("a/", None), ["a/1", "a/11", "a/2"]);
    assert_eq!(task.list_keys("a/", Some("a/1")), ["a/11", "a/2"]);
    assert_eq!(task.list_keys("a/", Some("a/10")), ["a/11", "a/2"], "after need not be a key");
    assert_eq!(task.list_keys("a/", Some("Z")), ["a/1", "a/11", "a/2"], "after is before all");
    assert_eq!(task.list_keys("a/", Some("b")), [""; 0]);
    assert_eq!(task.list_keys("c", None), [""; 0]);
}

#[test]
fn long_lists_come_in_parts() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    let expected: Vec<_> = (0..2_500).map(|number| format!("{number:05}")).collect();
    for key in expected.iter().step_by(2) {
        task.set(key, b"").unwrap();
    }
    let mut task = task.commit().unwrap().begin();
    for key in expected.iter().skip(1).step_by(2) {
        task.set(key, b"").unwrap();
    }
    assert_eq!(task.list_keys("", None).len(), limits::LISTED_KEYS);
    assert_eq!(names(&task), expected);
}

#[test]
fn a_full_run_is_opened_and_read() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    for number in 0..10_000 {
        task.set(&format!("{number:05}"), &bytes(number, 20)).unwrap();
    }
    assert_eq!(limit(task.set("one more", b"")), Limit::StorageKeys);
    task.set("00000", b"replaced").unwrap();
    drop((task.commit().unwrap(), store));
    let start = std::time::Instant::now();
    let task = begin(&open(folder.path()));
    println!("10,000 names: opened in {:?}", start.elapsed());
    assert_eq!(names(&task).len(), 10_000);
    assert_eq!(task.get("09999").unwrap().unwrap(), bytes(9_999, 20));
}

#[test]
fn limits_are_told_and_change_nothing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let quota = Quota { bytes: 100, keys: 3, value_bytes: 60 };
    let mut task = store.run(RUN, quota).unwrap().begin();
    let long = "k".repeat(limits::KEY_BYTES + 1);
    assert_eq!(limit(task.set(&long, b"")), Limit::KeyBytes);
    assert_eq!(limit(task.set("a", &[0; 61])), Limit::ValueBytes);
    task.set("a", &[0; 60]).unwrap();
    assert_eq!(limit(task.set("b", &[0; 39])), Limit::StorageBytes);
    task.set("b", &[0; 38]).unwrap();
    assert_eq!(limit(task.set("c", &[])), Limit::StorageBytes, "names count");
    task.set("a", &[0; 10]).unwrap();
    task.set("c", &[]).unwrap();
    assert_eq!(limit(task.set("d", &[])), Limit::StorageKeys);
    assert_eq!(names(&task), ["a", "b", "c"]);
    let mut task = task.commit().unwrap().begin();
    assert_eq!(limit(task.set("d", &[])), Limit::StorageKeys);
    assert!(task.delete("c").unwrap());
    task.set("d", &[]).unwrap();
    assert_eq!(task.take("a").unwrap().unwrap(), [0; 10]);
    assert_eq!(limit(task.set("e", &[0; 60])), Limit::StorageBytes);
    task.set("e", &[0; 59]).unwrap();
    assert_eq!(limit(task.set("f", &[])), Limit::StorageKeys);
}

#[test]
fn a_smaller_quota_stops_writes_only() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 1_000)).unwrap();
    task.set("b", b"").unwrap();
    drop(task.commit().unwrap());
    let quota = Quota { bytes: 100, keys: 1, value_bytes: 10 };
    let mut task = store.run(RUN, quota).unwrap().begin();
    assert_eq!(task.get("a").unwrap().unwrap(), bytes(1, 1_000));
    assert_eq!(limit(task.set("b", b"1")), Limit::StorageKeys);
    assert!(task.delete("a").unwrap());
    task.set("b", b"1").unwrap();
}

#[test]
fn a_taken_key_is_gone_whatever_follows() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    for key in ["mask", "other"] {
        task.set(key, &bytes(1, 9_000)).unwrap();
    }
    let mut task = task.commit().unwrap().begin();
    task.set("staged", b"1").unwrap();
    assert_eq!(task.take("none").unwrap(), None);
    assert_eq!(task.take("mask").unwrap().unwrap(), bytes(1, 9_000));
    assert_eq!(task.take("mask").unwrap(), None);
    assert_eq!(names(&task), ["other", "staged"]);
    drop(task);
    assert_eq!(names(&begin(&store)), ["other"]);
    drop(store);
    assert_eq!(names(&begin(&open(folder.path()))), ["other"]);
}

#[test]
fn a_taken_key_that_was_set_before_is_gone_with_what_was_beneath() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("both", b"old").unwrap();
    let mut task = task.commit().unwrap().begin();
    task.set("both", &bytes(1, 9_000)).unwrap();
    task.set("new", b"staged").unwrap();
    assert_eq!(task.take("both").unwrap().unwrap(), bytes(1, 9_000));
    assert_eq!(task.take("new").unwrap().unwrap(), b"staged");
    assert_eq!(names(&task), [""; 0]);
    let task = task.abort().unwrap().begin();
    assert_eq!(names(&task), [""; 0]);
    assert_eq!(store_rows(&task), 0);
}

#[test]
fn a_deleted_key_cannot_be_taken_and_comes_back_with_an_abort() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", b"1").unwrap();
    let mut task = task.commit().unwrap().begin();
    task.delete("a").unwrap();
    assert_eq!(task.take("a").unwrap(), None);
    let task = task.abort().unwrap().begin();
    assert_eq!(task.get("a").unwrap().unwrap(), b"1");
}

#[test]
fn a_taken_key_can_be_set_again() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", b"1").unwrap();
    task.set("b", b"1").unwrap();
    let mut task = task.commit().unwrap().begin();
    for key in ["a", "b"] {
        assert_eq!(task.take(key).unwrap().unwrap(), b"1");
        task.set(key, b"2").unwrap();
    }
    let task = task.commit().unwrap().begin();
    assert_eq!(task.get("a").unwrap().unwrap(), b"2");
    let mut task = task;
    assert_eq!(task.take("a").unwrap().unwrap(), b"2");
    task.set("a", b"3").unwrap();
    drop((task, store));
    assert_eq!(names(&begin(&open(folder.path()))), ["b"]);
}

#[test]
fn runs_do_not_see_each_other() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let ids: Vec<_> = [0, 1, 2, 255].map(|byte| RunId::from_bytes([byte; 32])).into();
    let mut tasks: Vec<_> = ids.iter().map(|id| store.run(*id, QUOTA).unwrap().begin()).collect();
    for (number, task) in tasks.iter_mut().enumerate() {
        task.set("same", &bytes(number, 5 * KIB)).unwrap();
    }
    for (number, task) in tasks.into_iter().enumerate() {
        let task = task.commit().unwrap().begin();
        assert_eq!(task.get("same").unwrap().unwrap(), bytes(number, 5 * KIB));
    }
    store.close_run(ids[1]).unwrap();
    for (number, id) in ids.iter().enumerate().filter(|(number, _)| *number != 1) {
        let task = store.run(*id, QUOTA).unwrap().begin();
        assert_eq!(task.get("same").unwrap().unwrap(), bytes(number, 5 * KIB));
    }
    assert_eq!(names(&store.run(ids[1], QUOTA).unwrap().begin()), [""; 0]);
}

#[test]
fn runs_are_written_at_the_same_time() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let work = |number: u8| {
        let mut run = store.run(RunId::from_bytes([number; 32]), QUOTA).unwrap();
        for round in 0..10 {
            let mut task = run.begin();
            task.set("value", &bytes(round, 100_000)).unwrap();
            run = task.commit().unwrap();
        }
        assert_eq!(run.begin().get("value").unwrap().unwrap(), bytes(9, 100_000));
    };
    std::thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || work(number));
        }
    });
}

#[test]
fn a_commit_of_nothing_changes_nothing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let record = run(&store).record();
    let run = begin(&store).commit().unwrap();
    assert_eq!(run.record(), record);
}
