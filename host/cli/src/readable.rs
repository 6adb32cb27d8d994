//! Results in a form that people or machines read.

use std::fmt;
use std::io::{self, Write};
use std::str;

use anchorhold_model::printable;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A result in a form that is read, byte for byte as it is.
pub(crate) enum Readable<'a> {
    Json(&'a RawValue),
    Text(&'a str),
    Hex(Hex<'a>),
}

/// Up to this size JSON is laid out on lines for people.
const LAID_OUT_BYTES: usize = 64 << 10;
/// Up to this size bytes that are no text are shown to people.
const SHOWN_BYTES: usize = 1 << 10;
/// How much of a result is written at once.
const PIECE_CHARS: usize = 4 << 10;

impl<'a> Readable<'a> {
    pub(crate) fn new(result: &'a [u8]) -> Self {
        match serde_json::from_slice::<&RawValue>(result) {
            Ok(json) if json.get().len() == result.len() => Self::Json(json),
            _ => str::from_utf8(result).map_or(Self::Hex(Hex(result)), Self::Text),
        }
    }

    /// Writes it for people, ending with a line's end.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json(json) => match laid_out(json.get()) {
                Some(text) => write_lines(out, &text),
                None => write_lines(out, json.get()),
            },
            Self::Text(text) => write_lines(out, text),
            Self::Hex(Hex(bytes)) if bytes.len() > SHOWN_BYTES => {
                writeln!(
                    out,
                    "{} bytes that are no text: --output writes them to a file",
                    bytes.len()
                )
            }
            Self::Hex(hex) => writeln!(out, "hexadecimal {hex}"),
        }
    }
}

/// Lays JSON out on lines, where that changes no number and drops no repeated key.
fn laid_out(json: &str) -> Option<String> {
    let small = json.len() <= LAID_OUT_BYTES;
    let value: Value = small.then(|| serde_json::from_str(json).ok())??;
    let again = value.to_string();
    (again == json).then(|| format!("{value:#}"))
}

/// Writes lines of which some are a guest's own words, a piece at a time: one may be very long.
fn write_lines(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for mut line in text.lines() {
        while let Some((end, _)) = line.char_indices().nth(PIECE_CHARS) {
            write!(out, "{}", printable(&line[..end]))?;
            line = &line[end..];
        }
        writeln!(out, "{}", printable(line))?;
    }
    Ok(())
}

/// Bytes that are no text.
pub(crate) struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A result for machines. At most one of the forms is there; its name says which it is.
#[derive(Default, Serialize)]
pub(crate) struct JsonResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_hex: Option<Hex<'a>>,
}

impl<'a> JsonResult<'a> {
    pub(crate) fn new(result: &'a [u8]) -> Self {
        match Readable::new(result) {
            Readable::Json(json) => Self { result: Some(json), ..Self::default() },
            Readable::Text(text) => Self { result_text: Some(text), ..Self::default() },
            Readable::Hex(hex) => Self { result_hex: Some(hex), ..Self::default() },
        }
    }
}
