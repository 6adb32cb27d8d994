//! The compiler that Cargo uses in a folder.

use std::fmt;
use std::path::Path;
use std::process::Command;

use cargo_config2::Config;
use serde::Serialize;

use super::{BuildError, TARGET};

/// A compiler, as it names itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compiler {
    /// Its version, with commit and date.
    pub rustc: String,
    /// The version of its LLVM, if it has one.
    pub llvm: Option<String>,
}

impl Compiler {
    /// Asks the compiler what it is, in the folder, so that rustup's overrides count, and whether
    /// it can compile components.
    pub(super) fn find(config: &Config, folder: &Path) -> Result<Self, BuildError> {
        let version = ask(config, folder, &["-vV"])?;
        let compiler = Self::parse(&version).ok_or_else(|| BuildError::Compiler {
            folder: folder.to_owned(),
            output: version.trim().to_owned(),
        })?;
        let library = ask(config, folder, &["--print", "target-libdir", "--target", TARGET]);
        match library {
            Ok(library) if Path::new(library.trim()).is_dir() => Ok(compiler),
            _ => Err(BuildError::NoTarget { folder: folder.to_owned(), compiler }),
        }
    }

    /// Parses what `rustc -vV` prints.
    fn parse(text: &str) -> Option<Self> {
        let value = |label: &str| text.lines().find_map(|line| line.strip_prefix(label));
        Some(Self {
            rustc: value("rustc ")?.to_owned(),
            llvm: value("LLVM version: ").map(str::to_owned),
        })
    }

    /// Returns the major version of its LLVM.
    pub(super) fn llvm_major(&self) -> Option<u32> {
        self.llvm.as_ref()?.split('.').next()?.parse().ok()
    }
}

impl fmt::Display for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rustc {}", self.rustc)?;
        self.llvm.iter().try_for_each(|llvm| write!(f, ", LLVM {llvm}"))
    }
}

/// Runs the compiler in the folder and returns what it says.
fn ask(config: &Config, folder: &Path, arguments: &[&str]) -> Result<String, BuildError> {
    let output = Command::from(config.rustc())
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|source| BuildError::Start { program: "rustc", source })?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(BuildError::Compiler { folder: folder.to_owned(), output });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_names_itself() {
        let text = "rustc 1.99.0 (b940084d7 2026-09-28)\nbinary: rustc\nrelease: 1.99.0\n\
                    LLVM version: 23.1.1\n";
        let compiler = Compiler::parse(text).expect("it is a compiler");
        assert_eq!(compiler.to_string(), "rustc 1.99.0 (b940084d7 2026-09-28), LLVM 23.1.1");
        assert_eq!(compiler.llvm_major(), Some(23));
        let other = Compiler::parse("rustc 1.99.0-dev\nbinary: rustc\n").expect("it is one");
        assert_eq!((other.to_string().as_str(), other.llvm_major()), ("rustc 1.99.0-dev", None));
        assert_eq!(Compiler::parse("gcc 15\n"), None);
    }
}
