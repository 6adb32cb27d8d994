//! A crash at every step: the folder is copied there, as a kill would leave it, and opened.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use tempfile::tempdir;

use super::{QUOTA, RUN, State, begin, bytes, copy, open, state};
use crate::Store;
use crate::step::{Step, during};

/// The states that a crash may now leave.
type Allowed = Rc<RefCell<Vec<State>>>;

/// Copies the folder at each step and looks at what is then in the run; returns the steps seen.
/// With `flush`, sled has written each row, and without only what it had to.
fn crash_at_each_step(
    folder: &Path,
    store: &Store,
    flush: bool,
    allowed: &Allowed,
    work: impl FnOnce(),
) -> Vec<Step> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let hook = {
        let (folder, store) = (folder.to_owned(), store.clone());
        let (allowed, seen) = (Rc::clone(allowed), Rc::clone(&seen));
        move |step| {
            if flush && step == Step::Row {
                store.rows().flush();
            }
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

#[test]
fn a_crash_leaves_a_committed_state() {
    crash_while_committing(false);
}

#[test]
fn a_crash_leaves_a_committed_state_where_sled_wrote_each_row() {
    crash_while_committing(true);
}

fn crash_while_committing(flush: bool) {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    for (number, key) in
        ["kept", "replaced", "deleted", "taken", "set and taken"].iter().enumerate()
    {
        task.set(key, &bytes(number, 9_000)).unwrap();
    }
    let before = state(&task);
    let run = task.commit().unwrap();
    let allowed = Allowed::new(vec![before.clone()].into());
    let seen = crash_at_each_step(folder.path(), &store, flush, &Rc::clone(&allowed), || {
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

#[test]
fn after_the_commit_point_only_the_new_state_is_left() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 9_000)).unwrap();
    let mut task = task.commit().unwrap().begin();
    task.set("a", &bytes(2, 9_000)).unwrap();
    task.set("b", b"1").unwrap();
    let after = state(&task);
    let image = tempdir().unwrap();
    let hook = {
        let (folder, image) = (folder.path().to_owned(), image.path().to_owned());
        move |step| {
            if step == Step::Committed {
                copy(&folder, &image);
            }
        }
    };
    during(hook, || task.commit().unwrap());
    assert_eq!(state(&begin(&open(image.path()))), after);
}

#[test]
fn what_does_not_count_is_removed_when_the_folder_is_opened() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 9_000)).unwrap();
    task.set("b", &bytes(1, 9_000)).unwrap();
    let mut task = task.commit().unwrap().begin();
    task.set("a", &bytes(2, 9_000)).unwrap();
    task.set("c", &bytes(2, 9_000)).unwrap();
    task.delete("b").unwrap();
    let images = [tempdir().unwrap(), tempdir().unwrap()];
    let hook = {
        let folder = folder.path().to_owned();
        let images = images.each_ref().map(|image| image.path().to_owned());
        move |step| match step {
            Step::Synced => copy(&folder, &images[0]),
            Step::Committed => copy(&folder, &images[1]),
            _ => {}
        }
    };
    during(hook, || drop(task.commit().unwrap()));
    for image in &images {
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
fn a_run_is_created_whole_or_not_at_all() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let allowed = Allowed::new(vec![State::new()].into());
    let seen = crash_at_each_step(folder.path(), &store, true, &allowed, || {
        drop(store.run(RUN, QUOTA).unwrap());
    });
    assert!(seen.contains(&Step::RecordCreated));
}

#[test]
fn an_interrupted_closing_is_finished() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut task = begin(&store);
    task.set("a", &bytes(1, 100_000)).unwrap();
    task.commit().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let hook = {
        let (folder, seen) = (folder.path().to_owned(), Rc::clone(&seen));
        let store = store.clone();
        move |step| {
            store.rows().flush();
            let image = tempdir().unwrap();
            copy(&folder, image.path());
            let store = open(image.path());
            for sub in ["keys", "commits"] {
                let files = std::fs::read_dir(image.path().join(sub)).unwrap().count();
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
