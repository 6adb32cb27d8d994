//! Who learned what: from the nodes' own ledgers, from what the algorithm says of itself, and from
//! the server's database.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anchorhold_model::chain;
use anchorhold_node::{Departure, DepartureKind, Ledger};
use anchorhold_server::Store;

use super::Organization;
use crate::{CommandError, component};

/// Says what each organization gave away and learned.
pub(super) async fn organizations(
    out: &mut dyn Write,
    folder: &Path,
    organizations: &[Organization],
    path: &str,
) -> Result<(), CommandError> {
    let prepared = component::prepare(path, component::read_component(Path::new(path))?, true);
    let prepared = prepared.await?;
    let learns = prepared.description().roles().iter().map(|role| role.learns.as_str());
    let learns = learns.collect::<Vec<_>>().join("; ");
    writeln!(out, "\n# What each organization gave away, as its own ledger says, and learned\n")?;
    let header = ["organization", "rows", "messages", "bytes", "reports", "results", "bytes", "to"];
    let mut table = vec![header.map(str::to_owned)];
    for organization in organizations {
        let path = folder.join(format!("{}-node/state/ledger.jsonl", organization.name));
        let mut sums = BTreeMap::<&str, (u64, u64)>::new();
        let mut receivers = std::collections::BTreeSet::new();
        let read = Ledger::read(&path, |Departure { kind, receiver, bytes, .. }| {
            let kind = match kind {
                DepartureKind::Message => "message",
                DepartureKind::Result => "result",
                DepartureKind::Progress => "progress",
            };
            let sum = sums.entry(kind).or_default();
            *sum = (sum.0 + 1, sum.1.saturating_add(bytes));
            receivers.insert(receiver);
        });
        read.map_err(|error| CommandError::input(chain(&error)))?;
        let of = |kind| sums.get(kind).copied().unwrap_or_default();
        let (messages, reports, results) = (of("message"), of("progress"), of("result"));
        table.push([
            organization.name.clone(),
            organization.rows.to_string(),
            messages.0.to_string(),
            messages.1.to_string(),
            reports.0.to_string(),
            results.0.to_string(),
            results.1.to_string(),
            receivers.into_iter().collect::<Vec<_>>().join(", "),
        ]);
    }
    print(out, &table)?;
    writeln!(out, "\nEach learned: {learns}")?;
    Ok(())
}

/// Says what the server learned and has in its database.
pub(super) async fn server(
    out: &mut dyn Write,
    folder: &Path,
    parties: usize,
) -> Result<(), CommandError> {
    writeln!(
        out,
        "\n# What the server learned: who asked whom for which algorithm, when, and sizes"
    )?;
    writeln!(out, "\nIts database holds of the task, for {parties} parties:\n")?;
    let store = Store::open(&folder.join("server/server.db")).await?;
    let header = ["from", "to", "what", "bytes", "which begin with, and end with"];
    let mut table = vec![header.map(str::to_owned)];
    for stored in store.parcels().await? {
        table.push([
            seat(stored.sender),
            seat(stored.receiver),
            stored.kind.to_owned(),
            stored.length.to_string(),
            format!("{} ... {}", hex(&stored.first), hex(&stored.last)),
        ]);
    }
    print(out, &table)?;
    Ok(())
}

fn seat(seat: anchorhold_model::Seat) -> String {
    if seat == anchorhold_model::layout::REQUESTER {
        "requester".into()
    } else {
        format!("seat {seat}")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Prints a table whose columns are as wide as their widest cell.
fn print<const N: usize>(out: &mut dyn Write, table: &[[String; N]]) -> std::io::Result<()> {
    let widths: Vec<usize> = (0..N)
        .map(|column| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    for row in table {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
