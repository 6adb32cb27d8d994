//! `anchorhold task submit`: asks organizations to compute together.

use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

use anchorhold_client::requester::TaskRequest;
use anchorhold_client::{Client, RunStatus};
use anchorhold_model::{Digest, Limits, RunId, TaskId};
use serde_json::json;

use super::algorithm;
use super::follow::follow;
use super::outcomes::{self, PartyOutcome};
use super::parties::{self, Given};
use super::progress::Progress;
use super::report;
use super::wait::{goes_on, print};
use crate::error::say;
use crate::member::{Member, MemberOptions};
use crate::remote::Names;
use crate::results::ResultFiles;
use crate::run::close;
use crate::signals::{end_when_interrupted, interrupted, interruption};
use crate::time::now;
use crate::{CommandError, Kind, component, runtime};

/// For how long tasks may be added to a new run, in seconds: a week.
const RUN_TIME: u64 = 7 * 24 * 3_600;

/// Asks organizations to compute together
///
/// What is asked for is signed with the organization's key, and the arguments are sealed for each
/// party, so that neither the server nor another party reads or changes them. Each node decides by
/// its own policy whether it takes part.
#[derive(Debug, clap::Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    member: MemberOptions,
    /// The algorithm: a name in the collaboration's file, a digest, or a component, which is brought
    /// to the server if it is missing there
    #[arg(long, value_name = "NAME|NAME@VERSION|DIGEST|FILE.wasm")]
    algorithm: String,
    /// A party, in the order of their seats: its name in the collaboration's file, its role if the
    /// algorithm has several, and the datasets that it is to grant
    #[arg(long, value_name = "NAME[:ROLE][=DATASET,...]", required = true)]
    party: Vec<String>,
    /// The arguments of all parties, JSON or @FILE
    #[arg(long, value_name = "JSON", default_value = "{}")]
    arguments: String,
    /// Other arguments for one party, JSON or @FILE
    #[arg(long, value_name = "NAME=JSON")]
    arguments_for: Vec<String>,
    /// The run to which the task is added; without it, a new one
    #[arg(long, value_name = "ID")]
    run: Option<RunId>,
    /// Another algorithm that later tasks of the new run may use, as for --algorithm
    #[arg(long, value_name = "ALGORITHM", conflicts_with = "run")]
    run_algorithm: Vec<String>,
    /// How many seconds the task may take, waiting included
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    deadline: u64,
    /// Wait for the task, open the results, and close the run if it is a new one
    #[arg(long)]
    wait: bool,
    /// Leave the new run open, for further tasks that need what this one stored
    #[arg(long, requires = "wait", conflicts_with = "run")]
    keep_run: bool,
    #[command(flatten)]
    files: ResultFiles,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is to be done, read and checked as far as that needs no server.
struct Plan {
    member: Member,
    algorithm: algorithm::Given,
    /// Those of a new run.
    digests: Vec<Digest>,
    parties: Vec<Given>,
}

/// A task that was asked for, and how it ended if that was waited for.
struct Submitted {
    algorithm: String,
    digest: Digest,
    run: RunId,
    task: TaskId,
    client: Client,
    outcomes: Option<Vec<PartyOutcome>>,
}

impl Submit {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        if !self.wait {
            self.files.none_yet()?;
        }
        self.files.prepare()?;
        let plan = self.plan()?;
        let runtime = runtime()?;
        let asked = OnceLock::new();
        let submitted = runtime.block_on(async {
            tokio::select! {
                submitted = self.submit(&plan, &asked) => submitted,
                () = interrupted()? => Err(asked.get().map_or_else(interruption, stays_open)),
            }
        })?;
        end_when_interrupted(&runtime);
        let Some(outcomes) = &submitted.outcomes else { return self.said(out, &submitted) };
        // Before the server deletes the results.
        print(out, (submitted.task, submitted.run), outcomes, (&self.files, self.json)).map_err(
            |error| {
                let task = submitted.task;
                error.with_hint(format!(
                    "the results stay: `anchorhold task result {task}` prints them"
                ))
            },
        )?;
        // What could not be opened now may be later.
        let all_opened = !outcomes.iter().any(PartyOutcome::is_unopened);
        if self.run.is_none() && !self.keep_run && all_opened {
            let closed = close(&plan.member, &submitted.client, &submitted.run);
            if let Err(error) = runtime.block_on(closed) {
                say(&format!("warning: run {} is not closed\n{error}", submitted.run));
            }
        }
        report::failure(outcomes).map_or(Ok(()), Err)
    }

    fn plan(&self) -> Result<Plan, CommandError> {
        let file = self.member.file()?;
        let parties = parties::given(&self.party, &self.arguments, &self.arguments_for, &file)?;
        let algorithm = algorithm::Given::find(&self.algorithm, &file)?;
        let mut digests = vec![algorithm.digest()];
        for given in &self.run_algorithm {
            digests.push(algorithm::Given::find(given, &file)?.digest());
        }
        digests.sort_unstable();
        digests.dedup();
        Ok(Plan { member: self.member.open(file)?, algorithm, digests, parties })
    }

    async fn submit(
        &self,
        plan: &Plan,
        asked: &OnceLock<(TaskId, RunId)>,
    ) -> Result<Submitted, CommandError> {
        let mut client = plan.member.sign_in().await?;
        let algorithm = plan.algorithm.clone().prepare(&client).await?;
        let description = algorithm.description();
        let fitting = parties::fit(plan.parties.clone(), description)?;
        let created = now();
        let parties = parties::state(&client, fitting, created).await?;
        let run = match &self.run {
            Some(run) => open_run(plan, &client.run(run).await?)?,
            None => self.new_run(plan, &client, created).await?,
        };
        let requester = plan.member.key.requester();
        let task = requester.sign_task(&TaskRequest {
            run: run.id,
            ordinal: run.tasks,
            digest: plan.algorithm.digest(),
            parties,
            limits: Limits { deadline: Duration::from_secs(self.deadline), ..Limits::default() },
            created,
            deadline: created.saturating_add(self.deadline),
        });
        let _ = asked.set((task.id(), run.id));
        task.submit(&client).await?;
        let id = task.id();
        let outcomes = if self.wait {
            say(&format!("task {id} of run {}", run.id));
            let progress = Progress::new(Names(Some(plan.member.file.clone())));
            let ended = follow(&plan.member, &mut client, &id, progress).await?;
            Some(outcomes::open(&plan.member, &client, &ended, None).await?)
        } else {
            None
        };
        Ok(Submitted {
            algorithm: component::full_name(description),
            digest: plan.algorithm.digest(),
            run: run.id,
            task: id,
            client,
            outcomes,
        })
    }

    async fn new_run(
        &self,
        plan: &Plan,
        client: &Client,
        created: u64,
    ) -> Result<RunStatus, CommandError> {
        let requester = plan.member.key.requester();
        let collaboration = plan.member.file.collaboration().id();
        let expires = created.saturating_add(RUN_TIME);
        let run = requester.sign_run(&collaboration, plan.digests.clone(), (created, expires));
        client.add_run(&run).await.map_err(|error| {
            let error = CommandError::from(error);
            match error.kind() {
                Kind::Refused => error
                    .with_hint("`anchorhold collaboration verify` says whether everybody is ready"),
                _ => error,
            }
        })
    }

    /// Says what was asked for, where that is not waited for.
    fn said(&self, out: &mut dyn Write, submitted: &Submitted) -> Result<(), CommandError> {
        let Submitted { algorithm, digest, run, task, .. } = submitted;
        if self.json {
            let said =
                json!({ "task": task, "run": run, "algorithm": algorithm, "digest": digest });
            return Ok(writeln!(out, "{said:#}")?);
        }
        writeln!(out, "task       {task}")?;
        writeln!(out, "run        {run}")?;
        writeln!(out, "algorithm  {algorithm}")?;
        Ok(writeln!(out, "digest     {digest}")?)
    }
}

/// Says that a task is not ended by not waiting for it, nor its run.
fn stays_open((task, run): &(TaskId, RunId)) -> CommandError {
    let closes = format!("`anchorhold run close {run}` closes its run when it has ended");
    interruption().with_hint(format!("{}; {closes}", goes_on(task)))
}

/// Checks that a task may be added to a run.
fn open_run(plan: &Plan, run: &RunStatus) -> Result<RunStatus, CommandError> {
    let member = &plan.member;
    let digest = plan.algorithm.digest();
    let problem = if run.collaboration != member.file.collaboration().id() {
        "is of another collaboration"
    } else if run.requester != member.key.statement.organization() {
        "was asked for by another organization"
    } else if run.closed {
        "is closed"
    } else if run.expires < now() {
        "has expired"
    } else if !run.digests.contains(&digest) {
        "may not use this algorithm; --run-algorithm allows it when the run is made"
    } else {
        return Ok(run.clone());
    };
    Err(CommandError::input(format!("run {} {problem}", run.id)))
}
