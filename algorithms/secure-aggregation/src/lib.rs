//! Averages the state dictionaries of workers, such as the weights of a model that each has trained; the
//! modeller learns the average and nothing else of them.
//!
//! **Parties**: a modeller, and three or more workers with a state dictionary each; of the kind `shares` two
//! or more. The modeller has no data.
//!
//! **Messages**: each party tells each that it is ready, or why not, and the workers the names and shapes of
//! their tensors. Then their weighted values are added, as `masks` or `shares` in this crate says, and the
//! modeller alone learns the sum. It is opened and then divided.
//!
//! **Assumes** messages that only their receiver can read, and what each kind says of its own. Values are
//! within the bounds declared and rounded to as many bits, which each worker does before anything about them
//! leaves; no sum can overflow within them.
//!
//! **Leaks** to all the names and shapes of the tensors and who was there at each step; to the modeller the
//! sum of the weights; of a party that cannot take part, why.
//!
//! **Does not protect** against a worker that gives other values than its own: one is enough to make the
//! average anything; nor against what the average itself says of a worker, of which there is much where
//! they are few or one is weighted most; or against repeated averages that differ by one worker.

mod arguments;
mod input;
mod masks;
mod muster;
mod plan;
mod shares;
pub mod tensors;

use anchorhold_sdk::mpc::Fp61;
use anchorhold_sdk::mpc::aggregation::{Roster, Secrets};
use anchorhold_sdk::{
    Dataset, Description, Error, Output, Result, Role, Security, Task, algorithm,
};

pub use arguments::{Arguments, Kind, Larger, Outcome, Weights};
use input::{Input, Private};
use muster::{Facts, muster};
use plan::Plan;
use tensors::{Format, Layout, Precision, StateDictionary};

/// Who learns the average.
pub const MODELLER: &str = "modeller";
/// Who has a state dictionary.
pub const WORKER: &str = "worker";

/// The dataset whose rows are counted, where these are the weights.
const RECORDS: &str = "records";

algorithm!(describe, run);

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "As many workers as the threshold less 2, with the modeller; of the kind \"shares\", all but two.",
        "The names and shapes of tensors; the sum of the weights; who was there at each step; why a \
         party cannot take part.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new(
        MODELLER,
        "The average of the state dictionaries of those who stayed, and the sum of their weights.",
    ))
    .role(Role::new(WORKER, "The names and shapes of tensors; who stayed.").at_least(2))
    .arguments::<Arguments>()
    .dataset(input::state_dataset())
    .dataset(Dataset::new(RECORDS).role(WORKER))
}

/// What a party has before it begins.
struct Own<'a> {
    plan: Plan<'a>,
    input: Option<Input>,
    secrets: Option<Secrets>,
}

impl<'a> Own<'a> {
    fn new(task: &mut Task, arguments: &'a Arguments, private: &Private) -> Result<Self> {
        let plan = Plan::new(task, arguments)?;
        let input = Input::read(task, &plan, private)?;
        let has_secrets = input.is_some() && arguments.kind == Kind::Masks;
        let secrets = has_secrets.then(|| Secrets::new(task.rng()));
        Ok(Self { plan, input, secrets })
    }

    fn facts(&self, task_id: &str) -> Facts {
        Facts {
            layout: self.input.as_ref().map(|input| input.layout.clone()),
            precision: self.input.as_ref().map(|input| input.precision),
            public: self.secrets.as_ref().map(|secrets| secrets.public(task_id, masks::ROUND)),
        }
    }
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument, tensor or message that is at fault, and no value.
pub fn run(task: &mut Task, mut arguments: Arguments) -> Result<Output<Outcome>> {
    let private = Private { state: arguments.state.take(), weight: arguments.weight.take() };
    let own = Own::new(task, &arguments, &private);
    drop(private);
    let task_id = task.task_id().to_owned();
    let (own, facts) = muster(task, &arguments, own, |own| own.facts(&task_id))?;
    let Own { plan, input, secrets } = own;
    match input {
        Some(Input { vector, .. }) => {
            let workers = match secrets {
                Some(secrets) => masks::give(task, &plan, &facts, secrets, vector)?,
                None => {
                    let vector: Vec<_> = vector.into_iter().map(Fp61::new).collect();
                    shares::give(task, &plan, &vector)?;
                    all(&plan)
                }
            };
            let workers = names(task, &plan, &workers);
            Ok(Output::Json(Outcome { workers, weight: None, error: None, average: None }))
        }
        None => learn(task, &plan, &facts),
    }
}

/// The modeller's part.
fn learn(task: &Task, plan: &Plan, facts: &[Option<Facts>]) -> Result<Output<Outcome>> {
    let mut layouts = facts.iter().flatten().filter_map(|facts| facts.layout.as_ref());
    let layout: &Layout = layouts.next().ok_or_else(|| plan.too_few(0))?;
    let values = layout.values().map_err(Error::new)?;
    let length = values + usize::from(plan.is_weighted());
    let (mut sums, survivors) = match plan.arguments.kind {
        Kind::Masks => masks::collect(task, plan, facts, length)?,
        Kind::Shares => {
            let sums: Vec<Fp61> = shares::collect(task, plan, length)?;
            (sums.into_iter().map(Fp61::value).collect(), all(plan))
        }
    };
    // A usize fits u64 on every machine.
    let workers = survivors.len() as u64;
    let impossible = || {
        Error::new(
            "the sum is not possible within the declared bounds: a worker did not follow the protocol",
        )
    };
    let weight = if plan.is_weighted() { sums.pop() } else { Some(workers) };
    let possible = |weight: &u64| (workers..=workers * plan.max_weight).contains(weight);
    let weight = weight.filter(possible).ok_or_else(impossible)?;
    let average = sums.iter().map(|sum| plan.levels.average(*sum, weight));
    let average = average.collect::<Option<Vec<f64>>>().ok_or_else(impossible)?;
    let is_double = |facts: &Facts| facts.precision == Some(Precision::Double);
    let precision = match facts.iter().flatten().any(is_double) {
        true => Precision::Double,
        false => Precision::Single,
    };
    let average = StateDictionary::from_values(layout, &average, precision).map_err(Error::new)?;
    let mut outcome = Outcome {
        workers: names(task, plan, &survivors),
        weight: Some(weight),
        error: Some(plan.levels.error()),
        average: None,
    };
    let file = match plan.arguments.format {
        Format::Json => {
            outcome.average = Some(average.to_json());
            return Ok(Output::Json(outcome));
        }
        Format::Safetensors => average.to_safetensors(),
        Format::Npz => average.to_npz(),
    };
    task.info(&serde_json::to_string(&outcome).map_err(Error::new)?);
    file.map(Output::Bytes).map_err(Error::new)
}

/// Names all workers.
fn all(plan: &Plan) -> Roster {
    Roster::all_of(plan.workers.len())
}

fn names(task: &Task, plan: &Plan, workers: &Roster) -> Vec<String> {
    let name = |worker: usize| task.parties()[plan.workers[worker].index()].organization.clone();
    workers.iter().map(name).collect()
}
