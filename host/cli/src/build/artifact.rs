//! Finds the component among all that Cargo says it built.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::BuildError;

/// One of Cargo's messages of the kind `compiler-artifact`; other kinds lack these fields.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Artifact {
    /// Returns the component's file, if the artifact is one.
    fn component(&self) -> Option<&Path> {
        let is_library = self.target.crate_types.iter().any(|crate_type| crate_type == "cdylib");
        let is_wasm = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "wasm");
        self.filenames.iter().find(is_wasm).filter(|_| is_library).map(PathBuf::as_path)
    }
}

/// Reads Cargo's messages, one on a line, to their end.
pub(super) fn parse(messages: impl BufRead) -> io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for line in messages.lines() {
        artifacts.extend(serde_json::from_str::<Artifact>(&line?));
    }
    Ok(artifacts)
}

/// Chooses the component of the package that was asked for. A package that it depends on may be an
/// algorithm too, and is then built beside it.
pub(super) fn choose(
    artifacts: Vec<Artifact>,
    manifest: &Path,
    folder: &Path,
) -> Result<PathBuf, BuildError> {
    let components: Vec<(&Artifact, &Path)> =
        artifacts.iter().filter_map(|artifact| Some((artifact, artifact.component()?))).collect();
    let own: Vec<_> =
        components.iter().copied().filter(|(built, _)| built.manifest_path == manifest).collect();
    match if own.is_empty() { components } else { own }.as_slice() {
        [] => Err(BuildError::NoComponent { folder: folder.to_owned() }),
        [(_, component)] => Ok(component.to_path_buf()),
        several => {
            let names = several.iter().map(|(built, _)| built.target.name.clone()).collect();
            Err(BuildError::Several { names })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(manifest: &str, name: &str, crate_type: &str, file: &str) -> String {
        serde_json::json!({
            "reason": "compiler-artifact",
            "package_id": "path+file:///x#0.1.0",
            "manifest_path": manifest,
            "target": { "kind": ["lib"], "crate_types": ["rlib", crate_type], "name": name },
            "filenames": [format!("/t/{name}.rlib"), file],
            "fresh": true,
        })
        .to_string()
    }

    fn chosen(messages: &[String]) -> Result<PathBuf, String> {
        let artifacts = parse(messages.join("\n").as_bytes()).expect("a text can be read");
        choose(artifacts, Path::new("/a/Cargo.toml"), Path::new("/a"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_component_of_the_package_is_chosen() {
        let own = message("/a/Cargo.toml", "own", "cdylib", "/t/own.wasm");
        let other = message("/b/Cargo.toml", "other", "cdylib", "/t/other.wasm");
        let program = message("/a/Cargo.toml", "program", "bin", "/t/program.wasm");
        let native = message("/a/Cargo.toml", "native", "cdylib", "/t/libnative.so");
        let noise = ["".to_owned(), "text".to_owned(), r#"{"reason":"build-finished"}"#.to_owned()];
        let component = || Ok(PathBuf::from("/t/own.wasm"));
        assert_eq!(chosen(std::slice::from_ref(&own)), component());
        assert_eq!(
            chosen(&[&noise[..], &[other.clone(), own, program.clone()]].concat()),
            component()
        );
        assert_eq!(chosen(std::slice::from_ref(&other)), Ok("/t/other.wasm".into()));
        let none = Err("no package in /a builds a component".to_owned());
        assert_eq!(chosen(&[program, native]), none);
        assert_eq!(chosen(&noise), none);
        let third = message("/c/Cargo.toml", "third", "cdylib", "/t/third.wasm");
        assert_eq!(
            chosen(&[other, third]),
            Err("several components were built: other, third".into())
        );
    }
}
