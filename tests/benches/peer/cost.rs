//! What a run cost, here or in a process beside.

use std::fs;
use std::path::Path;
use std::process::Command;

use anchorhold_sandbox::Report;
use rustix::time::{ClockId, clock_gettime};

/// What a run cost.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Of the processor.
    pub seconds: f64,
    /// What was sent.
    pub bytes: f64,
    /// Of a component what its larger execution had; of other processes what they had beyond the start.
    pub memory: f64,
}

/// Prints a line, beside what the component cost.
pub fn print(who: &str, cost: Cost, ours: Option<Cost>) {
    let Cost { seconds, bytes, memory } = cost;
    let [bytes, memory] = [bytes, memory].map(|bytes| bytes / f64::from(1 << 20));
    let ratio = ours.map(|ours| format!("  (component: x {:.2})", ours.seconds / seconds));
    let ratio = ratio.unwrap_or_default();
    let (time, unit) = if seconds < 1.0 { (seconds * 1e3, "ms") } else { (seconds, "s ") };
    println!("    {who:40} {time:>8.1} {unit} {bytes:>7.2} MiB {memory:>7.0} MiB{ratio}");
}

/// Adds up what the parties of a component used.
pub fn of_reports(reports: &[Report]) -> Cost {
    let usage = || reports.iter().map(|report| report.usage);
    Cost {
        seconds: usage().map(|usage| usage.cpu_time.as_secs_f64()).sum(),
        bytes: usage().map(|usage| usage.sent.1 as f64).sum(),
        memory: usage().map(|usage| usage.memory_bytes as f64).fold(0.0, f64::max),
    }
}

/// Does something that consists of so many alike and returns how many bytes it sent, and prints as the peers
/// do what each cost.
pub fn report(times: u32, work: impl FnOnce() -> f64) {
    let (began, before) = (processor_time(), largest_memory());
    let bytes = work();
    println!("seconds {}", (processor_time() - began) / f64::from(times));
    println!("bytes {bytes}");
    println!("memory {}", largest_memory() - before);
}

fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Returns how many bytes of memory this process had at most.
fn largest_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it is there");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("it is a number");
    kibibytes << 10
}

/// Returns the command that measures a peer, where `make peers` has installed it.
pub fn peer(name: &str) -> Option<Command> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in a folder");
    let python = workspace.join(format!("target/peers/{name}/bin/python"));
    python.exists().then(|| {
        let mut command = Command::new(python);
        command.arg(workspace.join(format!("tests/peers/{name}_bench.py")));
        command
    })
}

/// Runs a process that prints what it cost.
pub fn measured(command: &mut Command) -> Cost {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.trim().parse().ok()).expect("it prints a number")
    };
    Cost { seconds: of("seconds"), bytes: of("bytes"), memory: of("memory") }
}
