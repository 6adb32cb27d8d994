//! A power cut: of what was written since the last sync, any part may be on the disk.
//!
//! The image of the disk is sled's file as it was at the last sync, with some blocks, drawn at
//! random, of what it is now. Files beside it are synced as soon as they are written.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use tempfile::tempdir;

use super::{Random, State, begin, bytes, copy, open, state};
use crate::step::{Step, during, write_each_row};

const BLOCK: usize = 4_096;
const IMAGES: usize = 40;

/// Mixes two states of a file block by block: `kept` in a hundred blocks are still old ones.
fn mix(old: &[u8], new: &[u8], kept: usize, random: &mut Random) -> Vec<u8> {
    let length = [old.len().min(new.len()), new.len(), old.len().max(new.len())][random.below(3)];
    let at = |content: &[u8], at: usize| content.get(at).copied().unwrap_or(0);
    let mut image = Vec::with_capacity(length);
    for block in (0..length).step_by(BLOCK) {
        let from = if random.below(100) < kept { old } else { new };
        let end = length.min(block + BLOCK);
        match from.get(block..end) {
            Some(content) => image.extend_from_slice(content),
            None => image.extend((block..end).map(|byte| at(from, byte))),
        }
    }
    image
}

struct Disk {
    random: Random,
    synced: Vec<u8>,
    images: usize,
}

impl Disk {
    fn cut(&mut self, folder: &Path, allowed: &[State]) {
        let image = tempdir().unwrap();
        copy(folder, image.path());
        let now = fs::read(folder.join("db")).unwrap();
        let kept = [10, 50, 90][self.random.below(3)];
        let mixed = mix(&self.synced, &now, kept, &mut self.random);
        fs::write(image.path().join("db"), mixed).unwrap();
        let store = open(image.path());
        let left = state(&begin(&store));
        assert!(allowed.contains(&left), "{:?}", left.keys());
        let mut task = begin(&store);
        task.set("after", &bytes(1, 100_000)).unwrap();
        task.commit().unwrap();
        self.images += 1;
    }
}

#[test]
fn a_power_cut_leaves_a_committed_state() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let mut run = Some(begin(&store).commit().unwrap());
    let allowed = Rc::new(RefCell::new(vec![State::new()]));
    let synced = fs::read(folder.path().join("db")).unwrap();
    let disk = Rc::new(RefCell::new(Disk { random: Random::new(11), synced, images: 0 }));
    let hook = {
        let (folder, disk) = (folder.path().to_owned(), Rc::clone(&disk));
        let allowed = Rc::clone(&allowed);
        let mut rows = 0;
        move |step| {
            let mut disk = disk.borrow_mut();
            match step {
                Step::Synced => disk.synced = fs::read(folder.join("db")).unwrap(),
                Step::Row => {
                    rows += 1;
                    // The first segments are written before any is written over.
                    if rows > 2_000 && disk.random.below(300) == 0 {
                        disk.cut(&folder, &allowed.borrow());
                    }
                }
                _ => {}
            }
        }
    };
    let mut random = Random::new(12);
    let mut now = State::new();
    write_each_row(true);
    during(hook, || {
        while disk.borrow().images < IMAGES {
            let mut task = run.take().unwrap().begin();
            for _ in 0..random.below(12) {
                let key = format!("{}", random.below(30));
                let length = random.below(600_000);
                match random.below(8) {
                    0 => {
                        task.delete(&key).unwrap();
                    }
                    1 if now.contains_key(&key) => {
                        let mut then = now.clone();
                        then.remove(&key);
                        *allowed.borrow_mut() = vec![now.clone(), then.clone()];
                        if task.take(&key).unwrap().is_some() {
                            now = then;
                        }
                        *allowed.borrow_mut() = vec![now.clone()];
                    }
                    _ => task.set(&key, &bytes(length, length)).unwrap(),
                }
            }
            let then = state(&task);
            *allowed.borrow_mut() = vec![now, then.clone()];
            run = Some(task.commit().unwrap());
            *allowed.borrow_mut() = vec![then.clone()];
            now = then;
        }
    });
}
