//! `anchorhold algorithm build` on crates without dependencies, with the compiler that builds this.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use anchorhold::build::{BuildError, Built, Request, build};
use anchorhold_model::Digest;
use serde_json::Value;
use tempfile::TempDir;

const LIBRARY: &str = "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n";

/// A folder with crates in it, which take no configuration from outside of it.
struct Author {
    folder: TempDir,
}

impl Author {
    fn new() -> Self {
        let author = Self { folder: tempfile::tempdir().expect("a folder can be made") };
        author.write(".cargo/config.toml", "");
        author
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, content: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(path, content).expect("it can be written");
    }

    fn package(&self, folder: &str, rest: &str, source: &str) {
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}",
            folder.replace('/', "-")
        );
        self.write(&format!("{folder}/Cargo.toml"), &manifest);
        self.write(&format!("{folder}/src/lib.rs"), source);
    }

    fn build(&self, folder: &str, plain: bool, options: &[&str]) -> Result<Built, BuildError> {
        let cargo_options = ["--quiet", "--target-dir"].iter().chain(options).map(Into::into);
        let mut cargo_options: Vec<_> = cargo_options.collect();
        cargo_options.insert(2, self.path("target").into());
        build(&Request { folder: self.path(folder), plain, cargo_options })
    }

    /// Runs the command in a crate's folder.
    fn command(&self, folder: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorhold"));
        command.args(["algorithm", "build"]).current_dir(self.path(folder));
        command.env("CARGO_TARGET_DIR", self.path("target"));
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"] {
            command.env_remove(name);
        }
        command
    }
}

fn error(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr);
    let from = text.find("error: ").unwrap_or_default();
    (output.status.code(), text[from..].trim().to_owned())
}

/// A crate that compiles only under some conditions.
fn checked(conditions: &[&str]) -> String {
    conditions.iter().map(|condition| format!("const _: () = assert!({condition});\n")).collect()
}

/// A build script, to which Cargo tells the compiler's flags, that wants one of them or does not.
fn script(flag: &str, wanted: bool) -> String {
    format!(
        "fn main() {{\n\
             let flags = std::env::var(\"CARGO_ENCODED_RUSTFLAGS\").unwrap();\n\
             assert_eq!(flags.contains({flag:?}), {wanted}, \"{{flags}}\");\n\
         }}\n"
    )
}

#[test]
fn a_component_is_built_with_the_flags_and_said_so() {
    let author = Author::new();
    let flags = "cfg!(all(target_feature = \"simd128\", curve25519_dalek_bits = \"64\"))";
    author.package("fast", LIBRARY, &checked(&[flags]));
    author.write("fast/build.rs", &script("+wide-arithmetic", true));
    let built = author.build("fast", false, &[]).expect("the flags are set");
    assert_eq!(built.features, ["simd128", "wide-arithmetic"]);
    let bytes = fs::read(&built.component).expect("it was built");
    assert_eq!(built.contents, bytes);
    assert_eq!((built.bytes, built.digest), (bytes.len() as u64, Digest::of(&bytes)));
    assert!(built.compiler.to_string().starts_with("rustc 1."), "{}", built.compiler);

    author.package("plain", LIBRARY, &checked(&["cfg!(not(target_feature = \"simd128\"))"]));
    author.write("plain/build.rs", &script("+wide-arithmetic", false));
    let built = author.build("plain", true, &[]).expect("the flags are not set");
    assert!(built.features.is_empty());
}

#[test]
fn the_authors_flags_are_kept_wherever_they_are_set() {
    let author = Author::new();
    let ours = "cfg!(target_feature = \"simd128\")";
    for (folder, config) in [
        ("triple", "[target.wasm32-wasip2]\nrustflags = [\"--cfg\", \"theirs\"]"),
        ("text", "[target.wasm32-wasip2]\nrustflags = \"--cfg theirs\""),
        ("family", "[target.'cfg(target_family = \"wasm\")']\nrustflags = [\"--cfg=theirs\"]"),
        ("build", "[build]\nrustflags = [\"--cfg=theirs\"]"),
    ] {
        author.package(folder, LIBRARY, &checked(&["cfg!(theirs)", ours]));
        author.write(&format!("{folder}/.cargo/config.toml"), config);
        assert!(author.build(folder, false, &[]).is_ok(), "{folder}");
    }
    author.package("variable", LIBRARY, &checked(&["cfg!(theirs)", ours]));
    for name in ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        let output = author.command("variable").env(name, "--cfg=theirs").output();
        let (_, text) = error(&output.expect("it runs"));
        assert!(text.starts_with("error: the component does not export"), "{name}: {text}");
    }
}

#[test]
fn all_crates_are_optimized_together_unless_plain() {
    let author = Author::new();
    // A library needs no crate-type for it.
    author.package("one", "", "");
    let log = author.path("log");
    author.write("wrapper", &format!("#!/bin/sh\necho \"$@\" >> {}\nexec \"$@\"\n", log.display()));
    let chmod = Command::new("chmod").arg("+x").arg(author.path("wrapper")).status();
    assert!(chmod.expect("it runs").success());
    for (options, expected) in [(vec![], true), (vec!["--plain"], false)] {
        let mut command = author.command("one");
        command.args(options).env("RUSTC_WRAPPER", author.path("wrapper"));
        assert_eq!(command.output().expect("it runs").status.code(), Some(4), "it is no algorithm");
        let calls = fs::read_to_string(&log).expect("the wrapper wrote it");
        let compiled = calls.lines().rfind(|call| call.contains("--crate-name one"));
        let compiled = compiled.expect("it was compiled");
        assert!(compiled.contains("--crate-type cdylib"), "{compiled}");
        let whole = ["-C lto", "-C codegen-units=1", "-C strip=symbols"];
        assert!(whole.iter().all(|flag| compiled.contains(flag) == expected), "{compiled}");
    }
}

#[test]
fn options_after_two_hyphens_are_cargos() {
    let author = Author::new();
    let features = format!("{LIBRARY}[features]\nextra = []\n");
    author.package("one", &features, &checked(&["cfg!(feature = \"extra\")"]));
    assert!(matches!(author.build("one", true, &[]), Err(BuildError::Cargo { .. })));
    assert!(author.build("one", true, &["--features", "extra"]).is_ok());
}

#[test]
fn what_was_built_is_said_as_text_and_as_json() {
    let author = Author::new();
    author.package("one", LIBRARY, &checked(&[]));
    let run = |arguments: &[&str]| {
        let output = author.command("").arg("one").args(arguments).output().expect("it runs");
        (String::from_utf8(output.stdout.clone()).expect("it is text"), error(&output))
    };
    let (text, refusal) = run(&[]);
    let (json, _) = run(&["--json"]);
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    let digest = json["digest"].as_str().expect("there is a digest");
    assert!(text.contains(&format!("digest     {digest}\n")), "{text}");
    assert!(text.contains("features   simd128, wide-arithmetic (with LLVM 23 or newer)"), "{text}");
    assert!(json["component"].as_str().is_some_and(|path| path.ends_with("one.wasm")));
    assert_eq!(json["features"][1], "wide-arithmetic");
    // It is a component and no algorithm.
    let expected = "error: the component does not export describe and run";
    assert!(refusal.0 == Some(4) && refusal.1.starts_with(expected), "{refusal:?}");
}

#[test]
fn what_is_no_algorithms_crate_is_told() {
    let author = Author::new();
    let said = |folder: &str, arguments: &[&str]| {
        let output = author.command("").arg(folder).args(arguments).output().expect("it runs");
        let (code, text) = error(&output);
        assert_eq!(output.stdout.is_empty(), code == Some(3), "{text}");
        (code, text.replace(&format!("{}", author.folder.path().display()), "F"))
    };
    author.package("one", LIBRARY, "");
    for (path, expected) in [
        ("none", "none is not a folder"),
        ("one/Cargo.toml", "one/Cargo.toml is not a folder"),
        (".cargo", "there is no Cargo.toml in .cargo or above it"),
    ] {
        assert_eq!(said(path, &[]), (Some(3), format!("error: {expected}")));
    }

    author.write("program/Cargo.toml", "[package]\nname = \"program\"\n");
    author.write("program/src/main.rs", "fn main() {}");
    let (code, text) = said("program", &[]);
    assert_eq!(code, Some(3));
    assert!(text.contains("no library targets found in package `program`"), "{text}");

    author.package("broken", LIBRARY, "fn");
    let (code, text) = said("broken", &[]);
    assert_eq!(code, Some(3));
    assert!(text.ends_with("error: cargo failed (exit status: 101)"), "{text}");

    author.write("several/Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n");
    author.package("several/a", LIBRARY, "");
    author.package("several/b", LIBRARY, "");
    let (code, text) = said("several", &[]);
    assert_eq!(code, Some(3));
    assert!(text.contains("several/Cargo.toml` is a virtual manifest"), "{text}");
    let (code, _) = said("several/a", &[]);
    assert_eq!(code, Some(4));
}

#[test]
fn what_is_not_installed_is_told() {
    let author = Author::new();
    author.package("one", LIBRARY, "");
    let said = |command: &mut Command| error(&command.output().expect("it runs"));
    let empty = author.path("empty");
    let (code, text) = said(author.command("one").env("PATH", &empty).env_remove("RUSTC"));
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: cannot run rustc: "), "{text}");
    assert!(text.ends_with("\nhint: Rust is installed as https://rustup.rs says"), "{text}");

    let compiler = |script: &str| {
        author.write("rustc", &format!("#!/bin/sh\n{script}\n"));
        let chmod = Command::new("chmod").arg("+x").arg(author.path("rustc")).status();
        assert!(chmod.expect("it runs").success());
        said(author.command("one").env("RUSTC", author.path("rustc")))
    };
    let version = "[ $1 = -vV ] && echo 'rustc 1.97.0\nLLVM version: 22.1'";
    let (code, text) = compiler(&format!("{version} || echo /nowhere"));
    assert_eq!(code, Some(3));
    assert_eq!(
        text,
        "error: the compiler of ., rustc 1.97.0, LLVM 22.1, has no standard library for \
         wasm32-wasip2\nhint: run `rustup target add wasm32-wasip2` in that folder"
    );
    let (code, text) = compiler("echo 'error: toolchain is not installed' >&2; exit 1");
    assert_eq!(code, Some(3));
    assert_eq!(text, "error: rustc does not run in .: error: toolchain is not installed");
}
