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

const FILE: &str = "run.json";

/// The folder of a local run, and its storage, which no other command has meanwhile.
pub(super) struct Place {
    // Closed before the folder goes.
    store: Store,
    folder: PathBuf,
    kept: Kept,
    temporary: Option<TempDir>,
}

/// What must be known to go on with a run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The key of what is stored.
    key: [u8; 32],
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
        let kept = Kept::new()?;
        let store = kept.store(folder.path())?;
        Ok(Self { store, folder: folder.path().to_owned(), kept, temporary: Some(folder) })
    }

    /// Goes on with the run of a folder, or begins one there.
    pub(super) fn of_run(folder: &Path) -> Result<Self, CommandError> {
        let cannot = |error: &dyn std::fmt::Display| {
            CommandError::input(format!("{} is no folder of a run: {error}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
        if !folder.join(FILE).exists() {
            // Nothing else may be there.
            if fs::read_dir(folder).map_err(|error| cannot(&error))?.next().is_some() {
                return Err(cannot(&format!("it is not empty and has no {FILE}")));
            }
            Kept::new()?.write(folder, true).map_err(|error| cannot(&error))?;
        }
        let read = || -> Result<Kept, CommandError> {
            let text = fs::read(folder.join(FILE)).map_err(|error| cannot(&error))?;
            serde_json::from_slice(&text).map_err(|error| cannot(&error))
        };
        let store = read()?.store(folder)?;
        // Again: nobody else changes it from now on.
        Ok(Self { store, folder: folder.to_owned(), kept: read()?, temporary: None })
    }

    /// Returns the storage of all parties.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Says where a party's storage is, whatever its seat is in this task or that.
    pub(super) fn run_of(organization: &str) -> RunId {
        RunId::from_bytes(Sha256::digest(organization).into())
    }

    /// Counts a task: with a seed that is given, it so draws other random numbers than those before.
    pub(super) fn next_task(&mut self) -> Result<u32, CommandError> {
        let ordinal = self.kept.tasks;
        self.kept.tasks += 1;
        if self.temporary.is_none() {
            self.kept.write(&self.folder, false).map_err(CommandError::fault)?;
        }
        Ok(ordinal)
    }
}

impl Kept {
    fn new() -> Result<Self, CommandError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(CommandError::fault)?;
        Ok(Self { key, tasks: 0 })
    }

    fn store(&self, folder: &Path) -> Result<Store, CommandError> {
        let store = Store::open(&folder.join("storage"), &StorageKey::from_bytes(self.key));
        store.map_err(|error| CommandError::input(anchorhold_model::chain(&error)))
    }

    /// Writes the file anew: it is whole at any time, and only its owner may read it. Where it must be new,
    /// one that is there stays.
    fn write(&self, folder: &Path, is_new: bool) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        file.as_file().sync_all()?;
        let path = folder.join(FILE);
        let _ = if is_new { file.persist_noclobber(path) } else { file.persist(path) }?;
        fs::File::open(folder)?.sync_all()
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
        assert!(Place::of_run(&folder).is_err(), "another command has it");
        drop(place);
        assert_eq!(Place::of_run(&folder).unwrap().next_task().unwrap(), 2);
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
