//! What is printed of how a task ended.

use std::io::{self, Write};

use anchorhold_identity::Fingerprint;
use anchorhold_model::{RunId, Seat, TaskId, printable};
use serde::Serialize;

use super::outcomes::{PartyOutcome, Told};
use crate::readable::{JsonResult, Readable};
use crate::{CommandError, Kind};

/// Prints the results as `algorithm run` does.
pub(super) fn print(out: &mut dyn Write, outcomes: &[PartyOutcome]) -> io::Result<()> {
    let results: Vec<_> = outcomes.iter().map(PartyOutcome::result).collect();
    if let [Some(first), rest @ ..] = results.as_slice()
        && !rest.is_empty()
        && rest.iter().all(|other| *other == Some(*first))
    {
        writeln!(out, "result, the same for every party")?;
        return Readable::new(first).write(out);
    }
    for (outcome, result) in outcomes.iter().zip(results) {
        writeln!(out, "result for {}", outcome.name)?;
        match result {
            Some(result) => Readable::new(result).write(out)?,
            None => writeln!(out, "none: {}", printable(&outcome.sentence()))?,
        }
    }
    Ok(())
}

/// Everything, for machines.
#[derive(Serialize)]
struct Everything<'a> {
    task: TaskId,
    run: RunId,
    parties: Vec<JsonOutcome<'a>>,
}

#[derive(Serialize)]
struct JsonOutcome<'a> {
    seat: Seat,
    organization: &'a str,
    fingerprint: Fingerprint,
    role: &'a str,
    ending: &'static str,
    kind: &'a str,
    /// `party` or `server`.
    told_by: &'static str,
    detail: Option<String>,
    #[serde(flatten)]
    result: JsonResult<'a>,
}

impl<'a> JsonOutcome<'a> {
    fn new(outcome: &'a PartyOutcome) -> Self {
        let PartyOutcome { seat, name, organization, role, told } = outcome;
        let result = outcome.result();
        let (kind, told_by) = match told {
            Told::Party(outcome) => (outcome.kind.as_str(), "party"),
            Told::Server(_, kind) => (kind.as_str(), "server"),
            Told::Unopened(_) => ("", "server"),
        };
        Self {
            seat: *seat,
            organization: name,
            fingerprint: *organization,
            role,
            ending: outcome.ending(),
            kind,
            told_by,
            detail: result.is_none().then(|| outcome.sentence()),
            result: result.map(JsonResult::new).unwrap_or_default(),
        }
    }
}

/// Prints the same as one JSON value.
pub(super) fn json(
    out: &mut dyn Write,
    (task, run): (TaskId, RunId),
    outcomes: &[PartyOutcome],
) -> io::Result<()> {
    let parties = outcomes.iter().map(JsonOutcome::new).collect();
    serde_json::to_writer_pretty(&mut *out, &Everything { task, run, parties })?;
    writeln!(out)
}

/// Returns the error of a task in which not every party finished.
pub(super) fn failure(outcomes: &[PartyOutcome]) -> Option<CommandError> {
    let mut failed: Vec<_> = outcomes.iter().filter(|party| party.result().is_none()).collect();
    failed.sort_by_key(|party| party.rank());
    let (first, others) = failed.split_first()?;
    let others = match others.len() {
        0 => String::new(),
        1 => "; one more party did not finish".into(),
        more => format!("; {more} more parties did not finish"),
    };
    let kind = match first.ending() {
        "refused" => Kind::Refused,
        "offered" | "running" => Kind::Input,
        _ => Kind::Failed,
    };
    let error = CommandError::new(kind, format!("{}{others}", first.sentence()));
    Some(match kind {
        Kind::Input => error.with_hint("`anchorhold task wait` waits for it"),
        _ => error,
    })
}

#[cfg(test)]
mod tests;
