//! Results as files, byte for byte as the parties returned them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anchorhold_model::Seat;

use crate::{CommandError, Kind};

/// Where results are written beside being printed.
#[derive(Debug, clap::Args)]
pub(crate) struct ResultFiles {
    /// Write each party's result as it is to a file of its own, named by seat and organization, in this
    /// folder, which must be empty or not there yet
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl ResultFiles {
    /// Refuses where no result is waited for.
    ///
    /// # Errors
    ///
    /// Where a folder was given.
    pub(crate) fn none_yet(&self) -> Result<(), CommandError> {
        self.refuse("--output needs --wait")
    }

    /// Refuses where there are results of several tasks.
    ///
    /// # Errors
    ///
    /// Where a folder was given.
    pub(crate) fn of_one_task(&self) -> Result<(), CommandError> {
        self.refuse("--output is for one task: with --run the next one is another command's")
    }

    fn refuse(&self, text: &str) -> Result<(), CommandError> {
        match self.output {
            None => Ok(()),
            Some(_) => Err(CommandError::new(Kind::Usage, text)),
        }
    }

    /// Makes the folder, before anything is asked for whose results could not be written.
    ///
    /// # Errors
    ///
    /// Where it cannot be made, or has something in it.
    pub(crate) fn prepare(&self) -> Result<(), CommandError> {
        let Some(folder) = &self.output else { return Ok(()) };
        let wrong = |problem: String| {
            CommandError::input(format!("--output {}: {problem}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
        let mut there = fs::read_dir(folder).map_err(|error| wrong(error.to_string()))?;
        match there.next() {
            None => Ok(()),
            Some(_) => Err(wrong("the folder is not empty".to_owned())),
        }
    }

    /// Writes the results that there are: each with its seat and the name of its organization.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written, or is there already.
    pub(crate) fn write<'a>(
        &self,
        results: impl IntoIterator<Item = (Seat, &'a str, Option<&'a [u8]>)>,
    ) -> Result<(), CommandError> {
        let Some(folder) = &self.output else { return Ok(()) };
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |error: io::Error| {
                CommandError::input(format!("the result cannot be written to {path}: {error}"))
            }
        };
        for (seat, organization, result) in results {
            let Some(result) = result else { continue };
            let path = folder.join(file_name(seat, organization));
            let write = || {
                let mut file = File::create_new(&path)?;
                file.write_all(result)?;
                file.sync_all()
            };
            write().map_err(failed(&path))?;
        }
        Ok(())
    }
}

/// Names a file such that no organization's name leads out of the folder.
fn file_name(Seat(seat): Seat, organization: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    format!("{seat}-{}", organization.chars().take(64).map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_for_each_result_and_none_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("of/task");
        let files = ResultFiles { output: Some(output.clone()) };
        let results: [(Seat, &str, Option<&[u8]>); 3] = [
            (Seat(0), "north", Some(b"\0a")),
            (Seat(1), "middle", None),
            (Seat(2), "../so/uth", Some(b"")),
        ];
        files.prepare().unwrap();
        files.write(results).unwrap();
        let error = files.prepare().unwrap_err().to_string();
        assert!(error.contains("the folder is not empty"), "{error}");
        assert_eq!(fs::read(output.join("0-north")).unwrap(), b"\0a");
        assert_eq!(fs::read(output.join("2-___so_uth")).unwrap(), b"");
        assert_eq!(fs::read_dir(&output).unwrap().count(), 2);
        let error = files.write([(Seat(0), "north", Some(&b"b"[..]))]).unwrap_err().to_string();
        assert!(error.contains("0-north"), "{error}");
        assert_eq!(fs::read(output.join("0-north")).unwrap(), b"\0a");
        ResultFiles { output: None }.write(results).unwrap();
    }
}
