//! What other systems do in the same run, where their environments are there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Their scripts, which print a name and a number on each line.
const PEERS: [&str; 2] = ["spu", "mpyc"];

/// Measures each peer: by the name of the work, elements in a second or seconds.
pub fn measured() -> Vec<(&'static str, BTreeMap<String, f64>)> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in a folder");
    let measured = PEERS.into_iter().filter_map(|peer| {
        let python = workspace.join("target/peers").join(peer).join("bin/python");
        if !python.exists() {
            println!("  {peer} is not here: `make peers` installs it");
            return None;
        }
        let script = workspace.join(format!("tests/peers/{peer}_bench.py"));
        let output = Command::new(python).arg(script).output().expect("Python runs");
        if !output.status.success() {
            println!("  {peer} failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        Some((peer, lines.lines().filter_map(parse).collect()))
    });
    measured.collect()
}

fn parse(line: &str) -> Option<(String, f64)> {
    let (name, rest) = line.split_once(' ')?;
    Some((name.to_owned(), rest.split(' ').next()?.parse().ok()?))
}
