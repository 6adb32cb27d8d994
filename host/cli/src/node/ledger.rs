//! `anchorhold node ledger`.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use anchorhold_model::chain;
use anchorhold_node::{Departure, DepartureKind, ledger_file};

use super::Folder;
use crate::CommandError;

/// Prints everything that left a node: when, of which task, to whom, what size
#[derive(Debug, clap::Args)]
pub(crate) struct Ledger {
    #[command(flatten)]
    folder: Folder,
    /// Print one JSON object a line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long)]
    csv: bool,
}

impl Ledger {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let path = ledger_file(&self.folder.config()?);
        if self.csv {
            writeln!(out, "time,run,task,algorithm,digest,kind,receiver,topic,bytes")?;
        }
        let mut printed = Ok(());
        let read = anchorhold_node::Ledger::read(&path, |departure| {
            if printed.is_ok() {
                printed = self.print(out, &departure);
            }
        });
        read.map_err(|error| CommandError::input(chain(&error)))?;
        Ok(printed?)
    }

    fn print(&self, out: &mut dyn Write, departure: &Departure) -> io::Result<()> {
        if self.json {
            return writeln!(out, "{}", serde_json::to_string(departure)?);
        }
        let Departure { run, task, algorithm, digest, receiver, topic, bytes, .. } = departure;
        let (time, kind) = (time(departure.time), kind(departure.kind));
        if self.csv {
            let fields = [
                time,
                run.to_string(),
                task.to_string(),
                field(algorithm),
                digest.to_string(),
                kind.to_owned(),
                field(receiver),
                field(topic),
                bytes.to_string(),
            ];
            return writeln!(out, "{}", fields.join(","));
        }
        let task: String = task.to_string().chars().take(12).collect();
        writeln!(
            out,
            "{time}  {task}  {algorithm:20}  {kind:8}  {receiver:16}  {bytes:>12}  {topic}"
        )
    }
}

fn kind(kind: DepartureKind) -> &'static str {
    match kind {
        DepartureKind::Message => "message",
        DepartureKind::Result => "result",
        DepartureKind::Progress => "progress",
    }
}

fn time(seconds: u64) -> String {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    let text = time.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    text.unwrap_or_else(|| seconds.to_string())
}

/// Returns a field of CSV: quoted where it must be, and never one that a spreadsheet computes.
fn field(text: &str) -> String {
    let computes = text.starts_with(['=', '+', '-', '@', '\t']);
    let text = if computes { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_compute_nothing() {
        assert_eq!(field("total"), "total");
        assert_eq!(field("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
    }
}
