//! A crash at every step: the folder is copied there, as a kill would leave it, and opened.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use tempfile::{TempDir, tempdir};

use super::{QUOTA, RUN, State, begin, bytes, copy, open, state};
use crate::step::{Step, during, write_each_row};
use crate::{Store, Transaction};

/// The states that a crash may now leave.
type Allowed = Rc<RefCell<Vec<State>>>;

/// Copies the folder at each step and looks at what is then in the run; returns the steps seen.
fn crash_at_each_step(folder: &Path, allowed: &Allowed, work: impl FnOnce()) -> Vec<Step> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let hook = {
        let (folder, allowed, seen) = (folder.to_owned(), Rc::clone(allowed), Rc::clone(&seen));
        move |step| {
            let image = tempdir().unwrap();
            copy(&folder, image.path());
            let left = state(&begin(&open(image.path())));
            assert!(allowed.borrow().contains(&left), "at {step:?}: {:?}", left.keys());
            seen.borrow_mut().push(step);
        }
    };
    during(hook, work);
    seen.take()
}

/// Copies the folder where `work` reaches `at` for the first time.
fn crash_at(at: Step, folder: &Path, work: impl FnOnce()) -> TempDir {
    let image = tempdir().unwrap();
    let hook = {
        let (folder, image) = (folder.to_owned(), image.path().to_owned());
        let mut done = false;
        move |step| {
            if step == at && !done {
                copy(&folder, &image);
                done = true;
            }
        }
    };
    during(hook, work);
    image
}

#[test]
fn a_crash_leaves_a_committed_state() {
    crash_while_committing();
}

#[test]
fn a_crash_leaves_a_committed_state_where_sled_wrote_each_row() {
    write_each_row(true);
    crash_while_committing();
}

fn crash_while_committing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    let keys = ["kept", "replaced", "deleted", "taken", "set and taken"];
    for (number, key) in keys.iter().enumerate() {
        task.set(key, &bytes(number, 9_000)).unwrap();
    }
    let before = state(&task);
    let run = task.commit().unwrap();
    let allowed = Allowed::new(vec![before.clone()].into());
    let seen = crash_at_each_step(folder.path(), &Rc::clone(&allowed), || {
        let mut task = run.begin();
        task.set("replaced", &bytes(7, 20_000)).unwrap();
        task.set("new", &bytes(8, 100_000)).unwrap();
        task.set("set and taken", &bytes(9, 9_000)).unwrap();
        task.set("set and gone", b"").unwrap();
        task.delete("deleted").unwrap();
        task.delete("set and gone").unwrap();
        let mut now = before;
        for key in ["taken", "set and taken"] {
            let mut then = now.clone();
            then.remove(key);
            *allowed.borrow_mut() = vec![now, then.clone()];
            task.take(key).unwrap().unwrap();
            *allowed.borrow_mut() = vec![then.clone()];
            now = then;
        }
        let after = state(&task);
        assert_eq!(after.len(), 3);
        *allowed.borrow_mut() = vec![now, after.clone()];
        let run = task.commit().unwrap();
        *allowed.borrow_mut() = vec![after];
        let mut task = run.begin();
        task.set("aborted", &bytes(1, 9_000)).unwrap();
        task.delete("kept").unwrap();
        task.abort().unwrap();
    });
    assert_eq!(seen.iter().filter(|step| **step == Step::Committed).count(), 3);
    assert!(seen.iter().filter(|step| **step == Step::Row).count() > 40);
}

/// Makes a run of which the last task, not yet committed, replaced, deleted and added a name.
fn with_changes(store: &Store) -> Transaction {
    let mut task = begin(store);
    task.set("a", &bytes(1, 9_000)).unwrap();
    task.set("b", &bytes(1, 9_000)).unwrap();
    let mut task = task.commit().unwrap().begin();
    task.set("a", &bytes(2, 9_000)).unwrap();
    task.set("c", &bytes(2, 9_000)).unwrap();
    task.delete("b").unwrap();
    task
}

#[test]
fn before_the_commit_point_the_old_state_is_left_and_after_it_the_new_one() {
    for (step, committed) in [(Step::Staged, false), (Step::Synced, false), (Step::Committed, true)]
    {
        let folder = tempdir().unwrap();
        let task = with_changes(&open(folder.path()));
        let after = state(&task);
        let image = crash_at(step, folder.path(), || drop(task.commit().unwrap()));
        let left = state(&begin(&open(image.path())));
        assert_eq!(left == after, committed, "{step:?}");
        assert_eq!(left.contains_key("b"), !committed, "{step:?}");
    }
}

#[test]
fn what_does_not_count_is_removed_when_the_folder_is_opened() {
    for step in [Step::Synced, Step::Committed] {
        let folder = tempdir().unwrap();
        let task = with_changes(&open(folder.path()));
        let image = crash_at(step, folder.path(), || drop(task.commit().unwrap()));
        let store = open(image.path());
        let mut versions = Vec::new();
        while let Some(version) = store.rows().next_version(&RUN, versions.last()).unwrap() {
            versions.push(version);
        }
        assert_eq!(versions.len(), 2, "one of each name that there is");
        assert_eq!(begin(&store).list_keys("", None).len(), 2);
    }
}

#[test]
fn a_crash_while_a_crash_is_cleaned_up_changes_nothing() {
    write_each_row(true);
    for step in [Step::Synced, Step::Committed] {
        let folder = tempdir().unwrap();
        let task = with_changes(&open(folder.path()));
        let image = crash_at(step, folder.path(), || drop(task.commit().unwrap()));
        let again = tempdir().unwrap();
        copy(image.path(), again.path());
        let expected = state(&begin(&open(again.path())));
        let allowed = Allowed::new(vec![expected].into());
        let seen = crash_at_each_step(image.path(), &allowed, || drop(open(image.path())));
        assert!(seen.len() >= 6, "{seen:?}");
    }
}

#[test]
fn a_run_is_created_whole_or_not_at_all() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let allowed = Allowed::new(vec![State::new()].into());
    let seen = crash_at_each_step(folder.path(), &allowed, || drop(store.run(RUN, QUOTA).unwrap()));
    assert!(seen.contains(&Step::RecordCreated));
}

#[test]
fn an_interrupted_closing_is_finished() {
    write_each_row(true);
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 100_000)).unwrap();
    task.commit().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let hook = {
        let (folder, seen) = (folder.path().to_owned(), Rc::clone(&seen));
        move |step| {
            let image = tempdir().unwrap();
            copy(&folder, image.path());
            let store = open(image.path());
            for sub in ["keys", "commits"] {
                let files = fs::read_dir(image.path().join(sub)).unwrap().count();
                assert_eq!(files, 0, "{sub} at {step:?}");
            }
            assert_eq!(store.rows().next_run(None).unwrap(), None, "rows at {step:?}");
            assert_eq!(state(&begin(&store)), State::new());
            seen.borrow_mut().push(step);
        }
    };
    during(hook, || store.close_run(RUN).unwrap());
    let seen = seen.take();
    for step in [Step::KeyOverwritten, Step::KeyRemoved, Step::RecordRemoved, Step::Row] {
        assert!(seen.contains(&step), "{step:?}");
    }
}
