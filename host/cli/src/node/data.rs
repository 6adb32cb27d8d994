//! `anchorhold node data`: what a node offers of its data.

use std::io::Write;

use anchorhold_client::CollaborationFile;
use anchorhold_model::chain;
use anchorhold_node::{Policy, Spend, spent};
use clap::Subcommand;
use serde_json::json;

use super::Folder;
use crate::CommandError;

/// What to do with a node's datasets.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Show(Show),
}

impl Verb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        match self {
            Self::Show(verb) => verb.run(out),
        }
    }
}

/// Prints the columns, types and nulls of the datasets, and which rule allows which of them
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    folder: Folder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let config = self.folder.config()?;
        let wrong = |error: &dyn std::error::Error| CommandError::input(chain(error));
        let file = CollaborationFile::read(&config.collaboration).map_err(|e| wrong(&e))?;
        let policy = Policy::new(&config, &file).map_err(|error| wrong(&error))?;
        let spent = spent(&config.state).map_err(|error| wrong(&error))?;
        let privacy = |dataset: &str| (spent.get(dataset), policy.privacy_budget(dataset));
        // Which algorithms may read a column.
        let readers = |dataset: &str, column: &str| -> Vec<&str> {
            let rules = config.rules.iter().filter(|rule| {
                let columns = rule.datasets.get(dataset);
                columns.is_some_and(|columns| columns.iter().any(|name| name == column))
            });
            rules.map(|rule| rule.algorithm.as_str()).collect()
        };
        if self.json {
            let datasets = policy.datasets().map(|dataset| {
                let columns = dataset.columns().iter().map(|offered| {
                    let column = &offered.column;
                    json!({
                        "name": column.name,
                        "type": column.column_type,
                        "nullable": column.nullable,
                        "nulls": offered.nulls,
                        "allowed_to": readers(dataset.name(), &column.name),
                    })
                });
                let columns: Vec<_> = columns.collect();
                let mut shown = match dataset.is_file() {
                    true => json!({ "name": dataset.name(), "file": true }),
                    false => json!({
                        "name": dataset.name(), "rows": dataset.rows(), "columns": columns,
                    }),
                };
                let (spent, budget) = privacy(dataset.name());
                if spent.is_some() || budget.is_some() {
                    shown["privacy"] = json!({ "spent": spent, "budget": budget });
                }
                shown
            });
            let datasets: Vec<_> = datasets.collect();
            writeln!(out, "{:#}", json!({ "datasets": datasets }))?;
            return Ok(());
        }
        for dataset in policy.datasets() {
            let path = dataset.path().display();
            writeln!(out, "{}: {} of {path}", dataset.name(), dataset.size())?;
            match privacy(dataset.name()) {
                (None, None) => {}
                (Some(spent), None) => writeln!(out, "  privacy: {spent} spent, no budget")?,
                (spent, Some(budget)) => {
                    let spent = spent.copied().unwrap_or(Spend::NONE);
                    writeln!(out, "  privacy: {spent} spent of {budget}")?;
                }
            }
            for offered in dataset.columns() {
                let column = &offered.column;
                let readers = readers(dataset.name(), &column.name);
                let allowed = match readers.as_slice() {
                    [] => "allowed to none".to_owned(),
                    readers => format!("allowed to {}", readers.join(", ")),
                };
                let (name, nulls) = (anchorhold_model::printable(&column.name), offered.nulls);
                writeln!(
                    out,
                    "  {name:20}  {:8}  {nulls:>8} nulls  {allowed}",
                    column.column_type
                )?;
            }
        }
        Ok(())
    }
}
