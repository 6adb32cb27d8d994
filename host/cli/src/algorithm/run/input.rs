//! What `algorithm run` is given, read and checked before anything runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anchorhold_model::description::{self, Role};
use anchorhold_model::{Column, Description, Party, chain, limits, printable};
use anchorhold_node::dataset::{Dataset, DatasetError, Grant, NULL_TEXTS, parse_columns};

use super::{LocalInput, Run};
use crate::{CommandError, Kind};

/// What stands for a party that brings no file.
const NO_DATA: &str = "-";

/// Opens the parties' datasets and gives each party a name and a role.
pub(super) fn parties(
    options: &Run,
    description: &Description,
) -> Result<Vec<LocalInput>, CommandError> {
    let data: Vec<Option<&str>> = match options.parties {
        Some(number) => vec![None; usize::from(number)],
        None => {
            options.data.iter().map(|data| (data != NO_DATA).then_some(data.as_str())).collect()
        }
    };
    if data.is_empty() {
        return Err(CommandError::new(Kind::Usage, "there are no parties")
            .with_hint("give --data FILE.csv once for each party, or --parties NUMBER"));
    }
    if data.len() > limits::PARTIES {
        let text = format!("a task has at most {} parties, not {}", limits::PARTIES, data.len());
        return Err(CommandError::new(Kind::Usage, text));
    }
    let declared = match &options.types {
        Some(types) => parse_columns(types)
            .map_err(|error| CommandError::new(Kind::Usage, format!("--types: {error}")))?,
        None => Vec::new(),
    };
    let roles = roles(&options.role, data.len(), description)?;
    let mut names = BTreeSet::new();
    let mut parties = Vec::new();
    for (seat, (data, role)) in data.into_iter().zip(roles).enumerate() {
        let datasets = datasets(data.unwrap_or_default(), role, &declared, description)?;
        let stem = datasets.first().and_then(|grant| grant.dataset().path().file_stem());
        let mut organization =
            stem.map_or_else(|| format!("party-{seat}"), |stem| printable(&stem.to_string_lossy()));
        while !names.insert(organization.clone()) {
            organization = format!("{organization}-{seat}");
        }
        parties
            .push(LocalInput { party: Party { organization, role: role.name.clone() }, datasets });
    }
    let has = |name: &String| {
        let mut offered = parties.iter().flat_map(|party| &party.datasets).flat_map(Grant::columns);
        offered.any(|offered| offered.column.name == *name)
    };
    if let Some(column) = declared.iter().find(|column| !has(&column.name)) {
        let text = format!("--types: no file has a column {:?}", column.name);
        return Err(CommandError::input(text));
    }
    Ok(parties)
}

fn roles<'a>(
    given: &[String],
    parties: usize,
    description: &'a Description,
) -> Result<Vec<&'a Role>, CommandError> {
    let known = description.roles();
    let needed: Vec<_> = known.iter().filter(|role| role.min_parties > 0).collect();
    if let ([only], []) = (&needed[..], given) {
        return Ok(vec![*only; parties]);
    }
    let names: Vec<_> = known.iter().map(|role| role.name.as_str()).collect();
    let hint = format!("the roles are {}; give --role once for each party", names.join(", "));
    if given.len() != parties {
        let text = format!("{parties} parties need as many roles, not {}", given.len());
        return Err(CommandError::new(Kind::Usage, text).with_hint(hint));
    }
    let find = |name: &String| {
        known.iter().find(|role| role.name == *name).ok_or_else(|| {
            CommandError::new(Kind::Usage, format!("there is no role {name:?}")).with_hint(&*hint)
        })
    };
    given.iter().map(find).collect()
}

/// Opens what one party brings: a file for each dataset that its role reads.
fn datasets(
    data: &str,
    role: &Role,
    declared: &[Column],
    description: &Description,
) -> Result<Vec<Grant>, CommandError> {
    let needed: Vec<&description::Dataset> = description
        .datasets()
        .iter()
        .filter(|dataset| dataset.roles.is_empty() || dataset.roles.contains(&role.name))
        .collect();
    let files = files(data, &needed);
    for (index, (name, file)) in files.iter().enumerate() {
        if file.is_empty() {
            let text = format!("no file is given for the dataset {name:?}");
            return Err(CommandError::new(Kind::Usage, text));
        }
        if files.iter().take(index).any(|(other, _)| other == name) {
            let text = format!("the dataset {name:?} is given twice: the second is {file}");
            return Err(CommandError::new(Kind::Usage, text));
        }
        if !needed.iter().any(|dataset| dataset.name == *name) {
            let text = format!(
                "{} reads no dataset {name:?} in the role {}",
                description.name(),
                role.name
            );
            return Err(CommandError::new(Kind::Usage, text).with_hint(format!(
                "{file} was given for it; the datasets are {}",
                list(&needed)
            )));
        }
    }
    needed
        .iter()
        .map(|dataset| {
            let file = files.iter().find(|(name, _)| *name == dataset.name);
            let (name, file) = file.ok_or_else(|| {
                let text =
                    format!("a party in the role {} needs the dataset {}", role.name, dataset.name);
                CommandError::new(Kind::Usage, text)
                    .with_hint(format!("give it as --data {}=FILE.csv", dataset.name))
            })?;
            let path = Path::new(file);
            let is_table = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
            let opened = match dataset.file && !is_table {
                true => Dataset::open_file(name, path),
                false => open(name, path, declared),
            };
            let opened = opened.map_err(|error| CommandError::input(chain(&error)))?;
            check_columns(&opened, dataset, description.name())?;
            Arc::new(opened).grant(None).map_err(|error| CommandError::input(chain(&error)))
        })
        .collect()
}

/// Opens a file as a dataset, with the declared types of the columns that it has.
fn open(name: &str, file: &Path, declared: &[Column]) -> Result<Dataset, DatasetError> {
    let inferred = Dataset::open(name, file, &[], &NULL_TEXTS)?;
    let is_there = |column: &&Column| {
        inferred.columns().iter().any(|offered| offered.column.name == column.name)
    };
    let declared: Vec<_> = declared.iter().filter(is_there).cloned().collect();
    match declared.is_empty() {
        true => Ok(inferred),
        false => Dataset::open(name, file, &declared, &NULL_TEXTS),
    }
}

/// Splits `NAME=FILE,NAME=FILE`; where only one dataset is needed a file alone is enough.
fn files<'a>(data: &'a str, needed: &[&'a description::Dataset]) -> Vec<(&'a str, &'a str)> {
    if let ([only], false) = (needed, data.is_empty())
        && (Path::new(data).exists() || !data.contains('='))
    {
        return vec![(&only.name, data)];
    }
    let parts = data.split(',').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or(("", part))).collect()
}

fn check_columns(
    dataset: &Dataset,
    needed: &description::Dataset,
    algorithm: &str,
) -> Result<(), CommandError> {
    let path = dataset.path().display();
    let columns = if dataset.is_file() { &[][..] } else { &needed.columns };
    for column in columns {
        let found = dataset.columns().iter().find(|offered| offered.column.name == column.name);
        let Some(found) = found else {
            let text = format!("{path} has no column {}, which {algorithm} needs", column.name);
            return Err(CommandError::input(text));
        };
        if found.column.column_type != column.column_type {
            let (actual, expected) = (found.column.column_type, column.column_type);
            let text =
                format!("{path}: column {} is {actual}; {algorithm} needs {expected}", column.name);
            return Err(CommandError::input(text)
                .with_hint(format!("declare it: --types {}:{expected}", column.name)));
        }
        if found.nulls > 0 && !column.nullable {
            let text = format!(
                "{path}: column {} has {} nulls; {algorithm} accepts none in it",
                column.name, found.nulls
            );
            return Err(CommandError::input(text));
        }
    }
    Ok(())
}

fn list(datasets: &[&description::Dataset]) -> String {
    if datasets.is_empty() {
        return "none".into();
    }
    datasets.iter().map(|dataset| dataset.name.as_str()).collect::<Vec<_>>().join(", ")
}
