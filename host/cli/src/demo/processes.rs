//! Runs this very program as other processes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::{CommandError, Kind};

/// How long a process may take to begin, and to stop.
const TIME: Duration = Duration::from_secs(60);

/// Runs a command, shows it and what it prints, and returns that.
pub(super) async fn command(
    folder: &Path,
    out: &mut dyn Write,
    arguments: &[&str],
) -> Result<String, CommandError> {
    show(out, arguments)?;
    let mut child = start(folder, arguments, Stdio::piped(), Stdio::inherit())?;
    let mut printed = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await.map_err(CommandError::fault)? {
            // A token is shown to nobody.
            if !arguments.starts_with(&["server", "token"]) {
                writeln!(out, "{line}")?;
                out.flush()?;
            }
            printed.push_str(&line);
            printed.push('\n');
        }
    }
    let status = child.wait().await.map_err(CommandError::fault)?;
    if status.success() {
        return Ok(printed);
    }
    let text = format!("`anchorhold {}` failed: {status}", arguments.join(" "));
    Err(CommandError::new(Kind::Failed, text))
}

/// A process that goes on. Dropping it kills it.
pub(super) struct Background {
    name: String,
    log: PathBuf,
    child: Child,
    said: String,
}

impl Background {
    /// Starts a process, shows its command, and waits for its first line.
    pub(super) async fn start(
        folder: &Path,
        out: &mut dyn Write,
        name: &str,
        arguments: &[&str],
    ) -> Result<Self, CommandError> {
        show(out, &[arguments, &["&"]].concat())?;
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).map_err(CommandError::fault)?;
        let mut child = start(folder, arguments, Stdio::piped(), file.into())?;
        let mut said = String::new();
        if let Some(stdout) = child.stdout.take() {
            let mut reader = BufReader::new(stdout);
            let line = timeout(TIME, reader.read_line(&mut said)).await;
            line.map_err(|_| failed(name, &log))?.map_err(CommandError::fault)?;
        }
        let said = said.trim().to_owned();
        if said.is_empty() {
            return Err(failed(name, &log));
        }
        writeln!(out, "{said}")?;
        out.flush()?;
        Ok(Self { name: name.to_owned(), log, child, said })
    }

    /// Returns its first line.
    pub(super) fn said(&self) -> &str {
        &self.said
    }

    /// Stops it as an operator does, and waits until it has.
    pub(super) async fn stop(mut self) -> Result<(), CommandError> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            // Where it is gone already, the status says so.
            let _ = kill_process(id, Signal::TERM);
        }
        let stopped = timeout(TIME, self.child.wait()).await;
        match stopped {
            Ok(Ok(status)) if status.success() => Ok(()),
            _ => Err(failed(&self.name, &self.log)),
        }
    }
}

fn failed(name: &str, log: &Path) -> CommandError {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last: Vec<&str> = text.lines().rev().take(5).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    CommandError::new(Kind::Failed, format!("{name} failed: {}", last.join("; ")))
}

fn show(out: &mut dyn Write, arguments: &[&str]) -> io::Result<()> {
    let shown = arguments.iter().map(|argument| {
        let plain = argument.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=&@,".contains(c));
        if plain {
            (*argument).to_owned()
        } else {
            format!("'{}'", argument.replace('\'', "'\\''"))
        }
    });
    writeln!(out, "$ anchorhold {}", shown.collect::<Vec<_>>().join(" "))?;
    out.flush()
}

fn start(
    folder: &Path,
    arguments: &[&str],
    stdout: Stdio,
    stderr: Stdio,
) -> Result<Child, CommandError> {
    let program = std::env::current_exe().map_err(CommandError::fault)?;
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .kill_on_drop(true)
        .spawn()
        .map_err(CommandError::fault)
}

/// Writes a file that only the owner may read.
pub(super) fn private(path: &Path, text: &str) -> Result<(), CommandError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| CommandError::input(format!("{}: {error}", path.display())))
}

/// Returns a random passphrase.
pub(super) fn random() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the digest of a component.
pub(super) fn digest(path: &Path) -> Result<anchorhold_model::Digest, CommandError> {
    let bytes = std::fs::read(path);
    let bytes =
        bytes.map_err(|error| CommandError::input(format!("{}: {error}", path.display())))?;
    Ok(anchorhold_model::Digest::of(&bytes))
}
