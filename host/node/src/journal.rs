//! What a node must remember across a restart: which tasks it took on, which key statements it saw,
//! which runs are closed. An entry is on the disk before what it speaks of happens.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anchorhold_identity::{Fingerprint, Statement};
use anchorhold_model::{Digest, ExecutionState, RunId, Seat, TaskId};
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::lines::{self, Lines, LinesError};
use crate::privacy::Spend;

/// The journal's name in the node's folder of what it keeps.
pub(crate) const FILE: &str = "journal.jsonl";

/// One entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case", deny_unknown_fields)]
enum Entry {
    /// A key statement was seen.
    Statement { organization: Fingerprint, number: u64, hash: Digest },
    /// A task was taken on, with what its execution is started with.
    Accepted(Accepted),
    /// The execution of a task ended here, or it was refused.
    Ended { task: TaskId, state: ExecutionState, at: u64 },
    /// A run was closed.
    Closed { run: RunId, at: u64 },
    /// A task may spend so much of the privacy budgets of these datasets.
    Spent { task: TaskId, datasets: Vec<String>, spend: Spend, at: u64 },
}

/// How long after its deadline a task is remembered, in seconds: a year. One that is offered again
/// later is refused for its deadline.
pub(crate) const REMEMBERED: u64 = 366 * 24 * 3_600;

/// What must be remembered, and until when: what a run stored is there until it is closed, and so is
/// all that is known of it.
#[derive(Debug, Default)]
struct Remembered {
    runs: HashMap<RunId, (bool, u64)>,
    run_of: HashMap<TaskId, RunId>,
}

impl Remembered {
    fn take(&mut self, entry: &Entry) {
        let (run, closed, last) = match entry {
            Entry::Accepted(accepted) => {
                self.run_of.insert(accepted.task, accepted.run);
                (accepted.run, false, accepted.deadline.max(accepted.at))
            }
            Entry::Closed { run, at } => (*run, true, *at),
            Entry::Statement { .. } | Entry::Ended { .. } | Entry::Spent { .. } => return,
        };
        let of = self.runs.entry(run).or_default();
        *of = (of.0 || closed, of.1.max(last));
    }

    /// Says whether an entry must be remembered still.
    fn counts(&self, entry: &Entry, now: u64) -> bool {
        let recent = |last: u64| last.saturating_add(REMEMBERED) >= now;
        let of_run =
            |run: &RunId| self.runs.get(run).is_none_or(|(closed, last)| !closed || recent(*last));
        match entry {
            // What is known of a record nobody forgets.
            Entry::Statement { .. } | Entry::Spent { .. } => true,
            Entry::Accepted(Accepted { run, .. }) | Entry::Closed { run, .. } => of_run(run),
            Entry::Ended { task, at, .. } => self.run_of.get(task).map_or(recent(*at), of_run),
        }
    }
}

/// A task that was taken on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accepted {
    pub(crate) task: TaskId,
    pub(crate) run: RunId,
    pub(crate) ordinal: u32,
    pub(crate) requester: Fingerprint,
    pub(crate) algorithm: Digest,
    /// Which datasets of this node it reads.
    #[serde(default)]
    pub(crate) datasets: Vec<String>,
    pub(crate) seat: Seat,
    /// When the task was created: where the clocks of the execution begin.
    pub(crate) created: u64,
    pub(crate) deadline: u64,
    /// When it was taken on, in seconds after 1970.
    pub(crate) at: u64,
}

/// Whether a task may be taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It was never offered, and none after it in its run.
    No,
    /// It was taken on or refused, and this is where it is.
    Yes(ExecutionState),
    /// It was taken on or refused before this process began.
    Earlier,
    /// It was not taken on, but its run is closed or a later task of it was.
    Passed,
}

/// Two key statements of one organization under one number: somebody lies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StatementAlarm {
    /// A later one was seen.
    #[error("{0} has a later key statement, with the number {1}")]
    Superseded(Fingerprint, u64),
    /// Another one with this number was seen.
    #[error("{0} has made two key statements with the number {1}")]
    Two(Fingerprint, u64),
}

/// A node's journal.
#[derive(Debug)]
pub(crate) struct Journal(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Lines,
    statements: HashMap<Fingerprint, (u64, Digest)>,
    tasks: HashMap<TaskId, Taken>,
    runs: BTreeMap<RunId, Passed>,
    spent: BTreeMap<String, Spend>,
}

/// A task that was taken on or refused.
#[derive(Debug)]
struct Taken {
    accepted: Option<Accepted>,
    state: ExecutionState,
    /// Before this process began.
    earlier: bool,
}

/// What was of a run.
#[derive(Debug, Default)]
struct Passed {
    requester: Option<Fingerprint>,
    last: Option<u32>,
    closed: bool,
}

impl Journal {
    /// Opens the journal, or makes it, and forgets what need not be remembered.
    pub(crate) fn open(path: &Path, now: u64) -> Result<Self, LinesError> {
        let mut remembered = Remembered::default();
        lines::read(path, |entry: Entry| remembered.take(&entry))?;
        lines::prune(path, |entry: &Entry| remembered.counts(entry, now))?;
        let lines = Lines::open(path)?;
        let mut inner = Inner {
            lines,
            statements: HashMap::new(),
            tasks: HashMap::new(),
            runs: BTreeMap::new(),
            spent: BTreeMap::new(),
        };
        lines::read(path, |entry| inner.take(entry))?;
        inner.tasks.values_mut().for_each(|taken| taken.earlier = true);
        Ok(Self(Mutex::new(inner)))
    }

    /// Returns the tasks that were taken on and have not ended: the process was killed.
    pub(crate) fn interrupted(&self) -> Vec<Accepted> {
        let inner = self.inner();
        let open = inner.tasks.values().filter(|taken| !taken.state.is_final());
        open.filter_map(|taken| taken.accepted.clone()).collect()
    }

    /// Returns the runs that were closed.
    pub(crate) fn closed(&self) -> Vec<RunId> {
        let inner = self.inner();
        inner.runs.iter().filter(|(_, of)| of.closed).map(|(run, _)| *run).collect()
    }

    /// Returns who asked for the tasks of a run, where any was taken on.
    pub(crate) fn requester(&self, run: &RunId) -> Option<Fingerprint> {
        self.inner().runs.get(run)?.requester
    }

    /// Returns where a task is that was taken on or refused.
    pub(crate) fn state(&self, task: &TaskId) -> Option<ExecutionState> {
        self.inner().tasks.get(task).map(|taken| taken.state)
    }

    /// Says whether a run was closed.
    pub(crate) fn is_closed(&self, run: &RunId) -> bool {
        self.inner().runs.get(run).is_some_and(|of| of.closed)
    }

    /// Says whether a task may be taken on.
    pub(crate) fn knows(&self, task: TaskId, run: RunId, ordinal: u32) -> Known {
        let inner = self.inner();
        if let Some(taken) = inner.tasks.get(&task) {
            return if taken.earlier { Known::Earlier } else { Known::Yes(taken.state) };
        }
        let passed = inner
            .runs
            .get(&run)
            .is_some_and(|of| of.closed || of.last.is_some_and(|last| last >= ordinal));
        if passed { Known::Passed } else { Known::No }
    }

    /// Counts the tasks of a requester that were taken on since then, have this algorithm and read this
    /// dataset.
    pub(crate) fn count(
        &self,
        requester: &Fingerprint,
        algorithm: &Digest,
        dataset: &str,
        since: u64,
    ) -> u64 {
        let inner = self.inner();
        let accepted = inner.tasks.values().filter_map(|taken| {
            let refused = taken.state == ExecutionState::Refused;
            taken.accepted.as_ref().filter(|_| !refused)
        });
        let counted = accepted.filter(|accepted| {
            accepted.requester == *requester
                && accepted.algorithm == *algorithm
                && accepted.at >= since
                && accepted.datasets.iter().any(|name| name == dataset)
        });
        counted.count() as u64
    }

    /// Notes that a task is taken on, and waits until the disk has it.
    pub(crate) fn accept(&self, accepted: Accepted) -> Result<(), LinesError> {
        self.add(Entry::Accepted(accepted))
    }

    /// Notes that a task spends of the privacy budgets of datasets, each of which has one or none, unless
    /// one of these does not cover it.
    pub(crate) fn spend(
        &self,
        task: TaskId,
        datasets: &[(String, Option<Spend>)],
        asked: Spend,
        at: u64,
    ) -> Result<Result<(), Refusal>, LinesError> {
        let mut inner = self.inner();
        for (dataset, budget) in datasets {
            let spent = inner.spent.get(dataset).copied().unwrap_or(Spend::NONE);
            if let Some(budget) = budget
                && !spent.plus(asked).is_within(budget)
            {
                let (dataset, budget) = (dataset.clone(), *budget);
                return Ok(Err(Refusal::Budget { dataset, budget, spent, asked }));
            }
        }
        let datasets = datasets.iter().map(|(name, _)| name.clone()).collect();
        inner.add(Entry::Spent { task, datasets, spend: asked, at }).map(Ok)
    }

    /// Notes how a task ended here. The first end counts.
    pub(crate) fn end(
        &self,
        task: TaskId,
        state: ExecutionState,
        at: u64,
    ) -> Result<(), LinesError> {
        if self.state(&task).is_some_and(ExecutionState::is_final) {
            return Ok(());
        }
        self.add(Entry::Ended { task, state, at })
    }

    /// Notes that a run is closed.
    pub(crate) fn close(&self, run: RunId, at: u64) -> Result<(), LinesError> {
        if self.is_closed(&run) {
            return Ok(());
        }
        self.add(Entry::Closed { run, at })
    }

    /// Notes a key statement; of each organization the highest number counts.
    pub(crate) fn see(
        &self,
        statement: &Statement,
    ) -> Result<Result<(), StatementAlarm>, LinesError> {
        let (organization, number) = (statement.organization(), statement.value().number);
        let hash = Digest::from_bytes(statement.hash());
        let mut inner = self.inner();
        match inner.statements.get(&organization) {
            Some((seen, _)) if *seen > number => {
                return Ok(Err(StatementAlarm::Superseded(organization, *seen)));
            }
            Some((seen, other)) if *seen == number => {
                let two = || StatementAlarm::Two(organization, number);
                return Ok(if *other == hash { Ok(()) } else { Err(two()) });
            }
            _ => {}
        }
        inner.add(Entry::Statement { organization, number, hash }).map(Ok)
    }

    fn add(&self, entry: Entry) -> Result<(), LinesError> {
        self.inner().add(entry)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads how much was spent of the privacy budget of each dataset, from the journal of a node that may be
/// running.
///
/// # Errors
///
/// Where it cannot be read.
pub fn spent(state: &Path) -> Result<BTreeMap<String, Spend>, LinesError> {
    let mut spent = BTreeMap::new();
    lines::read(&state.join(FILE), |entry| {
        if let Entry::Spent { datasets, spend, .. } = entry {
            add(&mut spent, datasets, spend);
        }
    })?;
    Ok(spent)
}

fn add(spent: &mut BTreeMap<String, Spend>, datasets: Vec<String>, spend: Spend) {
    for dataset in datasets {
        let of = spent.entry(dataset).or_insert(Spend::NONE);
        *of = of.plus(spend);
    }
}

impl Inner {
    fn add(&mut self, entry: Entry) -> Result<(), LinesError> {
        self.lines.append(&entry)?;
        self.lines.sync()?;
        self.take(entry);
        Ok(())
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Statement { organization, number, hash } => {
                self.statements.insert(organization, (number, hash));
            }
            Entry::Accepted(accepted) => {
                let of = self.runs.entry(accepted.run).or_default();
                of.last = of.last.max(Some(accepted.ordinal));
                of.requester = Some(accepted.requester);
                let (task, state) = (accepted.task, ExecutionState::Running);
                let taken = Taken { accepted: Some(accepted), state, earlier: false };
                self.tasks.insert(task, taken);
            }
            Entry::Ended { task, state, .. } => {
                let taken = Taken { accepted: None, state, earlier: false };
                self.tasks.entry(task).or_insert(taken).state = state;
            }
            Entry::Closed { run, .. } => self.runs.entry(run).or_default().closed = true,
            Entry::Spent { datasets, spend, .. } => add(&mut self.spent, datasets, spend),
        }
    }
}

#[cfg(test)]
mod tests;
