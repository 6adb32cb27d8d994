//! Server and nodes as processes of their own, as `anchorhold demo` starts them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anchorhold_tests::SECURE_SUM;
use anchorhold_tests::network::ages;
use rustix::process::{Pid, Signal, kill_process, test_kill_process_group};

/// Returns the command's path: beside the tests, as cargo builds it for those of its own package.
fn anchorhold() -> PathBuf {
    let tests = std::env::current_exe().expect("this is a program");
    let path = tests.parent().and_then(Path::parent).expect("it is in a folder").join("anchorhold");
    assert!(path.exists(), "`cargo build --package anchorhold` makes {}", path.display());
    path
}

/// Prepares the demo among so many organizations.
fn demo(folder: &Path, members: usize) -> Command {
    let mut command = Command::new(anchorhold());
    command.args(["demo", SECURE_SUM]);
    for index in 0..members {
        let path = folder.join(format!("org{index}.csv"));
        let rows: String = ages(index).iter().map(|age| format!("{age}\n")).collect();
        fs::write(&path, format!("age\n{rows}")).expect("there is room");
        command.arg("--data").arg(path);
    }
    let columns = r#"{"columns": [{"name": "age", "minimum": 0, "maximum": 120}]}"#;
    command.args(["--arguments", columns]);
    command
}

fn sums(members: usize) {
    let folder = tempfile::tempdir().expect("there is room");
    let kept = folder.path().join("kept");
    let output = demo(folder.path(), members).arg("--folder").arg(&kept).output();
    let output = output.expect("it starts");
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    let expected: i64 = (0..members).flat_map(ages).sum();
    assert!(out.contains("result, the same for every party"), "{out}");
    assert!(out.contains(&format!("\"sum\": \"{expected}\"")), "{expected}: {out}");
    // Every organization has an own key, an own ledger and an own database.
    for index in 0..members {
        let ledger = kept.join(format!("org{index}-node/state/ledger.jsonl"));
        let ledger = fs::read_to_string(ledger).expect("it is there");
        assert!(ledger.contains("\"kind\":\"result\""), "{ledger}");
    }
}

#[test]
fn three_and_five_organizations_as_processes_get_the_plaintext_sum() {
    sums(3);
    sums(5);
}

#[test]
fn ten_organizations_as_processes_get_the_plaintext_sum() {
    sums(10);
}

#[test]
fn an_interrupted_demo_leaves_no_process_behind() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut command = demo(folder.path(), 3);
    // A group of its own, as a shell gives it; only the demo itself is interrupted.
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("it is one");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let running = lines.map_while(Result::ok).filter(|line| line == "running").take(2).count();
    assert_eq!(running, 2, "two nodes run when it is interrupted");
    kill_process(group, Signal::INT).expect("it runs");
    let status = child.wait().expect("it is ours");
    assert_eq!(status.code(), Some(130));
    let began = Instant::now();
    // Those that were killed are gone as soon as somebody has waited for them.
    while test_kill_process_group(group).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(30), "processes are left");
        std::thread::yield_now();
    }
}
