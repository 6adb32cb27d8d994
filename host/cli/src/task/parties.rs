//! The parties of a task, as they are given: who, in which role, with which datasets and arguments.

use anchorhold_client::requester::PartyRequest;
use anchorhold_client::{Client, CollaborationFile};
use anchorhold_identity::Fingerprint;
use anchorhold_model::description::Role;
use anchorhold_model::{Description, Party, RunId, Seat, Task, TaskId, chain, limits};

use crate::arguments::arguments;
use crate::component::not_a_task;
use crate::{CommandError, Kind};

/// A party as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) organization: Fingerprint,
    role: Option<String>,
    datasets: Vec<String>,
    /// JSON or @FILE.
    arguments: String,
}

/// A party that fits the algorithm.
#[derive(Debug)]
pub(super) struct Fitting {
    organization: Fingerprint,
    role: String,
    datasets: Vec<String>,
    arguments: Vec<u8>,
}

/// Reads the parties, each `NAME[:ROLE][=DATASET,...]`, and what arguments they get: the common ones
/// but for those who have their own, each `NAME=JSON`.
pub(super) fn given(
    parties: &[String],
    common: &str,
    own: &[String],
    file: &CollaborationFile,
) -> Result<Vec<Given>, CommandError> {
    if parties.len() > limits::PARTIES {
        let text = format!("a task has at most {} parties, not {}", limits::PARTIES, parties.len());
        return Err(CommandError::new(Kind::Usage, text));
    }
    let mut given: Vec<Given> = Vec::new();
    for text in parties {
        let party = party(text, common, file)?;
        if given.iter().any(|other| other.organization == party.organization) {
            let text = format!("{} is given twice: an organization has one seat", party.name);
            return Err(CommandError::new(Kind::Usage, text));
        }
        given.push(party);
    }
    let mut seen: Vec<&str> = Vec::new();
    for text in own {
        let usage = |problem: &str| {
            CommandError::new(Kind::Usage, format!("--arguments-for {text}: {problem}"))
        };
        let (name, arguments) =
            text.split_once('=').ok_or_else(|| usage("expected NAME=JSON or NAME=@FILE"))?;
        if seen.contains(&name) {
            return Err(usage("this party has its arguments already"));
        }
        seen.push(name);
        let party = given.iter_mut().find(|party| party.name == name);
        party.ok_or_else(|| usage("this is no --party"))?.arguments = arguments.to_owned();
    }
    Ok(given)
}

fn party(text: &str, common: &str, file: &CollaborationFile) -> Result<Given, CommandError> {
    let (who, datasets) = text.split_once('=').unwrap_or((text, ""));
    let (name, role) = match who.split_once(':') {
        Some((name, role)) => (name, Some(role.to_owned())),
        None => (who, None),
    };
    let organization = file.fingerprint_of(name).ok_or_else(|| {
        let names: Vec<_> = file.members().map(|(name, _)| name).collect();
        let text = format!("{name:?} is no member of {}", file.collaboration().name());
        CommandError::new(Kind::Usage, text).with_hint(format!("its members: {}", names.join(", ")))
    })?;
    let datasets: Vec<String> =
        datasets.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let long = datasets.iter().find(|dataset| dataset.len() > limits::NAME_BYTES);
    if let Some(long) = long {
        let text =
            format!("the name of a dataset has at most {} bytes: {long}", limits::NAME_BYTES);
        return Err(CommandError::new(Kind::Usage, text));
    }
    if datasets.len() > limits::TASK_DATASETS {
        let text = format!("{name} can grant at most {} datasets", limits::TASK_DATASETS);
        return Err(CommandError::new(Kind::Usage, text));
    }
    let arguments = common.to_owned();
    Ok(Given { name: name.to_owned(), organization, role, datasets, arguments })
}

/// Checks the parties against what the algorithm says of itself, as `algorithm run` does.
pub(super) fn fit(
    given: Vec<Given>,
    description: &Description,
) -> Result<Vec<Fitting>, CommandError> {
    let mut texts: Vec<String> = Vec::new();
    for party in &given {
        if !texts.contains(&party.arguments) {
            texts.push(party.arguments.clone());
        }
    }
    let read = arguments(&texts, description)?;
    let fits = |given: Given| {
        let role = role(&given, description)?.name.clone();
        let text = texts.iter().zip(&read).find(|(text, _)| **text == given.arguments);
        let arguments = text.map(|(_, read)| read.clone()).expect("all were read");
        let Given { organization, datasets, .. } = given;
        Ok::<_, CommandError>((given.name, Fitting { organization, role, datasets, arguments }))
    };
    let fitting = given.into_iter().map(fits).collect::<Result<Vec<_>, _>>()?;
    let parties = fitting
        .iter()
        .map(|(name, fitting)| Party { organization: name.clone(), role: fitting.role.clone() });
    // Whose task it is makes no difference to what is checked.
    let ids = (RunId::from_bytes([0; 32]), TaskId::from_bytes([0; 32]));
    Task::new(ids, Seat(0), parties.collect(), Vec::new(), Vec::new())
        .and_then(|task| task.check_roles(description))
        .map_err(|error| not_a_task(&error, description))?;
    Ok(fitting.into_iter().map(|(_, fitting)| fitting).collect())
}

/// Returns the role of a party, which must bring data where the role reads some. Which dataset, the
/// arguments may say.
fn role<'a>(given: &Given, description: &'a Description) -> Result<&'a Role, CommandError> {
    let roles = description.roles();
    let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
    let hint = format!("its roles: {}; give --party NAME:ROLE", names.join(", "));
    let usage = |text: String| CommandError::new(Kind::Usage, text);
    let role = match (&given.role, roles) {
        (Some(name), _) => roles.iter().find(|role| role.name == *name).ok_or_else(|| {
            usage(format!("{} has no role {name:?}", description.name())).with_hint(&*hint)
        })?,
        (None, [only]) => only,
        (None, _) => {
            let text = format!("{} has several roles, and {} none", description.name(), given.name);
            return Err(usage(text).with_hint(hint));
        }
    };
    let reads = |dataset: &&anchorhold_model::description::Dataset| {
        dataset.roles.is_empty() || dataset.roles.contains(&role.name)
    };
    match description.datasets().iter().find(reads) {
        Some(dataset) if given.datasets.is_empty() => {
            let text = format!("a party in the role {} needs a dataset", role.name);
            let example = format!("--party {}={}", given.name, dataset.name);
            Err(usage(text).with_hint(format!("give its name, such as {example}")))
        }
        _ => Ok(role),
    }
}

/// Fetches the parties' current key statements, checks them against the pinned fingerprints and
/// their time, and puts together what the parties are asked for.
pub(super) async fn state(
    client: &Client,
    parties: Vec<Fitting>,
    now: u64,
) -> Result<Vec<PartyRequest>, CommandError> {
    let mut requests = Vec::new();
    for Fitting { organization, role, datasets, arguments } in parties {
        let statement = client.statement(&organization).await?;
        statement
            .check_time(now)
            .map_err(|error| CommandError::new(Kind::Refused, chain(&error)))?;
        requests.push(PartyRequest { statement, role, datasets, arguments });
    }
    Ok(requests)
}

#[cfg(test)]
mod tests;
