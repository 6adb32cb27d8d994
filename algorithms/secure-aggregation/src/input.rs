//! What a worker brings: its state dictionary and its weight. All that reads them is here.

use anchorhold_sdk::{Error, Result, Task};
use serde_json::{Map, Value};

use crate::arguments::Weights;
use crate::plan::Plan;
use crate::tensors::{Layout, StateDictionary};

/// What is in the arguments of a worker and of nobody else.
pub struct Private {
    pub state: Option<Map<String, Value>>,
    pub weight: Option<u64>,
}

/// What a worker brings, as integers.
pub struct Input {
    pub layout: Layout,
    /// The weighted levels of all values and, where weights are added, the weight.
    pub vector: Vec<u64>,
}

impl Input {
    /// Reads a worker's input; the modeller has none.
    pub fn read(task: &Task, plan: &Plan, private: &Private) -> Result<Option<Self>> {
        if plan.own.is_none() {
            return match (&private.state, private.weight) {
                (None, None) => Ok(None),
                _ => Err(Error::new("\"state\" and \"weight\" are for workers")),
            };
        }
        let json = private.state.as_ref();
        let json = json.ok_or_else(|| Error::new("the argument \"state\" is missing"))?;
        let state = StateDictionary::from_json(json).map_err(Error::new)?;
        let weight = weight(task, plan, private)?;
        let mut vector = plan.levels.encode(&state, plan.arguments.larger)?;
        // Neither overflows: the sum over all workers is below the modulus.
        vector.iter_mut().for_each(|level| *level *= weight);
        if plan.is_weighted() {
            vector.push(weight);
        }
        Ok(Some(Self { layout: state.layout(), vector }))
    }
}

fn weight(task: &Task, plan: &Plan, private: &Private) -> Result<u64> {
    let dataset = &plan.arguments.dataset;
    let (weight, what) = match (plan.arguments.weights, private.weight) {
        (Weights::Given, Some(weight)) => (weight, "the argument \"weight\"".to_owned()),
        (Weights::Given, None) => return Err(Error::new("the argument \"weight\" is missing")),
        (_, Some(_)) => return Err(Error::new("\"weight\" is for weights that are given")),
        (Weights::Equal, None) => return Ok(1),
        (Weights::Rows, None) => {
            (task.table(dataset)?.rows(), format!("the number of rows of {dataset:?}"))
        }
    };
    match weight {
        0 => Err(Error::new(format!("{what} is 0"))),
        _ if weight > plan.max_weight => {
            let most = plan.max_weight;
            Err(Error::new(format!("{what} is more than \"max_weight\" allows, {most}")))
        }
        _ => Ok(weight),
    }
}
