//! `anchorhold collaboration verify`: whether a server and the members are ready.

use std::io::{self, Write};
use std::path::PathBuf;

use anchorhold_client::{Client, ClientError, CollaborationFile, CollaborationStatus};
use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::{Digest, chain};
use serde::Serialize;

use crate::remote::CallerOptions;
use crate::time::{date, now};
use crate::{CommandError, Kind, runtime};

/// Asks the server of a collaboration whether everything is ready
///
/// That is: each organization is registered with a key statement that chains to the fingerprint in
/// the file and is valid now, it joined, its node is linked, and the algorithms are uploaded.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// File of the collaboration
    file: PathBuf,
    #[command(flatten)]
    caller: CallerOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let file = CollaborationFile::read(&self.file)?;
        let found = runtime()?.block_on(async {
            let client = self.caller.client(file.server()).await?;
            Ok::<_, CommandError>(look(&client, &file).await?)
        })?;
        if self.json {
            let text = serde_json::to_string_pretty(&found).expect("it has a form in JSON");
            writeln!(out, "{text}")?;
        } else {
            print(out, &found)?;
        }
        match missing(&found).as_slice() {
            [] => Ok(()),
            missing => {
                let text = format!("{} is not ready: {}", found.name, missing.join("; "));
                Err(CommandError::new(Kind::Refused, text))
            }
        }
    }
}

/// What was found.
#[derive(Serialize)]
struct Found {
    name: String,
    ready: bool,
    organizations: Vec<Organization>,
    algorithms: Vec<Algorithm>,
}

#[derive(Serialize)]
struct Organization {
    name: String,
    fingerprint: Fingerprint,
    /// The number of its current key statement, if that is its own and valid.
    key: Option<u64>,
    /// Until when that is valid, in seconds after 1970.
    not_after: Option<u64>,
    /// What is wrong with its key statement.
    problem: Option<String>,
    joined: bool,
    node: bool,
}

#[derive(Serialize)]
struct Algorithm {
    name: String,
    digest: Digest,
    uploaded: bool,
}

async fn look(client: &Client, file: &CollaborationFile) -> Result<Found, ClientError> {
    let id = file.collaboration().id();
    let status = match client.collaboration(&id).await {
        Ok(status) => Some(status),
        // Nobody joined it.
        Err(ClientError::Refused { status: 404, .. }) => None,
        Err(error) => return Err(error),
    };
    let mut organizations = Vec::new();
    for (name, fingerprint) in file.members() {
        let (name, status) = (name.to_owned(), status.as_ref());
        organizations.push(organization(client, (name, fingerprint), status).await?);
    }
    let uploaded: Vec<Digest> =
        client.algorithms().await?.into_iter().map(|algorithm| algorithm.digest).collect();
    let algorithm = |algorithm: &anchorhold_client::NamedAlgorithm| Algorithm {
        name: algorithm.name.clone(),
        digest: algorithm.digest,
        uploaded: uploaded.contains(&algorithm.digest),
    };
    let name = file.collaboration().name().to_owned();
    let algorithms = file.algorithms().iter().map(algorithm).collect();
    let mut found = Found { name, ready: false, organizations, algorithms };
    found.ready = missing(&found).is_empty();
    Ok(found)
}

async fn organization(
    client: &Client,
    (name, fingerprint): (String, Fingerprint),
    status: Option<&CollaborationStatus>,
) -> Result<Organization, ClientError> {
    let statement = match client.statement(&fingerprint).await {
        Ok(statement) => check_time(statement),
        Err(ClientError::Refused { status: 404, .. }) => Err("is not registered".into()),
        // What does not chain to the pin is refused and reported, and the others still looked at.
        Err(error @ ClientError::NotAServer { .. }) => {
            Err(format!("is not stated as pinned: {}", chain(&error)))
        }
        Err(error) => return Err(error),
    };
    let value = statement.as_ref().ok().map(Statement::value);
    let members = status.iter().flat_map(|status| &status.members);
    let member = members.into_iter().find(|member| member.fingerprint == fingerprint);
    Ok(Organization {
        key: value.map(|value| value.number),
        not_after: value.map(|value| value.not_after),
        joined: member.is_some_and(|member| member.joined),
        node: member.is_some_and(|member| member.node),
        problem: statement.err(),
        name,
        fingerprint,
    })
}

fn check_time(statement: Statement) -> Result<Statement, String> {
    statement.check_time(now()).map_err(|error| format!("has no valid key: {error}"))?;
    Ok(statement)
}

/// Says what is still missing.
fn missing(found: &Found) -> Vec<String> {
    let mut missing = Vec::new();
    for organization in &found.organizations {
        let name = &organization.name;
        match organization {
            Organization { problem: Some(problem), .. } => {
                missing.push(format!("{name} {problem}"))
            }
            Organization { joined: false, .. } => missing.push(format!("{name} has not joined")),
            Organization { node: false, .. } => {
                missing.push(format!("the node of {name} is not there"));
            }
            _ => {}
        }
    }
    let absent = found.algorithms.iter().filter(|algorithm| !algorithm.uploaded);
    missing.extend(absent.map(|algorithm| format!("{} is not uploaded", algorithm.name)));
    missing
}

fn print(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    for organization in &found.organizations {
        let key = match (organization.key, organization.not_after) {
            (Some(key), Some(until)) => format!("key {key}, valid to {}", date(until)),
            _ => "no key".into(),
        };
        let joined = if organization.joined { "joined" } else { "not joined" };
        let node = if organization.node { "node there" } else { "node not there" };
        writeln!(out, "{}  {key}; {joined}; {node}", organization.name)?;
    }
    for Algorithm { name, digest, uploaded } in &found.algorithms {
        let there = if *uploaded { "uploaded" } else { "not uploaded" };
        writeln!(out, "{name}  {there}  {digest}")?;
    }
    Ok(())
}
