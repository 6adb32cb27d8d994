//! Finds which keys, such as the names and birthdays of patients, two organizations both have; neither
//! sees any other key of the other's.
//!
//! **Parties**: a modeller, which learns what both have, and a pod, which learns the size of the modeller's
//! set, and only where rows are linked, which of its own rows these are.
//!
//! **Messages**: each tells the other that it is ready, how many distinct keys it has, and the pod its public
//! key if it has one; or why not. Then the modeller sends its keys, blinded; the pod sends its own set under
//! a key of its own, as sorted tokens, and that key applied to what it was sent. The modeller takes its blinds
//! off and compares. The kinds differ in how that is done: see `ecdh`, `voprf` and `rsa` in this crate;
//! `exchange` has what they share, `sum` how a column of the pod is added.
//!
//! **Assumes** messages that only their receiver can read, and what each kind says of its own.
//!
//! **Leaks** the number of distinct keys of both, unless both are filled up; of a party that cannot take part,
//! why.
//!
//! **Does not protect** against a party whose set is not that of its data: a modeller that asks for every
//! key that there may be learns the pod's whole set, as far as `max_modeller` allows; nor against repeated
//! questions; or against a party that leaves, so that nobody has a result, or once it has it, so that the
//! other does not. What the kinds protect against besides, the README says of each.

mod arguments;
mod discrete_log;
mod dleq;
mod ecdh;
mod exchange;
mod expand;
mod group;
mod keys;
mod link;
mod plan;
mod rsa;
mod set;
mod sum;
mod token;
mod voprf;
mod wrong;

use anchorhold_sdk::mpc::agree;
use anchorhold_sdk::{Dataset, Description, Result, Role, Security, Task, algorithm};
use serde::{Deserialize, Serialize};

pub use arguments::{Arguments, Column, Kind, Outcome, Output};
use exchange::{Answering, Asking, Common};
use plan::Plan;
use set::Set;

/// The dataset that each reads.
const DATASET: &str = "records";

/// How many keys must be shared for a sum, if no argument says it.
const MINIMUM_SIZE: u32 = 5;

/// Who asks, and learns what both have.
pub const MODELLER: &str = "modeller";
/// Whose keys are asked for.
pub const POD: &str = "pod";

algorithm!(describe, run);

/// What a party says of itself before it begins.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Facts {
    /// How many distinct elements its set has.
    elements: u32,
    /// The pod's public key, or nothing.
    key: Vec<u8>,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::semi_honest(
        "None: the two parties are all that there are.",
        "The number of distinct keys of both, unless they are filled up; why a party cannot take part.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new(
        MODELLER,
        "Which of its rows have a key that the pod has too, or how many, or a sum over them; the size \
         of the pod's set.",
    ))
    .role(Role::new(
        POD,
        "The size of the modeller's set; with \"link\", which of its rows have a key of the modeller's.",
    ))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).columns_by_argument())
}

/// What a party has before it begins: its set and, if it is the pod, its keys.
struct Own<'a> {
    plan: Plan<'a>,
    set: Set,
    answering: Option<Box<dyn Answering>>,
    column: Option<sum::Pod>,
}

impl<'a> Own<'a> {
    fn new(task: &mut Task, arguments: &'a Arguments) -> Result<Self> {
        let plan = Plan::new(task, arguments)?;
        let set = Set::read(task, &plan)?;
        if arguments.link {
            link::check(&set)?;
        }
        let mut own = Self { plan, set, answering: None, column: None };
        if !own.plan.is_modeller() {
            let column = arguments.column.as_ref();
            let column =
                column.map(|column| sum::Pod::new(task, &own.plan, &column.name, &own.set));
            own.column = column.transpose()?;
            own.answering = Some(answering(task, arguments.kind));
        }
        Ok(own)
    }

    fn facts(&self) -> Facts {
        let key = match (&self.column, &self.answering) {
            (Some(column), _) => column.public_key(),
            (None, Some(answering)) => answering.public_key(),
            (None, None) => Vec::new(),
        };
        let elements = u32::try_from(self.set.elements.len()).expect("there are at most 4,000,000");
        Facts { elements, key }
    }
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument, column, row or message that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = Own::new(task, &arguments);
    let (own, facts) = agree(task, &arguments, own, Own::facts)?;
    let [modeller, pod] = own.plan.sizes(&facts)?;
    let outcome = Outcome { modeller, pod, ..Outcome::default() };
    match own.plan.is_modeller() {
        true => {
            let key = &facts[own.plan.pod.index()].key;
            learn(task, &own, &arguments, key, outcome)
        }
        false => give(task, own, &arguments, outcome),
    }
}

/// The modeller's part.
fn learn(
    task: &mut Task,
    Own { plan, set, .. }: &Own,
    arguments: &Arguments,
    key: &[u8],
    outcome: Outcome,
) -> Result<Outcome> {
    let mut asking = asking(task, plan, arguments, key)?;
    let (asking, elements) = (asking.as_mut(), &set.elements);
    if arguments.output == Output::Sum {
        let sum = sum::Modeller::new(key);
        let mut sum = sum.map_err(|wrong| exchange::say(plan.pod, "agree", wrong))?;
        let common =
            exchange::ask(task, plan.pod, asking, elements, outcome.pod, |value| sum.add(value))?;
        return total(task, plan, arguments, &sum, common.len(), outcome);
    }
    let common =
        exchange::ask(task, plan.pod, asking, elements, outcome.pod, |_: &[u8; 0]| Ok(()))?;
    if arguments.link {
        link::tell(task, &task.table(DATASET)?, plan.pod, set, &common, outcome.pod)?;
    }
    let rows = (arguments.output == Output::Rows).then(|| rows(set, &common));
    Ok(Outcome { shared: Some(common.len()), rows, ..outcome })
}

/// Lets the sum be decrypted, if enough elements are shared.
fn total(
    task: &mut Task,
    plan: &Plan,
    arguments: &Arguments,
    sum: &sum::Modeller,
    shared: usize,
    outcome: Outcome,
) -> Result<Outcome> {
    let minimum = arguments.minimum_size.unwrap_or(MINIMUM_SIZE);
    let outcome = Outcome { shared: Some(shared), ..outcome };
    let shared = u32::try_from(shared).expect("there are at most 4,000,000");
    let most = (shared >= minimum).then(|| plan.range() * u64::from(shared));
    Ok(match sum.finish(task, plan.pod, most)? {
        Some(above) => Outcome { sum: Some(plan.total(shared, above)?), ..outcome },
        None => {
            let withheld =
                format!("fewer keys are shared than \"minimum_size\" requires, {minimum}");
            Outcome { withheld: Some(withheld), ..outcome }
        }
    })
}

/// The pod's part.
fn give(task: &mut Task, own: Own, arguments: &Arguments, outcome: Outcome) -> Result<Outcome> {
    let Own { plan, set, answering, column } = own;
    let mut answering = answering.expect("the pod has one");
    let (answering, modeller, elements) = (answering.as_mut(), plan.modeller, &set.elements);
    let permuted = arguments.output != Output::Rows;
    let asked_for = outcome.modeller;
    if let Some(column) = &column {
        let encrypt = |elements: &[u32], rng: &mut _| column.encrypt(elements, rng);
        exchange::answer(task, modeller, answering, elements, asked_for, permuted, encrypt)?;
        column.answer(task, modeller)?;
        return Ok(outcome);
    }
    let nothing = |elements: &[u32], _: &mut _| vec![[]; elements.len()];
    let order =
        exchange::answer(task, modeller, answering, elements, asked_for, permuted, nothing)?;
    if !arguments.link {
        return Ok(outcome);
    }
    let mut rows = link::learn(task, &task.table(DATASET)?, modeller, &set, &order)?;
    rows.sort_unstable();
    Ok(Outcome { shared: Some(rows.len()), rows: Some(rows), ..outcome })
}

/// Returns the rows that have one of these elements, in ascending order.
fn rows(set: &Set, common: &[Common]) -> Vec<u64> {
    let mut rows: Vec<_> = common.iter().flat_map(|common| set.rows_of(common.element)).collect();
    rows.sort_unstable();
    rows
}

fn asking(
    task: &mut Task,
    plan: &Plan,
    arguments: &Arguments,
    key: &[u8],
) -> Result<Box<dyn Asking>> {
    let group = ecdh::group(task.task_id());
    let wrong = |wrong| exchange::say(plan.pod, "agree", wrong);
    Ok(match (arguments.kind, arguments.output) {
        (Kind::Ecdh, Output::Rows) => Box::new(ecdh::Modeller::new(group)),
        (Kind::Ecdh, _) => Box::new(ecdh::Modeller::with_one_blind(group, task.rng())),
        (Kind::Voprf, _) => Box::new(voprf::Modeller::new(key).map_err(wrong)?),
        (Kind::Rsa, _) => Box::new(rsa::Modeller::new(key, task.task_id()).map_err(wrong)?),
    })
}

fn answering(task: &mut Task, kind: Kind) -> Box<dyn Answering> {
    let task_id = task.task_id().to_owned();
    match kind {
        Kind::Ecdh => Box::new(ecdh::Pod::new(ecdh::group(&task_id), task.rng())),
        Kind::Voprf => Box::new(voprf::Pod::new(task.rng())),
        Kind::Rsa => Box::new(rsa::Pod::new(&task_id, task.rng())),
    }
}
