//! Where passphrases come from: a file, the environment, or a prompt, in this order.

use std::env;
use std::io;
use std::path::Path;

use anchorhold_identity::{KeyFileError, Passphrase};

/// Which key a passphrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The organization's key.
    Organization,
    /// The root key.
    Root,
}

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PassphraseError {
    /// It is none, or its file cannot be read.
    #[error("the passphrase of {whose} cannot be taken")]
    NotTaken { whose: &'static str, variable: &'static str, source: KeyFileError },
    /// There is no terminal to ask on.
    #[error("the passphrase of {whose} cannot be asked for")]
    NoTerminal { whose: &'static str, variable: &'static str, source: io::Error },
    /// It was not the same twice.
    #[error("the two passphrases of {whose} differ")]
    Differ { whose: &'static str, variable: &'static str },
}

impl PassphraseError {
    /// Says what the user can do about it.
    pub(crate) fn hint(&self) -> String {
        let (Self::NotTaken { variable, .. }
        | Self::NoTerminal { variable, .. }
        | Self::Differ { variable, .. }) = self;
        format!("run it on a terminal, name a file with the passphrase, or set {variable}")
    }
}

impl Whose {
    fn name(self) -> &'static str {
        match self {
            Self::Organization => "the organization's key",
            Self::Root => "the root key",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Organization => "ANCHORHOLD_PASSPHRASE",
            Self::Root => "ANCHORHOLD_ROOT_PASSPHRASE",
        }
    }

    fn take(self, text: String) -> Result<Passphrase, PassphraseError> {
        Passphrase::new(text).map_err(|source| self.not_taken(source))
    }

    fn not_taken(self, source: KeyFileError) -> PassphraseError {
        PassphraseError::NotTaken { whose: self.name(), variable: self.variable(), source }
    }

    fn prompt(self, prompt: &str) -> Result<String, PassphraseError> {
        rpassword::prompt_password(format!("{prompt} {}: ", self.name())).map_err(|source| {
            PassphraseError::NoTerminal { whose: self.name(), variable: self.variable(), source }
        })
    }
}

/// Returns the passphrase of a key that there is.
pub(crate) fn passphrase(whose: Whose, file: Option<&Path>) -> Result<Passphrase, PassphraseError> {
    match given(whose, file)? {
        Some(passphrase) => Ok(passphrase),
        None => whose.take(whose.prompt("passphrase of")?),
    }
}

/// Returns the passphrase for a new key, for which a prompt asks twice.
pub(crate) fn new_passphrase(
    whose: Whose,
    file: Option<&Path>,
) -> Result<Passphrase, PassphraseError> {
    if let Some(passphrase) = given(whose, file)? {
        return Ok(passphrase);
    }
    let [first, second] =
        [whose.prompt("new passphrase of")?, whose.prompt("once more the passphrase of")?];
    if first != second {
        return Err(PassphraseError::Differ { whose: whose.name(), variable: whose.variable() });
    }
    whose.take(first)
}

fn given(whose: Whose, file: Option<&Path>) -> Result<Option<Passphrase>, PassphraseError> {
    if let Some(file) = file {
        let read = Passphrase::read(file);
        return read.map(Some).map_err(|source| whose.not_taken(source));
    }
    env::var(whose.variable()).ok().map(|text| whose.take(text)).transpose()
}
