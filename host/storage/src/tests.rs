//! Tests of the whole store. Those of one module are in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anchorhold_model::RunId;

use crate::{Quota, Run, StorageKey, Store, Transaction};

mod behaviour;
mod crash;
mod damage;
mod kill;
mod opening;
mod power;
mod property;
mod secrecy;
mod size;

/// What a run has: names and values.
type State = BTreeMap<String, Vec<u8>>;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

const QUOTA: Quota = Quota { bytes: 256 << 20, keys: 10_000, value_bytes: 64 << 20 };
const RUN: RunId = RunId::from_bytes([1; 32]);

fn open(folder: &Path) -> Store {
    Store::open(folder, &StorageKey::from_bytes([7; 32])).unwrap()
}

fn begin(store: &Store) -> Transaction {
    run(store).begin()
}

fn run(store: &Store) -> Run {
    store.run(RUN, QUOTA).unwrap()
}

/// Reads all that a transaction sees.
fn state(transaction: &Transaction) -> State {
    names(transaction)
        .into_iter()
        .map(|name| {
            let value = transaction.get(&name).unwrap().unwrap();
            (name, value)
        })
        .collect()
}

fn names(transaction: &Transaction) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    loop {
        let more = transaction.list_keys("", names.last().map(String::as_str));
        if more.is_empty() {
            return names;
        }
        names.extend(more);
    }
}

/// Makes bytes that tell their seed and place.
fn bytes(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((seed * 131 + at * 7 + at / 251) % 256).unwrap()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A generator for tests that need many numbers from one seed (xorshift64*).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % bound
    }
}
