//! Steps of protocols on random vectors, as often as it is asked for: what the benchmarks run in the
//! lab and as a component.

use anchorhold_sdk::mpc::replicated::{Replicated, Servers};
use anchorhold_sdk::mpc::{Arithmetic as _, Numbers as _, Z2_64};
use anchorhold_sdk::{Description, Result, Role, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

algorithm!(describe, run);

/// What to do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Arguments {
    /// The step.
    pub step: Step,
    /// On how many elements at once.
    pub length: usize,
    /// How often.
    pub times: u32,
}

/// A step among three parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Products of elements.
    Multiply,
    /// Comparisons.
    Compare,
    /// Products of fixed-point numbers.
    MultiplyFixed,
}

/// Says what this is.
pub fn describe() -> Description {
    let security = Security::semi_honest("Any.", "Nothing: the vectors are random.");
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(Role::new("party", "Nothing.").at_least(3))
    .arguments::<Arguments>()
}

/// Does it, and returns how many elements went through the step.
///
/// # Errors
/// If a party leaves.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<u64> {
    let Arguments { step, length, times } = arguments;
    let servers = Servers::first(task)?;
    let mut three = Replicated::<Z2_64>::new(task, servers)?;
    let (x, y) = (three.random(length), three.random(length));
    for _ in 0..times {
        match step {
            Step::Multiply => drop(three.multiply(&x, &y)?),
            Step::Compare => drop(three.is_less(&x, &y)?),
            Step::MultiplyFixed => {
                let product = three.multiply(&x, &y)?;
                three.truncate(&product, 16)?;
            }
        }
    }
    Ok(length as u64 * u64::from(times))
}
