//! Components: read from files, and prepared so that they say what they are.

use std::fmt;
use std::fs::{File, metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anchorhold_model::limits::COMPONENT_BYTES;
use anchorhold_model::{Description, TaskError, chain};
use anchorhold_sandbox::{Algorithm, Cache, CacheKey, Engine, EngineConfig};

use crate::{CommandError, Kind, say};

/// Reads a component, and no more of it than shows that it is too large.
pub(crate) fn read_component(file: &Path) -> Result<Vec<u8>, CommandError> {
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

/// Prepares a component, which `whence` names in errors, as a node does.
pub(crate) async fn prepare(
    whence: impl fmt::Display,
    component: Vec<u8>,
    cached: bool,
) -> Result<Arc<Algorithm>, CommandError> {
    let prepared = engine(cached)?.prepare(component).await;
    // Why a component is not one that a host takes.
    prepared.map_err(|error| CommandError::new(Kind::Refused, format!("{whence}: {error}")))
}

/// Returns the `name@version` of an algorithm.
pub(crate) fn full_name(description: &Description) -> String {
    format!("{}@{}", description.name(), description.version())
}

/// Says why the parties do not make a task; of a role with too few or too many, what it learns.
pub(crate) fn not_a_task(error: &TaskError, description: &Description) -> CommandError {
    let said = CommandError::input(error.to_string());
    let TaskError::WrongNumber { role: name, .. } = error else { return said };
    match description.roles().iter().find(|role| role.name == *name) {
        Some(role) => said.with_hint(format!("what a party in this role learns: {}", role.learns)),
        None => said,
    }
}

/// Sets up the engine, with the cache of compiled components in the user's folders where those are
/// known and writable.
fn engine(cached: bool) -> Result<Engine, CommandError> {
    let cache = if cached { cache() } else { None };
    Engine::new(EngineConfig { cache, executions: 300 }).map_err(CommandError::fault)
}

/// Opens the cache: `$XDG_CACHE_HOME/anchorhold` with its key in `$XDG_STATE_HOME/anchorhold`, so
/// that clearing or sharing the one does not touch the other.
fn cache() -> Option<Cache> {
    let folder = |variable: &str, default: &str| {
        let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(default));
        Some(set.or_else(home)?.join("anchorhold"))
    };
    let key_file = folder("XDG_STATE_HOME", ".local/state")?.join("component-cache.key");
    let folder = folder("XDG_CACHE_HOME", ".cache")?.join("components");
    let opened = CacheKey::open(&key_file).and_then(|key| Cache::open(&folder, key));
    opened.inspect_err(|error| say(&format!("warning: {}; compiling anew", chain(error)))).ok()
}
