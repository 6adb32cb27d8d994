//! Builds an algorithm's component with the author's own Cargo, compiler and configuration.

mod artifact;
mod compiler;
mod rustflags;

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anchorhold_model::Digest;
use cargo_config2::{Config, ResolveOptions};
use serde::Serialize;

pub use compiler::Compiler;

use rustflags::Acceleration;

/// What a component is compiled for.
pub const TARGET: &str = "wasm32-wasip2";

/// Optimizes all crates together, without symbols, which no node reads: a third less to compile
/// there, and to load.
const WHOLE_PROGRAM: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
];

/// What to build, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The folder of the algorithm's crate.
    pub folder: PathBuf,
    /// Whether to add no compiler flags and to leave Cargo's profile as it is.
    pub plain: bool,
    /// Further options for `cargo rustc`.
    pub cargo_options: Vec<OsString>,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Built {
    /// The component's file.
    pub component: PathBuf,
    /// What is in it.
    #[serde(skip)]
    pub contents: Vec<u8>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its digest.
    pub digest: Digest,
    /// The compiler that built it.
    pub compiler: Compiler,
    /// The features of WebAssembly that were added.
    pub features: &'static [&'static str],
    /// Why these.
    pub reason: String,
    /// Whether all crates were optimized together, as one program.
    pub whole_program: bool,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The path leads to nothing, or to a file.
    #[error("{path} is not a folder")]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// There is no crate.
    #[error("there is no Cargo.toml in {folder} or above it")]
    NoCrate {
        /// The folder.
        folder: PathBuf,
    },
    /// A program cannot be started.
    #[error("cannot run {program}")]
    Start {
        /// The program.
        program: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The compiler does not say what it is.
    #[error("rustc does not run in {folder}: {output}")]
    Compiler {
        /// The folder.
        folder: PathBuf,
        /// What it said instead.
        output: String,
    },
    /// The compiler has no standard library for components.
    #[error("the compiler of {folder}, {compiler}, has no standard library for {TARGET}")]
    NoTarget {
        /// The folder.
        folder: PathBuf,
        /// The compiler.
        compiler: Compiler,
    },
    /// Cargo's configuration cannot be read.
    #[error("Cargo's configuration for {folder} cannot be read")]
    Configuration {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        source: cargo_config2::Error,
    },
    /// Cargo failed, and said why on standard error.
    #[error("cargo failed ({status})")]
    Cargo {
        /// How it ended.
        status: ExitStatus,
    },
    /// Nothing that was built is a component.
    #[error("no package in {folder} builds a component")]
    NoComponent {
        /// The folder.
        folder: PathBuf,
    },
    /// More than one package was built.
    #[error("several components were built: {}", .names.join(", "))]
    Several {
        /// The names of the libraries.
        names: Vec<String>,
    },
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl BuildError {
    /// Says what the author can do about it, where that is not plain.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Start { .. } => Some("Rust is installed as https://rustup.rs says"),
            Self::NoTarget { .. } => Some("run `rustup target add wasm32-wasip2` in that folder"),
            Self::NoComponent { .. } => Some("a component is built from a library, src/lib.rs"),
            Self::Several { .. } => Some("give the folder of one package, not of the workspace"),
            _ => None,
        }
    }
}

/// Builds the component of one crate.
///
/// Cargo's messages go to standard error. The author's compiler flags are kept wherever they are
/// set (`CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`, `target.*.rustflags`, `build.rustflags`, in Cargo's
/// own order): they are looked up, ours are put before them, so that theirs win, and Cargo gets all
/// in `CARGO_ENCODED_RUSTFLAGS`. Only flags in a `--config` among the further options are not seen.
///
/// # Errors
///
/// Why no component, or more than one, was built.
pub fn build(request: &Request) -> Result<Built, BuildError> {
    let folder = &request.folder;
    if !folder.is_dir() {
        return Err(BuildError::NotAFolder { path: folder.clone() });
    }
    let manifest =
        manifest(folder).ok_or_else(|| BuildError::NoCrate { folder: folder.clone() })?;
    // A cargo that started this program would otherwise stand for the author's.
    let options = ResolveOptions::default().cargo("cargo");
    let config = Config::load_with_options(folder, options).map_err(configuration(folder))?;
    let compiler = Compiler::find(&config, folder)?;
    let acceleration = Acceleration::choose(request.plain, &compiler);

    let mut cargo = Command::new(config.cargo());
    cargo.current_dir(folder).args(["rustc", "--release", "--target", TARGET]);
    cargo.args(["--lib", "--crate-type", "cdylib"]);
    cargo.arg("--message-format=json-render-diagnostics").args(&request.cargo_options);
    if !request.plain {
        cargo.envs(WHOLE_PROGRAM);
    }
    let theirs = config.rustflags(TARGET).map_err(configuration(folder))?;
    if let Some(flags) = acceleration.rustflags(theirs) {
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.encode().map_err(configuration(folder))?);
    }
    let component = artifact::choose(run(cargo)?, &manifest, folder)?;

    let contents = fs::read(&component)
        .map_err(|source| BuildError::Read { path: component.clone(), source })?;
    Ok(Built {
        bytes: contents.len() as u64,
        digest: Digest::of(&contents),
        features: acceleration.features(),
        reason: acceleration.reason(&compiler),
        whole_program: !request.plain,
        component,
        contents,
        compiler,
    })
}

/// Finds the Cargo.toml that Cargo finds, as Cargo names it.
fn manifest(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file())
}

/// Runs Cargo and returns what it built.
fn run(mut cargo: Command) -> Result<Vec<artifact::Artifact>, BuildError> {
    let start = |source| BuildError::Start { program: "cargo", source };
    let mut cargo = cargo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(start)?;
    let output = cargo.stdout.take().expect("it is piped");
    let artifacts = artifact::parse(BufReader::new(output));
    let status = cargo.wait().map_err(start)?;
    if !status.success() {
        return Err(BuildError::Cargo { status });
    }
    artifacts.map_err(start)
}

fn configuration(folder: &Path) -> impl Fn(cargo_config2::Error) -> BuildError {
    move |source| BuildError::Configuration { folder: folder.to_owned(), source }
}
