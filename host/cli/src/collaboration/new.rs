//! `anchorhold collaboration new`: writes the file that the members share.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use anchorhold_client::{CollaborationFile, InvalidCollaboration, NamedAlgorithm, Origin};
use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::chain;

use super::{json, print};
use crate::component::{full_name, prepare, read_component};
use crate::{CommandError, Kind, runtime};

/// The largest file of a statement.
const STATEMENT_BYTES: u64 = 64 << 10;

/// Writes the file of a collaboration
///
/// Each member must have the same file, and must have compared the fingerprints with the others
/// themselves, best on the telephone: what the file pins is what everybody's node believes.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// File to make
    file: PathBuf,
    /// What the collaboration is called
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Where its server is, such as https://anchorhold.example.org
    #[arg(long, value_name = "ORIGIN", env = "ANCHORHOLD_SERVER")]
    server: Origin,
    /// A member: what the others call it, and its fingerprint or the file of its key statement
    #[arg(long, value_name = "NAME=FINGERPRINT|STATEMENT.pem", required = true)]
    organization: Vec<String>,
    /// A component that nodes may run; without any, each node's own policy decides alone
    #[arg(long, value_name = "FILE.wasm")]
    algorithm: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl New {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let members = self.organization.iter().map(|given| member(given));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        let algorithms = self.algorithm.iter().map(|file| algorithm(file));
        let algorithms = algorithms.collect::<Result<Vec<_>, _>>()?;
        let file = CollaborationFile::new(&self.name, self.server, members, algorithms)?;
        write(&self.file, &file.to_toml()).map_err(|error| {
            CommandError::input(format!("{} cannot be made: {error}", self.file.display()))
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json(&file))?);
        }
        Ok(print(out, &file)?)
    }
}

/// Writes a file that must not be there yet.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Reads `NAME=FINGERPRINT` or `NAME=STATEMENT.pem`.
fn member(given: &str) -> Result<(String, Fingerprint), CommandError> {
    let form = || {
        let text = format!("--organization {given}: expected NAME=FINGERPRINT or NAME=FILE");
        CommandError::new(Kind::Usage, text)
    };
    let (name, value) = given.split_once('=').ok_or_else(form)?;
    let fingerprint = match value.parse() {
        Ok(fingerprint) => fingerprint,
        Err(error) if !Path::new(value).exists() => {
            let text = format!("{value:?} is neither a file nor a fingerprint: {error}");
            return Err(CommandError::input(text)
                .with_hint("`anchorhold org show` prints the fingerprint of an organization"));
        }
        Err(_) => of_statement(Path::new(value))?,
    };
    Ok((name.to_owned(), fingerprint))
}

fn of_statement(path: &Path) -> Result<Fingerprint, CommandError> {
    let mut text = String::new();
    let problem = |text: String| CommandError::input(format!("{}: {text}", path.display()));
    let read =
        File::open(path).and_then(|file| file.take(STATEMENT_BYTES).read_to_string(&mut text));
    read.map_err(|error| problem(error.to_string()))?;
    let statement = Statement::from_pem(&text).map_err(|error| problem(chain(&error)))?;
    Ok(statement.organization())
}

/// Asks a component what it is called.
fn algorithm(file: &Path) -> Result<NamedAlgorithm, CommandError> {
    let component = read_component(file)?;
    let algorithm = runtime()?.block_on(prepare(file.display(), component, true))?;
    let name = full_name(algorithm.description());
    Ok(NamedAlgorithm { name, digest: algorithm.inspection().digest })
}

impl From<InvalidCollaboration> for CommandError {
    fn from(error: InvalidCollaboration) -> Self {
        Self::input(chain(&error))
    }
}
