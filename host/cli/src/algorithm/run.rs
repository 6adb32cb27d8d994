//! `anchorhold algorithm run`: runs a component among local parties, each with a file of its own.

mod input;
mod output;
mod place;
mod watch;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::{Ending, Limits, Party, Seat};
use anchorhold_node::dataset::Grant;
use anchorhold_node::storage::TaskStorage;
use anchorhold_sandbox::{Algorithm, Report};
use anchorhold_storage::Quota;

use crate::arguments::arguments;
use crate::component::{not_a_task, prepare, read_component};
use crate::local::{LocalParty, Seed, run_task};
use crate::results::ResultFiles;
use crate::signals::{end_when_interrupted, interrupted, interruption};
use crate::{CommandError, runtime};
use place::Place;
use watch::{Seen, Watch};

/// Runs a component among local parties, and says what each of them saw
///
/// Each `--data` is one party, in the order of their seats. The parties are executions of the very
/// component that runs at organizations, with separate memory and storage; messages go from one to
/// another within this process.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// A party's dataset, a CSV file with a header, or another file where the algorithm reads such; with
    /// NAME= where it reads several, and - for a party without data
    #[arg(long, value_name = "[NAME=]FILE[,...]")]
    data: Vec<String>,
    /// Types of columns, such as age:int64,wt_loss:float64? (? allows nulls), in every file that has them;
    /// those of other columns are inferred, for each file by itself
    #[arg(long, value_name = "COLUMNS")]
    types: Option<String>,
    /// How many parties there are, where the algorithm reads no data
    #[arg(long, value_name = "NUMBER", conflicts_with = "data")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    parties: Option<u16>,
    /// A party's role, in the order of their seats; not needed where the algorithm needs one role
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// The arguments, JSON or @FILE; several times for several tasks of one run, in this order
    #[arg(long, value_name = "JSON", default_value = "{}")]
    arguments: Vec<String>,
    /// Keep what tasks store in this folder, and go on with the run that is there: parties find what
    /// those of the same name stored, and names are those of their files
    #[arg(long, value_name = "FOLDER")]
    run: Option<PathBuf>,
    /// Draw all random numbers from this number: the same messages byte for byte each time
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// End an execution after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// Show who sent what size to whom, round by round
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    files: ResultFiles,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Compile the component even if it was compiled before
    #[arg(long)]
    no_cache: bool,
}

impl Run {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        if self.arguments.len() > 1 {
            self.files.of_one_task()?;
        }
        self.files.prepare()?;
        let runtime = runtime()?;
        let ran = runtime.block_on(async {
            tokio::select! {
                ran = self.run_tasks(out) => ran,
                () = interrupted()? => Err(interruption()),
            }
        })?;
        end_when_interrupted(&runtime);
        ran.print(&self, out)
    }

    async fn run_tasks(&self, out: &mut dyn Write) -> Result<Ran, CommandError> {
        let component = read_component(&self.file)?;
        let algorithm = prepare(self.file.display(), component, !self.no_cache).await?;
        let description = algorithm.description();
        let arguments = arguments(&self.arguments, description)?;
        let parties = input::parties(self, description)?;
        if !self.json {
            output::header(out, &algorithm, &parties)?;
            out.flush()?;
        }
        let watch = Watch::start(&parties, self.trace || self.json);
        let mut local = Local::new(self, algorithm.clone(), parties)?;
        let mut tasks = Vec::new();
        for arguments in arguments {
            let reports = local.task(arguments, &watch).await?;
            let finished =
                reports.iter().all(|report| matches!(report.ending, Ending::Finished(_)));
            tasks.push(reports);
            if !finished {
                break;
            }
        }
        Ok(Ran { algorithm, parties: local.parties, tasks, seen: watch.finish() })
    }
}

/// A run that is over.
struct Ran {
    algorithm: Arc<Algorithm>,
    parties: Vec<LocalInput>,
    tasks: Vec<Vec<Report>>,
    seen: Seen,
}

impl Ran {
    fn print(&self, options: &Run, out: &mut dyn Write) -> Result<(), CommandError> {
        let Self { algorithm, parties, tasks, seen } = self;
        if options.json {
            output::json(out, algorithm, parties, tasks, seen)?;
        } else {
            output::report(out, parties, tasks, seen, options.trace)?;
        }
        if let Some(last) = tasks.last() {
            let results = (0..).map(Seat).zip(parties.iter().zip(last));
            options.files.write(results.map(|(seat, (input, report))| {
                (seat, &*input.party.organization, output::bytes(&report.ending))
            }))?;
        }
        output::failure(parties, tasks, seen).map_or(Ok(()), Err)
    }
}

/// One party of the run: its name, role, and what it is granted.
pub(super) struct LocalInput {
    pub(super) party: Party,
    pub(super) datasets: Vec<Grant>,
}

/// The run: its parties and their storage.
struct Local {
    algorithm: Arc<Algorithm>,
    parties: Vec<LocalInput>,
    limits: Limits,
    seed: Seed,
    place: Place,
}

impl Local {
    fn new(
        options: &Run,
        algorithm: Arc<Algorithm>,
        parties: Vec<LocalInput>,
    ) -> Result<Self, CommandError> {
        let place = options.run.as_deref().map_or_else(Place::temporary, Place::of_run)?;
        Ok(Self {
            algorithm,
            parties,
            limits: Limits { deadline: Duration::from_secs(options.deadline), ..Limits::default() },
            seed: options.seed.map_or_else(Seed::fresh, Seed::Fixed),
            place,
        })
    }

    /// Runs the next task of the run.
    async fn task(
        &mut self,
        arguments: Vec<u8>,
        watch: &Watch,
    ) -> Result<Vec<Report>, CommandError> {
        let parties: Result<Vec<_>, _> =
            self.parties.iter().map(|input| self.party(input, arguments.clone())).collect();
        let task = (self.seed, self.place.next_task()?);
        let ran = run_task(&self.algorithm, task, parties?, &self.limits, watch.observer()).await;
        ran.map_err(|error| not_a_task(&error, self.algorithm.description()))
    }

    fn party(&self, input: &LocalInput, arguments: Vec<u8>) -> Result<LocalParty, CommandError> {
        // One store holds the runs of all parties, each under a key of its own.
        let run = Place::run_of(&input.party.organization);
        let run =
            self.place.store().run(run, Quota::from(&self.limits)).map_err(CommandError::fault)?;
        let datasets = input.datasets.iter().map(|grant| grant.dataset().name().to_owned());
        Ok(LocalParty {
            party: input.party.clone(),
            arguments,
            datasets: datasets.collect(),
            storage: Box::new(TaskStorage::new(run.begin(), input.datasets.clone())),
        })
    }
}
