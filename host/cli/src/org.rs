//! `anchorhold org`: an organization's identity.

mod list;
mod new;
mod register;
mod rotate;
mod show;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anchorhold_identity::{
    Fingerprint, FolderError, OrganizationKey, RSA_BITS, RootKey, Statement,
};
use anchorhold_model::chain;
use clap::{Args, Subcommand};

use crate::CommandError;
use crate::passphrase::PassphraseError;
use crate::time::{date, now};

/// What to do with an organization's identity.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    New(new::New),
    Show(show::Show),
    Rotate(rotate::Rotate),
    Register(register::Register),
    List(list::List),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::New(verb) => verb.run(out),
            Self::Show(verb) => verb.run(out),
            Self::Rotate(verb) => verb.run(out),
            Self::Register(verb) => verb.run(out),
            Self::List(verb) => verb.run(out),
        }
    }
}

/// How long before it is made a statement is valid, for clocks that are behind.
const EARLY: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What a new key is to be.
#[derive(Debug, Args)]
struct KeyOptions {
    /// Bits of the RSA key
    #[arg(long, value_name = "NUMBER", default_value_t = RSA_BITS)]
    #[arg(value_parser = clap::value_parser!(u32).range(3072..=8192))]
    bits: u32,
    /// For how many days others shall take the key
    #[arg(long, value_name = "DAYS", default_value_t = 730)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// File with the passphrase of the organization's key, in one line
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// File with the passphrase of the root key, in one line
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
}

impl KeyOptions {
    /// Makes a key and lets the root state it.
    fn state(&self, root: &RootKey, name: &str, number: u64) -> (Statement, OrganizationKey) {
        let key = OrganizationKey::generate(self.bits);
        let now = Duration::from_secs(now());
        let valid = (now.saturating_sub(EARLY).as_secs(), (now + DAY * self.days).as_secs());
        (root.state(name, number, &key, valid), key)
    }
}

/// Says what others need to know of an organization.
fn print(out: &mut dyn Write, folder: &Path, statement: &Statement) -> io::Result<()> {
    let value = statement.value();
    let fingerprint = in_groups(&statement.organization()).join("\n              ");
    writeln!(out, "organization  {}", value.name)?;
    writeln!(out, "fingerprint   {fingerprint}")?;
    writeln!(out, "key           {}, RSA of {} bits", value.number, statement.encryption().bits())?;
    writeln!(out, "valid         {} to {}", date(value.not_before), date(value.not_after))?;
    writeln!(out, "statement     {}", statement_file(folder, statement).display())
}

/// Returns a fingerprint as it is read out on the telephone: lines of four groups.
pub(crate) fn in_groups(fingerprint: &Fingerprint) -> Vec<String> {
    let text = fingerprint.to_string();
    let groups: Vec<&str> = text.split('-').collect();
    groups.chunks(4).map(|line| line.join(" ")).collect()
}

/// Says the same for machines.
fn json(folder: &Path, statement: &Statement) -> serde_json::Value {
    let value = statement.value();
    serde_json::json!({
        "name": value.name,
        "fingerprint": statement.organization(),
        "number": value.number,
        "rsa_bits": statement.encryption().bits(),
        "not_before": value.not_before,
        "not_after": value.not_after,
        "statement": statement_file(folder, statement),
    })
}

fn statement_file(folder: &Path, statement: &Statement) -> PathBuf {
    folder.join(statement.value().number.to_string()).join("statement.pem")
}

impl From<FolderError> for CommandError {
    fn from(error: FolderError) -> Self {
        Self::input(chain(&error))
    }
}

impl From<PassphraseError> for CommandError {
    fn from(error: PassphraseError) -> Self {
        let hint = error.hint();
        Self::input(chain(&error)).with_hint(hint)
    }
}
