//! `anchorhold algorithm`: what there is to do with an algorithm.

mod build;
mod inspect;
mod run;

use std::fs::{File, metadata};
use std::io::{Read as _, Write};
use std::path::Path;

use anchorhold_model::limits::COMPONENT_BYTES;
use clap::Subcommand;

use crate::CommandError;

/// What to do with an algorithm.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Build(build::Build),
    Inspect(inspect::Inspect),
    Run(run::Run),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::Build(verb) => verb.run(out),
            Self::Inspect(verb) => verb.run(out),
            Self::Run(verb) => verb.run(out),
        }
    }
}

/// Reads a component, and no more of it than shows that it is too large.
fn read_component(file: &Path) -> Result<Vec<u8>, CommandError> {
    let problem = |text: String| CommandError::input(format!("{}: {text}", file.display()));
    let metadata = metadata(file).map_err(|error| problem(error.to_string()))?;
    if !metadata.is_file() {
        return Err(problem("this is not a file".into()));
    }
    if metadata.len() > COMPONENT_BYTES {
        let text = format!("it has {} bytes; at most {COMPONENT_BYTES} are taken", metadata.len());
        return Err(problem(text));
    }
    let mut component = Vec::new();
    File::open(file)
        .and_then(|opened| opened.take(COMPONENT_BYTES + 1).read_to_end(&mut component))
        .map_err(|error| problem(error.to_string()))?;
    Ok(component)
}
