//! Where a local run keeps what its tasks store: in a folder that goes with the command, or in one that
//! a later command goes on with.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anchorhold_model::RunId;
use anchorhold_storage::{StorageKey, Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir};

use crate::CommandError;
use crate::local::Seed;

const FILE: &str = "run.json";

/// The folder of a local run.
pub(super) struct Place {
    folder: PathBuf,
    kept: Kept,
    _temporary: Option<TempDir>,
}

/// What must be known to go on with a run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The key of what is stored.
    key: [u8; 32],
    /// What random numbers are drawn from, where no number is given.
    seed: [u8; 32],
    /// How many tasks were begun.
    tasks: u32,
}

impl Place {
    /// Makes a folder that goes with the command.
    pub(super) fn temporary() -> Result<Self, CommandError> {
        let folder = tempfile::Builder::new().prefix("anchorhold-").tempdir().map_err(|error| {
            CommandError::input(format!("the temporary folder cannot be used: {error}"))
                .with_hint("TMPDIR names another one")
        })?;
        let path = folder.path().to_owned();
        Ok(Self { folder: path, kept: Kept::new()?, _temporary: Some(folder) })
    }

    /// Goes on with the run of a folder, or begins one there.
    pub(super) fn of_run(folder: &Path) -> Result<Self, CommandError> {
        let cannot = |error: &dyn std::fmt::Display| {
            CommandError::input(format!("{} is no folder of a run: {error}", folder.display()))
        };
        let kept = match fs::read(folder.join(FILE)) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| cannot(&error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
                // Nothing else may be there.
                if fs::read_dir(folder).map_err(|error| cannot(&error))?.next().is_some() {
                    return Err(cannot(&format!("it is not empty and has no {FILE}")));
                }
                Kept::new()?
            }
            Err(error) => return Err(cannot(&error)),
        };
        Ok(Self { folder: folder.to_owned(), kept, _temporary: None })
    }

    /// Opens the storage of all parties.
    pub(super) fn store(&self) -> Result<Store, CommandError> {
        let store =
            Store::open(&self.folder.join("storage"), &StorageKey::from_bytes(self.kept.key));
        store.map_err(|error| CommandError::input(anchorhold_model::chain(&error)))
    }

    /// Says where a party's storage is, whatever its seat is in this task or that.
    pub(super) fn run_of(organization: &str) -> RunId {
        RunId::from_bytes(Sha256::digest(organization).into())
    }

    /// Returns what random numbers are drawn from.
    pub(super) fn seed(&self) -> Seed {
        Seed::Fresh(self.kept.seed)
    }

    /// Counts a task, which so draws other random numbers than those before, however it ends.
    pub(super) fn next_task(&mut self) -> Result<u32, CommandError> {
        let ordinal = self.kept.tasks;
        self.kept.tasks += 1;
        if self._temporary.is_none() {
            self.write().map_err(CommandError::fault)?;
        }
        Ok(ordinal)
    }

    /// Writes the file anew: it is whole at any time, and only its owner may read it.
    fn write(&self) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, &self.kept)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(FILE))?;
        fs::File::open(&self.folder)?.sync_all()
    }
}

impl Kept {
    fn new() -> Result<Self, CommandError> {
        let [mut key, mut seed] = [[0; 32]; 2];
        getrandom::fill(&mut key).map_err(CommandError::fault)?;
        getrandom::fill(&mut seed).map_err(CommandError::fault)?;
        Ok(Self { key, seed, tasks: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_where_it_was_and_no_two_tasks_have_one_number() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("run");
        let mut place = Place::of_run(&folder).unwrap();
        assert_eq!([place.next_task().unwrap(), place.next_task().unwrap()], [0, 1]);
        let Seed::Fresh(seed) = place.seed() else { panic!("it is fresh") };
        drop(place);
        let mut place = Place::of_run(&folder).unwrap();
        assert!(matches!(place.seed(), Seed::Fresh(same) if same == seed));
        assert_eq!(place.next_task().unwrap(), 2);
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(folder.join(FILE)).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_folder_of_something_else_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        fs::write(&path, "mine").unwrap();
        let refused = |expected: &str| {
            let error = Place::of_run(folder.path()).err().expect("it is refused");
            assert!(error.to_string().contains(expected), "{error}");
        };
        refused("is no folder of a run: it is not empty and has no run.json");
        fs::write(folder.path().join(FILE), "{}").unwrap();
        refused("is no folder of a run: missing field");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
