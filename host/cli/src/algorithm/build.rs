//! `anchorhold algorithm build`: a crate becomes a component.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use anchorhold_model::{chain, inspection};
use clap::Args;

use crate::build::{BuildError, Built, Request, build};
use crate::{CommandError, Kind};

/// Builds an algorithm's component from its crate
///
/// Runs `cargo rustc --release --target wasm32-wasip2 --lib --crate-type cdylib` in the crate's
/// folder, says what was built, and checks that a node would take it.
///
/// Adds the compiler flags that make arithmetic in the component nearly as fast as outside:
/// `-C target-feature=+simd128`, and with a compiler of LLVM 23 or newer also `+wide-arithmetic`,
/// which LLVM 22 miscompiles; that the compiler calls it unstable is as expected. The flags that
/// RUSTFLAGS or Cargo's configuration set are kept. All crates are optimized together and symbols
/// left out, which makes a component a third smaller.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Folder of the algorithm's crate
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Add no compiler flags, for nodes that take only standard WebAssembly, and keep the profile
    #[arg(long)]
    plain: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Further options for `cargo rustc`
    #[arg(last = true, value_name = "CARGO OPTIONS")]
    cargo: Vec<OsString>,
}

impl Build {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let request = Request { folder: self.path, plain: self.plain, cargo_options: self.cargo };
        let built = build(&request)?;
        let text = if self.json { json(&built) } else { text(&built) };
        writeln!(out, "{text}")?;
        match inspection::inspect(&built.contents) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(CommandError::new(Kind::Refused, chain(&refusal))),
        }
    }
}

fn text(built: &Built) -> String {
    let Built { component, bytes, digest, compiler, features, reason, whole_program, .. } = built;
    let profile = if *whole_program {
        "all crates optimized together, no symbols"
    } else {
        "as Cargo has it"
    };
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    [
        format!("component  {}", component.display()),
        format!("size       {bytes} bytes"),
        format!("digest     {digest}"),
        format!("compiler   {compiler}"),
        format!("features   {features} ({reason})"),
        format!("profile    {profile}"),
    ]
    .join("\n")
}

fn json(built: &Built) -> String {
    serde_json::to_string_pretty(built).expect("paths that cargo printed as JSON are text")
}

impl From<BuildError> for CommandError {
    fn from(error: BuildError) -> Self {
        let hint = error.hint();
        let error = Self::input(chain(&error));
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}
