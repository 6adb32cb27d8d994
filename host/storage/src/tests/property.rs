//! Random sequences of calls against a map.

use std::ops::Bound;

use anchorhold_model::Limit;
use proptest::prelude::*;
use tempfile::tempdir;

use super::{RUN, State, bytes, open, state};
use crate::{Quota, Run, SetError, Store, Transaction};

const QUOTA: Quota = Quota { bytes: 40_000, keys: 6, value_bytes: 12_000 };
const NAMES: [&str; 9] = ["", "a", "a/", "a/b", "b", "c", "c/1", "ä", "z"];

#[derive(Debug, Clone)]
enum Call {
    Set(usize, usize, usize),
    Delete(usize),
    Take(usize),
    List(usize, Option<usize>),
    Commit,
    Abort,
    Drop,
    Reopen,
}

fn call() -> impl Strategy<Value = Call> {
    let name = || 0..NAMES.len();
    let length = prop_oneof![Just(0), 1..100usize, 3_900..4_000usize, 7_000..13_000usize];
    prop_oneof![
        8 => (name(), any::<u8>(), length).prop_map(|(n, seed, l)| Call::Set(n, seed.into(), l)),
        2 => name().prop_map(Call::Delete),
        2 => name().prop_map(Call::Take),
        1 => (name(), proptest::option::of(name())).prop_map(|(p, a)| Call::List(p, a)),
        2 => Just(Call::Commit),
        1 => Just(Call::Abort),
        1 => Just(Call::Drop),
        1 => Just(Call::Reopen),
    ]
}

/// What the map says of a set.
fn after_set(view: &State, name: &str, value: Vec<u8>) -> Result<State, Limit> {
    let mut after = view.clone();
    let fits = u64::try_from(value.len()).unwrap() <= QUOTA.value_bytes;
    after.insert(name.to_owned(), value);
    let bytes: usize = after.iter().map(|(name, value)| name.len() + value.len()).sum();
    if !fits {
        Err(Limit::ValueBytes)
    } else if u64::try_from(after.len()).unwrap() > QUOTA.keys {
        Err(Limit::StorageKeys)
    } else if u64::try_from(bytes).unwrap() > QUOTA.bytes {
        Err(Limit::StorageBytes)
    } else {
        Ok(after)
    }
}

fn list(view: &State, prefix: &str, after: Option<&str>) -> Vec<String> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let keys = view.range::<str, _>((from, Bound::Unbounded)).map(|(key, _)| key);
    keys.filter(|key| key.starts_with(prefix)).cloned().collect()
}

/// A store and the map that it must equal.
struct Both {
    folder: tempfile::TempDir,
    store: Option<Store>,
    task: Option<Transaction>,
    committed: State,
    view: State,
}

impl Both {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        let (store, task) = (None, None);
        let mut both = Self { folder, store, task, committed: State::new(), view: State::new() };
        both.reopen();
        both
    }

    fn reopen(&mut self) {
        self.task = None;
        self.store = None;
        let store = open(self.folder.path());
        self.task = Some(store.run(RUN, QUOTA).unwrap().begin());
        self.store = Some(store);
    }

    fn end(&mut self, end: impl FnOnce(Transaction) -> Run) {
        self.task = self.task.take().map(|task| end(task).begin());
    }

    fn call(&mut self, call: Call) {
        let task = self.task.as_mut().unwrap();
        match call {
            Call::Set(name, seed, length) => {
                let value = bytes(seed, length);
                match (task.set(NAMES[name], &value), after_set(&self.view, NAMES[name], value)) {
                    (Ok(()), Ok(after)) => self.view = after,
                    (Err(SetError::Limit(limit)), Err(expected)) => assert_eq!(limit, expected),
                    other => panic!("{other:?}"),
                }
            }
            Call::Delete(name) => {
                let was_there = self.view.remove(NAMES[name]).is_some();
                assert_eq!(task.delete(NAMES[name]).unwrap(), was_there);
            }
            Call::Take(name) => {
                let value = self.view.remove(NAMES[name]);
                if value.is_some() {
                    self.committed.remove(NAMES[name]);
                }
                assert_eq!(task.take(NAMES[name]).unwrap(), value);
            }
            Call::List(prefix, after) => {
                let (prefix, after) = (NAMES[prefix], after.map(|after| NAMES[after]));
                assert_eq!(task.list_keys(prefix, after), list(&self.view, prefix, after));
            }
            Call::Commit => {
                self.committed = self.view.clone();
                self.end(|task| task.commit().unwrap());
            }
            Call::Abort => {
                self.view = self.committed.clone();
                self.end(|task| task.abort().unwrap());
            }
            Call::Drop => {
                self.view = self.committed.clone();
                self.task = None;
                let store = self.store.as_ref().unwrap();
                self.task = Some(store.run(RUN, QUOTA).unwrap().begin());
            }
            Call::Reopen => {
                self.view = self.committed.clone();
                self.reopen();
            }
        }
    }

    fn compare(&self) {
        let task = self.task.as_ref().unwrap();
        assert_eq!(state(task), self.view);
        for name in NAMES {
            assert_eq!(task.exists(name), self.view.contains_key(name));
            assert_eq!(task.get(name).unwrap().as_ref(), self.view.get(name));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_run_is_a_map_with_commits(calls in proptest::collection::vec(call(), 1..80)) {
        let mut both = Both::new();
        for call in calls {
            both.call(call);
            both.compare();
        }
        both.view = both.committed.clone();
        both.reopen();
        both.compare();
    }
}
