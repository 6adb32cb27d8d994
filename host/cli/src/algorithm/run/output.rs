//! What `algorithm run` prints.

use std::fmt;
use std::io::{self, Write};
use std::str;

use anchorhold_model::{Ending, Seat, printable};
use anchorhold_sandbox::{Algorithm, LogEntry, Report};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::LocalInput;
use super::watch::Seen;
use crate::local::Sent;
use crate::{CommandError, Kind};

/// Says what runs, and on which data.
pub(super) fn header(
    out: &mut dyn Write,
    algorithm: &Algorithm,
    parties: &[LocalInput],
) -> io::Result<()> {
    let description = algorithm.description();
    writeln!(
        out,
        "{}@{}  {}",
        description.name(),
        description.version(),
        algorithm.inspection().digest
    )?;
    writeln!(out, "{}", description.summary())?;
    writeln!(out, "\nparties")?;
    for (seat, input) in parties.iter().enumerate() {
        writeln!(out, "  {seat} {} ({})", input.party.organization, input.party.role)?;
        for grant in &input.datasets {
            let dataset = grant.dataset();
            let columns: Vec<_> =
                grant.columns().map(|offered| offered.column.to_string()).collect();
            let name = dataset.name();
            let path = printable(&dataset.path().display().to_string());
            writeln!(out, "    {name}: {path}, {} rows", dataset.rows())?;
            writeln!(out, "    {}", printable(&columns.join(" ")))?;
        }
    }
    writeln!(out)
}

/// Says the results, what each party saw and, if asked for, every message.
pub(super) fn report(
    out: &mut dyn Write,
    parties: &[LocalInput],
    tasks: &[Vec<Report>],
    seen: &Seen,
    trace: bool,
) -> io::Result<()> {
    for (task, reports) in tasks.iter().enumerate() {
        let number = if tasks.len() > 1 { format!(" of task {task}") } else { String::new() };
        results(out, &number, parties, reports)?;
    }
    writeln!(out, "\nwhat each party saw beside its own data")?;
    for (seat, input) in parties.iter().enumerate() {
        view(out, seat, input, tasks, seen)?;
    }
    if trace {
        writeln!(
            out,
            "\nmessages, with the last bytes of each; no party sees all of them, as you do here"
        )?;
        for sent in &seen.sent {
            message(out, parties, sent)?;
        }
    }
    Ok(())
}

fn results(
    out: &mut dyn Write,
    number: &str,
    parties: &[LocalInput],
    reports: &[Report],
) -> io::Result<()> {
    let results: Vec<_> = reports.iter().map(|report| bytes(&report.ending)).collect();
    match results.as_slice() {
        [Some(first), rest @ ..] if rest.iter().all(|other| *other == Some(*first)) => {
            writeln!(out, "result{number}, the same for every party")?;
            Readable::new(first).write(out)?;
        }
        _ => {
            for (input, report) in parties.iter().zip(reports) {
                writeln!(out, "result{number} for {}", input.party.organization)?;
                match bytes(&report.ending) {
                    Some(result) => Readable::new(result).write(out)?,
                    None => writeln!(out, "none: its execution {}", said(&report.ending))?,
                }
            }
        }
    }
    Ok(())
}

/// Returns an ending in words that a terminal does not act on.
fn said(ending: &Ending) -> String {
    printable(&ending.to_string())
}

fn view(
    out: &mut dyn Write,
    seat: usize,
    input: &LocalInput,
    tasks: &[Vec<Report>],
    seen: &Seen,
) -> io::Result<()> {
    let (messages, bytes) = seen.received.get(seat).copied().unwrap_or_default();
    let results = tasks.iter().filter_map(|reports| reports.get(seat));
    let results = results.filter(|report| matches!(report.ending, Ending::Finished(_))).count();
    let name = &input.party.organization;
    writeln!(out, "  {name:12} messages: {messages}, of {bytes} bytes in all; results: {results}")
}

fn message(out: &mut dyn Write, parties: &[LocalInput], sent: &Sent) -> io::Result<()> {
    let Sent { task, round, from, to, topic, bytes, last_bytes, .. } = sent;
    let (from, to, topic) = (name(parties, *from), name(parties, *to), printable(topic));
    writeln!(
        out,
        "  task {task} round {round:3}  {from:12} -> {to:12} {bytes:9} bytes  {last_bytes}  {topic}"
    )
}

/// Everything, for machines.
#[derive(Serialize)]
struct Everything<'a> {
    algorithm: &'a str,
    version: &'a str,
    digest: String,
    parties: Vec<Value>,
    tasks: Vec<Vec<JsonReport<'a>>>,
    messages: &'a [Sent],
    log: Vec<Value>,
}

/// Says everything as one JSON value.
pub(super) fn json(
    out: &mut dyn Write,
    algorithm: &Algorithm,
    parties: &[LocalInput],
    tasks: &[Vec<Report>],
    seen: &Seen,
) -> io::Result<()> {
    let everything = Everything {
        algorithm: algorithm.description().name(),
        version: algorithm.description().version(),
        digest: algorithm.inspection().digest.to_string(),
        parties: parties.iter().map(json_party).collect(),
        tasks: tasks
            .iter()
            .map(|reports| parties.iter().zip(reports).map(json_report).collect())
            .collect(),
        messages: &seen.sent,
        log: seen.logged.iter().map(json_entry).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &everything)?;
    writeln!(out)
}

fn json_party(input: &LocalInput) -> Value {
    let dataset = |grant: &anchorhold_node::dataset::Grant| {
        let columns: Vec<_> = grant
            .columns()
            .map(|offered| json!({ "column": offered.column, "nulls": offered.nulls }))
            .collect();
        let dataset = grant.dataset();
        json!({ "name": dataset.name(), "rows": dataset.rows(), "columns": columns })
    };
    json!({
        "organization": input.party.organization,
        "role": input.party.role,
        "datasets": input.datasets.iter().map(dataset).collect::<Vec<_>>(),
    })
}

/// One party's report, for machines. Of the results at most one is there; its name says which form
/// it has.
#[derive(Serialize)]
struct JsonReport<'a> {
    organization: &'a str,
    ending: &'static str,
    detail: Option<String>,
    usage: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_hex: Option<Hex<'a>>,
}

fn json_report<'a>((input, report): (&'a LocalInput, &'a Report)) -> JsonReport<'a> {
    let usage = &report.usage;
    let (mut result, mut result_text, mut result_hex) = (None, None, None);
    match bytes(&report.ending).map(Readable::new) {
        Some(Readable::Json(json)) => result = Some(json),
        Some(Readable::Text(text)) => result_text = Some(text),
        Some(Readable::Hex(hex)) => result_hex = Some(hex),
        None => {}
    }
    JsonReport {
        organization: &input.party.organization,
        ending: report.ending.kind(),
        detail: match &report.ending {
            Ending::Finished(_) => None,
            other => Some(other.to_string()),
        },
        usage: json!({
            "cpu_seconds": usage.cpu_time.as_secs_f64(),
            "memory_bytes": usage.memory_bytes,
            "messages_sent": usage.sent.0,
            "bytes_sent": usage.sent.1,
            "messages_received": usage.received.0,
            "bytes_received": usage.received.1,
            "storage_operations": usage.storage_operations,
        }),
        result,
        result_text,
        result_hex,
    }
}

fn json_entry((seat, entry): &(Seat, LogEntry)) -> Value {
    match entry {
        LogEntry::Output(text) => json!({ "seat": seat, "output": text }),
        LogEntry::Error(text) => json!({ "seat": seat, "error": text }),
        LogEntry::Progress { done, total, text } => {
            json!({ "seat": seat, "done": done, "total": total, "progress": text })
        }
    }
}

fn bytes(ending: &Ending) -> Option<&[u8]> {
    match ending {
        Ending::Finished(result) => Some(result),
        _ => None,
    }
}

/// A result in a form that is read, byte for byte as it is.
enum Readable<'a> {
    Json(&'a RawValue),
    Text(&'a str),
    Hex(Hex<'a>),
}

/// Up to this size JSON is laid out on lines for people.
const LAID_OUT_BYTES: usize = 64 << 10;
/// How much of a result is written at once.
const PIECE_CHARS: usize = 4 << 10;

impl<'a> Readable<'a> {
    fn new(result: &'a [u8]) -> Self {
        match serde_json::from_slice::<&RawValue>(result) {
            Ok(json) if json.get().len() == result.len() => Self::Json(json),
            _ => str::from_utf8(result).map_or(Self::Hex(Hex(result)), Self::Text),
        }
    }

    /// Writes it for people, ending with a line's end.
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json(json) => match laid_out(json.get()) {
                Some(text) => write_lines(out, &text),
                None => write_lines(out, json.get()),
            },
            Self::Text(text) => write_lines(out, text),
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
struct Hex<'a>(&'a [u8]);

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

/// Returns the error of a run in which not every party finished: that of the first that did not.
pub(super) fn failure(
    parties: &[LocalInput],
    tasks: &[Vec<Report>],
    seen: &Seen,
) -> Option<CommandError> {
    let (seat, ending) = seen.failed.as_ref()?;
    let failed = |report: &&Report| !matches!(report.ending, Ending::Finished(_));
    let all = tasks.last().map_or(0, |reports| reports.iter().filter(failed).count());
    let others = match all.saturating_sub(1) {
        0 => String::new(),
        1 => "; one more party did not finish".into(),
        more => format!("; {more} more parties did not finish"),
    };
    let kind = match ending {
        Ending::Fault(_) => Kind::Fault,
        _ => Kind::Failed,
    };
    let name = name(parties, *seat);
    Some(CommandError::new(kind, format!("the execution of {name} {ending}{others}")))
}

fn name(parties: &[LocalInput], seat: Seat) -> &str {
    let input = usize::try_from(seat.0).ok().and_then(|seat| parties.get(seat));
    input.map_or("?", |input| &input.party.organization)
}
