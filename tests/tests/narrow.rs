//! Where the address space has no room for the pool, memory comes on demand.

use std::process::Command;

/// Runs a guest in an address space of at most so many KiB, and returns what it says.
fn run(kibibytes: &str) -> String {
    let script = format!("ulimit -v {kibibytes} && exec {}", env!("CARGO_BIN_EXE_narrow"));
    let output = Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_wide_address_space_has_a_pool() {
    assert_eq!(run("unlimited"), "Pooled");
}

#[test]
fn a_narrow_address_space_runs_on_demand() {
    assert_eq!(run("8000000"), "OnDemand");
}
