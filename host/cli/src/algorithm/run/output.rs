//! What `algorithm run` prints.

use std::io::{self, Write};

use anchorhold_model::{Ending, Progress, Seat, printable};
use anchorhold_sandbox::{Algorithm, LogEntry, Report};
use serde::Serialize;
use serde_json::{Value, json};

use super::LocalInput;
use super::watch::Seen;
use crate::local::Sent;
use crate::readable::{JsonResult, Readable};
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
            writeln!(out, "    {name}: {path}, {}", dataset.size())?;
            if !dataset.is_file() {
                writeln!(out, "    {}", printable(&columns.join(" ")))?;
            }
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

/// One party's report, for machines.
#[derive(Serialize)]
struct JsonReport<'a> {
    organization: &'a str,
    ending: &'static str,
    detail: Option<String>,
    usage: Value,
    #[serde(flatten)]
    result: JsonResult<'a>,
}

fn json_report<'a>((input, report): (&'a LocalInput, &'a Report)) -> JsonReport<'a> {
    let usage = &report.usage;
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
        result: bytes(&report.ending).map(JsonResult::new).unwrap_or_default(),
    }
}

fn json_entry((seat, entry): &(Seat, LogEntry)) -> Value {
    match entry {
        LogEntry::Output(text) => json!({ "seat": seat, "output": text }),
        LogEntry::Error(text) => json!({ "seat": seat, "error": text }),
        LogEntry::Progress(Progress { done, total, text }) => {
            json!({ "seat": seat, "done": done, "total": total, "progress": text })
        }
    }
}

pub(super) fn bytes(ending: &Ending) -> Option<&[u8]> {
    match ending {
        Ending::Finished(result) => Some(result),
        _ => None,
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
