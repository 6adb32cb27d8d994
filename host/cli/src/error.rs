//! What a command says when it does not do what it was asked for.

use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anchorhold_model::{chain, printable};

/// Why a command failed, as a user needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

/// Whose turn it is after a failure; each kind has an exit code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line is not one.
    Usage,
    /// A file, a folder or an argument is not as it must be.
    Input,
    /// A node or the server does not accept it: a component, a call, a task.
    Refused,
    /// The algorithm ended otherwise than by finishing.
    Failed,
    /// The host itself failed.
    Fault,
    /// Somebody interrupted the command.
    Interrupted,
}

impl Kind {
    /// Returns the exit code: 2, 3, 4, 5; as `EX_SOFTWARE` of sysexits.h, 70; and as a shell says
    /// of a program that SIGINT ended, 130.
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// Ends the process with the exit code, whatever other threads are at.
    pub(crate) fn exit(self) -> ! {
        std::process::exit(self.code().into())
    }

    fn code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Input => 3,
            Self::Refused => 4,
            Self::Failed => 5,
            Self::Fault => 70,
            Self::Interrupted => 130,
        }
    }
}

impl CommandError {
    /// Says what went wrong: lower case, without a full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// Says what is wrong with a file, a folder or an argument.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Says what failed in the host, with all causes.
    pub fn fault(error: impl Error) -> Self {
        Self::new(Kind::Fault, chain(&error))
    }

    /// Adds what the user can do about it.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some of it is a guest's own words, or a file's.
        write!(f, "error: {}", printable(&self.message))?;
        self.hint.iter().try_for_each(|hint| write!(f, "\nhint: {}", printable(hint)))
    }
}

impl Error for CommandError {}

impl From<io::Error> for CommandError {
    /// Says that what was asked for could not be written.
    fn from(error: io::Error) -> Self {
        Self::new(Kind::Fault, format!("cannot write the output: {error}"))
    }
}

/// Says something on standard error. That nobody reads it is no reason to fail.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot write x")]
    struct Outer(#[source] io::Error);

    #[test]
    fn causes_and_hint_are_said() {
        let error = CommandError::fault(Outer(io::Error::other("disk full")));
        assert_eq!(error.to_string(), "error: cannot write x: disk full");
        let error = CommandError::input("no file").with_hint("name one");
        assert_eq!(error.to_string(), "error: no file\nhint: name one");
    }
}
