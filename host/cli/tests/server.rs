//! `anchorhold server` and what reaches it, as processes.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a server's and an organization's folders in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("there is room") };
        fs::write(place.path("secret"), "a passphrase\n").expect("there is room");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorhold"));
        command.args(arguments).current_dir(self.folder.path());
        for name in ["ANCHORHOLD_TOKEN", "ANCHORHOLD_SERVER", "ANCHORHOLD_PASSPHRASE"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// Runs a command that is to succeed, and returns what it printed.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs a command that is to fail, and returns its exit code and what it said.
    fn failed(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.run(arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }

    fn organization(&self, name: &str) -> String {
        let files = ["--passphrase-file", "secret", "--root-passphrase-file", "secret"];
        let new = ["org", "new", name, "--name", name, "--bits", "3072", "--json"];
        let shown: Value =
            serde_json::from_str(&self.done(&[&new[..], &files].concat())).expect("it is JSON");
        shown["fingerprint"].as_str().expect("it is a text").to_owned()
    }

    fn token(&self, file: &str, options: &[&str]) {
        let make = ["server", "token", "server", "--name", file];
        fs::write(self.path(file), self.done(&[&make[..], options].concat()))
            .expect("there is room");
    }
}

/// A server that runs until it is dropped.
struct Running {
    process: Child,
    origin: String,
}

impl Running {
    fn start(place: &Place) -> Self {
        let mut command = place.command(&["server", "run", "server"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        let out = process.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let origin = line.trim().strip_prefix("listening on ").expect("it listens").to_owned();
        Self { process, origin }
    }

    /// Ends it as a service manager does, and returns its exit code.
    fn terminate(mut self) -> Option<i32> {
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

#[test]
fn an_organization_becomes_known_to_a_server() {
    let place = Place::new();
    let fingerprint = place.organization("north");
    place.done(&["server", "init", "server", "--listen", "127.0.0.1:0"]);
    place.token("admin", &[]);
    let server = Running::start(&place);
    let at = |token: &'static str| ["--server", &server.origin, "--token-file", token];
    let said = place.done(&[&["org", "register", "north"][..], &at("admin")].concat());
    assert_eq!(said, format!("north is known with key 1 as {fingerprint}"));

    place.token("person", &["--organization", &fingerprint]);
    let files = ["--passphrase-file", "secret", "--root-passphrase-file", "secret"];
    let rotate = ["org", "rotate", "north", "--root", "north-root", "--bits", "3072"];
    place.done(&[&rotate[..], &files].concat());
    let said = place.done(&[&["org", "register", "north"][..], &at("person")].concat());
    assert_eq!(said, format!("north is known with key 2 as {fingerprint}"));
    let listed = place.done(&[&["org", "list"][..], &at("person")].concat());
    assert_eq!(listed, format!("{fingerprint}  north, key 2"));

    place.organization("south");
    let (code, text) = place.failed(&[&["org", "register", "south"][..], &at("person")].concat());
    assert_eq!(
        (code, text.as_str()),
        (Some(4), "error: the server refuses: this is not for a person")
    );
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn what_is_wrong_is_said() {
    let place = Place::new();
    place.done(&["server", "init", "server", "--listen", "127.0.0.1:0"]);
    place.organization("north");
    let (code, text) = place.failed(&["server", "init", "server"]);
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: server/server.toml cannot be made: File exists"), "{text}");
    let (code, text) = place.failed(&["server", "run", "nowhere"]);
    assert_eq!(code, Some(3));
    assert!(text.ends_with("hint: `anchorhold server init FOLDER` makes one"), "{text}");
    let zeros = ["00000"; 16].join("-");
    let token = ["server", "token", "server", "--name", "x", "--organization", &zeros];
    let (code, text) = place.failed(&token);
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: the server knows no organization 00000-"), "{text}");

    let register = ["org", "register", "north", "--server", "http://127.0.0.1:9"];
    let (code, text) = place.failed(&register);
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: there is no token"), "{text}");
    fs::write(place.path("token"), "0".repeat(64)).expect("there is room");
    let (code, text) = place.failed(&[&register[..], &["--token-file", "token"]].concat());
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: the server http://127.0.0.1:9 cannot be reached: "), "{text}");
    let (code, text) = place.failed(&["org", "list", "--server", "http://example.org"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("reached without TLS"), "{text}");

    let server = Running::start(&place);
    let here = ["--server", &server.origin, "--token-file", "token"];
    let (code, text) = place.failed(&[&["org", "list"][..], &here].concat());
    let refused = "error: the server refuses: the token is not one of this server";
    assert_eq!((code, text.as_str()), (Some(4), refused));
    let config = fs::read_to_string(place.path("server/server.toml")).expect("it is there");
    let port = server.origin.rsplit(':').next().expect("it has one");
    fs::write(place.path("server/server.toml"), config.replace(":0", &format!(":{port}")))
        .expect("there is room");
    let (code, text) = place.failed(&["server", "run", "server"]);
    assert_eq!(code, Some(3));
    assert!(text.contains("cannot listen on 127.0.0.1:") && text.contains("in use"), "{text}");
}
