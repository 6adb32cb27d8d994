//! The arguments of an algorithm: read, and checked against the schema that it declares.

use std::fs::File;
use std::io::{self, Read as _};
use std::sync::mpsc;
use std::time::Duration;

use anchorhold_model::{Description, limits};

use crate::{CommandError, Kind};

/// How long the arguments may take to be checked: a schema of a hundred fields takes no second.
const SCHEMA_TIME: Duration = Duration::from_secs(10);

/// Reads arguments, each JSON or @FILE, and checks them against the algorithm's schema.
pub(crate) fn arguments(
    given: &[String],
    description: &Description,
) -> Result<Vec<Vec<u8>>, CommandError> {
    let name = description.name().to_owned();
    let (given, schema) = (given.to_vec(), description.arguments().clone());
    let (sender, receiver) = mpsc::channel();
    // The schema is the guest's: it may take for ever, and then this thread ends with the process.
    std::thread::spawn(move || sender.send(check(&given, &schema)));
    match receiver.recv_timeout(SCHEMA_TIME) {
        Ok(checked) => checked,
        Err(_) => {
            let text = format!(
                "{name}'s schema does not check the arguments within {} s",
                SCHEMA_TIME.as_secs()
            );
            Err(CommandError::new(Kind::Refused, text))
        }
    }
}

fn check(given: &[String], schema: &serde_json::Value) -> Result<Vec<Vec<u8>>, CommandError> {
    let schema = jsonschema::validator_for(schema).map_err(|error| {
        let text = format!("the algorithm has no valid schema of arguments: {error}");
        CommandError::new(Kind::Refused, text)
    })?;
    given.iter().map(|given| argument(given, &schema)).collect()
}

fn argument(given: &str, schema: &jsonschema::Validator) -> Result<Vec<u8>, CommandError> {
    let text = match given.strip_prefix('@') {
        Some(file) => {
            read(file).map_err(|error| CommandError::input(format!("{file}: {error}")))?
        }
        None => given.to_owned(),
    };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
        CommandError::input(format!("the arguments are not JSON: {error}"))
            .with_hint("quote them for the shell, or write them to a file and give @FILE")
    })?;
    if let Some(error) = schema.iter_errors(&value).next() {
        let path = error.instance_path().to_string();
        let place = if path.is_empty() { String::new() } else { format!(" at {path}") };
        return Err(CommandError::input(format!("the arguments do not fit{place}: {error}"))
            .with_hint("`anchorhold algorithm inspect FILE.wasm` prints what they must be"));
    }
    // The text itself: to write the value anew could change a number.
    Ok(text.into_bytes())
}

/// Reads a file, and no more of it than arguments may have.
fn read(file: &str) -> io::Result<String> {
    let problem = |text: String| io::Error::new(io::ErrorKind::InvalidInput, text);
    if !std::fs::metadata(file)?.is_file() {
        return Err(problem("this is not a file".into()));
    }
    let mut text = String::new();
    let most = limits::ARGUMENT_BYTES;
    File::open(file)?.take(most as u64 + 1).read_to_string(&mut text)?;
    if text.len() > most {
        return Err(problem(format!("arguments have at most {most} bytes")));
    }
    Ok(text)
}
