//! Where commands run as processes.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a server's and an organization's folders in it.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// Makes one with a passphrase in it.
    pub fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("there is room") };
        fs::write(place.path("secret"), "a passphrase\n").expect("there is room");
        place
    }

    /// Returns the path of something in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns a command that runs in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorhold"));
        command.args(arguments).current_dir(self.folder.path());
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("ANCHORHOLD_")) {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// Runs a command that is to succeed, and returns what it printed.
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs a command that is to fail, and returns its exit code and what it said.
    pub fn failed(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.run(arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    /// Makes an organization, and returns its fingerprint.
    pub fn organization(&self, name: &str) -> String {
        let files = ["--passphrase-file", "secret", "--root-passphrase-file", "secret"];
        let new = ["org", "new", name, "--name", name, "--bits", "3072", "--json"];
        let shown: Value =
            serde_json::from_str(&self.done(&[&new[..], &files].concat())).expect("it is JSON");
        shown["fingerprint"].as_str().expect("it is a text").to_owned()
    }

    /// Makes a token, in a file of its name.
    pub fn token(&self, file: &str, options: &[&str]) {
        let make = ["server", "token", "server", "--name", file];
        fs::write(self.path(file), self.done(&[&make[..], options].concat()))
            .expect("there is room");
    }
}

/// A server that runs until it is dropped.
pub struct Running {
    process: Child,
    pub origin: String,
}

impl Running {
    /// Starts the server in a place.
    pub fn start(place: &Place) -> Self {
        let mut command = place.command(&["server", "run", "server"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        let out = process.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let origin = line.trim().strip_prefix("listening on ").expect("it listens").to_owned();
        Self { process, origin }
    }

    /// Ends it as a service manager does, and returns its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.expect("it runs").success());
        self.process.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
