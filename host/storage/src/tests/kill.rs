//! A process that writes is killed, again and again.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::tempdir;

use super::{Random, begin, bytes, open};
use crate::Transaction;

const FOLDER: &str = "ANCHORHOLD_TEST_KILL_FOLDER";
const KILLS: u64 = 25;

/// What one round leaves: its number in several values of several rows, and a mask.
fn write_round(task: &mut Transaction, round: usize) {
    task.set("round", round.to_string().as_bytes()).unwrap();
    for key in 0..3 {
        let length = (round * 977 + key * 7_001) % 60_000;
        task.set(&format!("value {key}"), &bytes(round + key, length)).unwrap();
    }
    task.delete(&format!("only {}", round - 1)).unwrap();
    task.set(&format!("only {round}"), b"").unwrap();
    task.set(&format!("mask {round}"), &bytes(round, 9_000)).unwrap();
}

/// Checks that all of a run is of one round and returns it, or 0 where nothing was committed.
fn check_round(task: &Transaction) -> usize {
    let Some(round) = task.get("round").unwrap() else {
        assert_eq!(task.list_keys("", None), [""; 0]);
        return 0;
    };
    let round: usize = String::from_utf8(round).unwrap().parse().unwrap();
    for key in 0..3 {
        let length = (round * 977 + key * 7_001) % 60_000;
        let value = task.get(&format!("value {key}")).unwrap();
        assert_eq!(value, Some(bytes(round + key, length)), "value {key} of round {round}");
    }
    assert_eq!(task.list_keys("only ", None), [format!("only {round}")]);
    round
}

/// Does nothing by itself: it is the process that [`a_killed_process_leaves_a_committed_state`]
/// starts and kills.
#[test]
fn process_to_be_killed() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let mut out = std::io::stdout();
    let mut say = |what: String| {
        out.write_all(what.as_bytes()).unwrap();
        out.flush().unwrap();
    };
    let store = open(Path::new(&folder));
    let mut task = begin(&store);
    let mut round = check_round(&task);
    loop {
        round += 1;
        write_round(&mut task, round);
        let mask = format!("mask {}", round - 1);
        if task.take(&mask).unwrap().is_some() {
            say(format!("\ntaken {}\n", round - 1));
        }
        task = task.commit().unwrap().begin();
        say(format!("\ncommitted {round}\n"));
    }
}

#[test]
fn a_killed_process_leaves_a_committed_state() {
    let folder = tempdir().unwrap();
    let (mut committed, mut taken) = (0, Vec::new());
    for kill in 0..KILLS {
        let mut random = Random::new(kill + 1);
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "tests::kill::process_to_be_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut hear = |line: &str| match line.split_once(' ') {
            Some(("committed", round)) => committed = round.parse().unwrap(),
            Some(("taken", round)) => taken.push(round.parse::<usize>().unwrap()),
            _ => {}
        };
        let mut lines = said.lines().map(Result::unwrap);
        lines.by_ref().take(4 + random.below(60)).for_each(|line| hear(&line));
        // Somewhere in the following round.
        (0..random.below(3_000_000)).for_each(|_| std::hint::spin_loop());
        child.kill().unwrap();
        child.wait().unwrap();
        lines.for_each(|line| hear(&line));

        let store = open(folder.path());
        let task = begin(&store);
        let round = check_round(&task);
        assert!(round == committed || round == committed + 1, "{round} after {committed}");
        for round in &taken {
            assert!(!task.exists(&format!("mask {round}")), "mask {round} came back");
        }
        committed = round;
    }
    assert!(committed > 50, "it got as far as round {committed}");
    assert!(taken.len() > 50);
}
