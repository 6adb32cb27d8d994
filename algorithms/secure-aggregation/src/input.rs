//! What a worker brings: its state dictionary and its weight. All that reads them is here.

use std::collections::BTreeMap;

use anchorhold_sdk::{Column, ColumnType, Dataset, Error, Result, Task};
use serde_json::{Map, Value};

use crate::arguments::{Larger, Weights};
use crate::plan::Plan;
use crate::tensors::{
    Layout, MAX_FILE_BYTES, MAX_TENSORS, MAX_VALUES, Precision, StateDictionary, StateError,
    Tensor, shown,
};
use crate::{RECORDS, WORKER};

/// The dataset that has a state dictionary, where the arguments have none.
const STATE: &str = "state";

const TENSOR: &str = "tensor";
const VALUE: &str = "value";

/// Says how a state dictionary is read from a file of tensors, or from rows: those of a tensor are its values,
/// in their order.
pub fn state_dataset() -> Dataset {
    Dataset::new(STATE)
        .role(WORKER)
        .column(Column::new(TENSOR, ColumnType::Utf8))
        .column(Column::new(VALUE, ColumnType::Float64))
        .or_file()
}

/// What is in the arguments of a worker and of nobody else.
pub struct Private {
    pub state: Option<Map<String, Value>>,
    pub weight: Option<u64>,
}

/// What a worker brings, as integers.
pub struct Input {
    pub layout: Layout,
    pub precision: Precision,
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
        let state = state(task, private)?;
        let layout = state.layout();
        layout.check_names(plan.arguments.format).map_err(Error::new)?;
        let weight = weight(task, plan, private)?;
        let mut vector = levels(plan, &state)?;
        // Neither overflows: the sum over all workers is below the modulus.
        vector.iter_mut().for_each(|level| *level *= weight);
        if plan.is_weighted() {
            vector.push(weight);
        }
        Ok(Some(Self { layout, precision: state.precision(), vector }))
    }
}

/// Reads the state dictionary from where it is.
fn state(task: &Task, private: &Private) -> Result<StateDictionary> {
    let granted = task.datasets().iter().any(|name| name == STATE);
    match (&private.state, granted) {
        (Some(json), false) => StateDictionary::from_json(json).map_err(Error::new),
        (None, true) if task.is_file(STATE) => {
            StateDictionary::from_file(&task.file(STATE, MAX_FILE_BYTES)?).map_err(Error::new)
        }
        (None, true) => from_rows(task),
        (Some(_), true) => {
            Err(Error::new("there are both an argument and a dataset \"state\": one is enough"))
        }
        (None, false) => Err(Error::new("there is neither an argument nor a dataset \"state\"")),
    }
}

/// Reads tensors of one dimension.
fn from_rows(task: &Task) -> Result<StateDictionary> {
    let table = task.table(STATE)?;
    let rows = usize::try_from(table.rows()).unwrap_or(usize::MAX);
    if rows > MAX_VALUES {
        return Err(Error::new(StateError::TooManyValues(rows)));
    }
    let mut tensors: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for batch in table.batches() {
        let batch = batch?;
        let (names, values) = (batch.utf8(TENSOR)?, batch.float64(VALUE)?);
        for (name, value) in names.without_nulls()?.zip(values.without_nulls()?) {
            match tensors.get_mut(name) {
                Some(values) => values.push(value),
                None => drop(tensors.insert(name.to_owned(), vec![value])),
            }
            if tensors.len() > MAX_TENSORS {
                return Err(Error::new(StateError::TooManyTensors(tensors.len())));
            }
        }
    }
    let tensors = tensors.into_iter().map(|(name, values)| {
        let tensor = Tensor::new(&name, vec![values.len()], values)?;
        Ok((name, tensor))
    });
    StateDictionary::new(tensors.collect::<Result<_, StateError>>().map_err(Error::new)?)
        .map_err(Error::new)
}

/// Rounds all values of a state dictionary.
///
/// # Errors
/// [`Error::Said`] with the place of a value that is larger than declared, unless it is to be clipped.
fn levels(plan: &Plan, state: &StateDictionary) -> Result<Vec<u64>> {
    let mut levels = Vec::new();
    for (name, tensor) in state.tensors() {
        for (at, value) in tensor.values().iter().enumerate() {
            if plan.arguments.larger == Larger::Refuse && value.abs() > plan.levels.clip() {
                let place = tensor.place(at);
                return Err(Error::new(format!(
                    "the tensor {} at {place:?} is larger than \"clip\" allows",
                    shown(name)
                )));
            }
            levels.push(plan.levels.level(*value));
        }
    }
    Ok(levels)
}

fn weight(task: &Task, plan: &Plan, private: &Private) -> Result<u64> {
    let (weight, what) = match (plan.arguments.weights, private.weight) {
        (Weights::Given, Some(weight)) => (weight, "the argument \"weight\"".to_owned()),
        (Weights::Given, None) => return Err(Error::new("the argument \"weight\" is missing")),
        (_, Some(_)) => return Err(Error::new("\"weight\" is for weights that are given")),
        (Weights::Equal, None) => return Ok(1),
        (Weights::Rows, None) => {
            (task.table(RECORDS)?.rows(), format!("the number of rows of {RECORDS:?}"))
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
