//! `anchorhold algorithm inspect`: says what a component is, without running it for any party.

use std::path::PathBuf;

use anchorhold_model::Description;
use anchorhold_model::inspection::Inspection;
use anchorhold_sandbox::{Algorithm, PrepareError};
use serde_json::json;

use super::read_component;
use crate::{CommandError, Kind};

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
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let component = read_component(&self.file)?;
        let algorithm = super::run::runtime()?.block_on(async {
            let engine = super::run::engine(false)?;
            engine.prepare(component).await.map_err(|error| refused(&self.file, &error))
        })?;
        if self.json {
            println!("{}", json(&algorithm));
        } else {
            print_inspection(algorithm.inspection());
            print_description(algorithm.description());
        }
        Ok(())
    }
}

/// Says that a component is not one that a host takes, and what may be done.
pub(super) fn refused(file: &std::path::Path, error: &PrepareError) -> CommandError {
    CommandError::new(Kind::Refused, format!("{}: {error}", file.display()))
}

fn json(algorithm: &Algorithm) -> serde_json::Value {
    json!({ "component": algorithm.inspection(), "description": algorithm.description() })
}

fn print_inspection(inspection: &Inspection) {
    println!("digest   {}", inspection.digest);
    println!("size     {} bytes", inspection.bytes);
    println!("imports  {}", inspection.imports.join("\n         "));
    println!("exports  {}", inspection.exports.join("\n         "));
}

fn print_description(description: &Description) {
    println!();
    println!("{}@{}", description.name(), description.version());
    println!("  {}", description.summary());
    println!("roles");
    for role in description.roles() {
        println!("  {}, {} parties; learns: {}", role.name, role.number(), role.learns);
    }
    println!("datasets");
    for dataset in description.datasets() {
        let columns: Vec<_> = dataset.columns.iter().map(ToString::to_string).collect();
        let further =
            if dataset.columns_by_argument { "those that the arguments name" } else { "" };
        let columns = [columns.join(", "), further.into()];
        let columns: Vec<_> = columns.iter().filter(|part| !part.is_empty()).cloned().collect();
        println!("  {}: columns {}", dataset.name, columns.join(" and "));
    }
    let security = description.security();
    println!("security");
    println!("  corruption: {}", security.corruption);
    println!("  collusion: {}", security.collusion);
    println!("  leaks: {}", security.leaks);
    println!("arguments");
    for line in format!("{:#}", description.arguments()).lines() {
        println!("  {line}");
    }
}
