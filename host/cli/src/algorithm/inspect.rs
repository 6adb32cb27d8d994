//! `anchorhold algorithm inspect`: says what a component is, without running it for any party.

use std::io::{self, Write};
use std::path::PathBuf;

use anchorhold_model::inspection::Inspection;
use anchorhold_model::{Description, printable};
use anchorhold_sandbox::Algorithm;
use serde_json::json;

use crate::component::{prepare, read_component};
use crate::{CommandError, runtime};

/// Says what a component imports, exports and computes, or why a host refuses it
#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let component = read_component(&self.file)?;
        let algorithm = runtime()?.block_on(prepare(self.file.display(), component, false))?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json(&algorithm))?);
        }
        inspection(out, algorithm.inspection())?;
        Ok(description(out, algorithm.description())?)
    }
}

fn json(algorithm: &Algorithm) -> serde_json::Value {
    json!({ "component": algorithm.inspection(), "description": algorithm.description() })
}

fn inspection(out: &mut dyn Write, inspection: &Inspection) -> io::Result<()> {
    writeln!(out, "digest   {}", inspection.digest)?;
    writeln!(out, "size     {} bytes", inspection.bytes)?;
    writeln!(out, "imports  {}", inspection.imports.join("\n         "))?;
    writeln!(out, "exports  {}", inspection.exports.join("\n         "))
}

fn description(out: &mut dyn Write, description: &Description) -> io::Result<()> {
    writeln!(out)?;
    writeln!(out, "{}@{}", description.name(), description.version())?;
    writeln!(out, "  {}", description.summary())?;
    writeln!(out, "roles")?;
    for role in description.roles() {
        writeln!(out, "  {}, {} parties; learns: {}", role.name, role.number(), role.learns)?;
    }
    writeln!(out, "datasets")?;
    for dataset in description.datasets() {
        let columns: Vec<_> = dataset.columns.iter().map(ToString::to_string).collect();
        let further =
            if dataset.columns_by_argument { "those that the arguments name" } else { "" };
        let columns = [columns.join(", "), further.into()];
        let columns: Vec<_> = columns.iter().filter(|part| !part.is_empty()).cloned().collect();
        let columns = if columns.is_empty() { "any".into() } else { columns.join(" and ") };
        let file = if dataset.file { ", or a file" } else { "" };
        let roles = dataset.roles.join(", ");
        let readers = if roles.is_empty() { "all roles" } else { &roles };
        writeln!(out, "  {}, read by {readers}: columns {columns}{file}", dataset.name)?;
    }
    let security = description.security();
    writeln!(out, "security")?;
    writeln!(out, "  corruption: {}", security.corruption)?;
    writeln!(out, "  collusion: {}", security.collusion)?;
    writeln!(out, "  leaks: {}", security.leaks)?;
    writeln!(out, "arguments")?;
    for line in format!("{:#}", description.arguments()).lines() {
        writeln!(out, "  {}", printable(line))?;
    }
    Ok(())
}
