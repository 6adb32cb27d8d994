//! What a party brings: the weights, the records, or nothing.

use anchorhold_sdk::mpc::Z2_64;
use anchorhold_sdk::{Column, ColumnType, Dataset, Error, Result, Table, Task};

use crate::plan::Plan;
use crate::{MODEL, RECORDS};

/// What a party brings, as fixed-point integers.
pub enum Input {
    /// Layer by layer the weights, input by input and in it output by output, and then those that are
    /// added.
    Weights(Vec<Z2_64>),
    /// The features of each record in turn.
    Records {
        features: Vec<Z2_64>,
        records: usize,
    },
    Nothing,
}

/// Says how a model is read: a row for each weight, and no input for one that is added to an output.
pub fn model_dataset() -> Dataset {
    Dataset::new(MODEL)
        .role(MODEL)
        .column(Column::new("layer", ColumnType::Int64))
        .column(Column::new("input", ColumnType::Int64).nullable())
        .column(Column::new("output", ColumnType::Int64))
        .column(Column::new("weight", ColumnType::Float64))
}

impl Input {
    pub fn read(task: &Task, plan: &Plan) -> Result<Self> {
        if task.seat() == plan.model {
            return weights(&task.table(MODEL)?, plan).map(Self::Weights);
        }
        if task.seat() == plan.records {
            return records(&task.table(RECORDS)?, plan);
        }
        Ok(Self::Nothing)
    }

    /// Returns how many records this party has, if it is the one that has them.
    pub fn records(&self) -> Option<usize> {
        match self {
            Self::Records { records, .. } => Some(*records),
            _ => None,
        }
    }
}

fn weights(table: &Table, plan: &Plan) -> Result<Vec<Z2_64>> {
    let (layers, inputs, outputs) =
        (table.int64("layer")?, table.int64("input")?, table.int64("output")?);
    let values: Vec<Z2_64> = plan.weight.column(table, "weight")?;
    let mut weights = vec![None; plan.weights()];
    let places = layers.without_nulls()?.zip(inputs.iter()).zip(outputs.without_nulls()?);
    for (row, (((layer, input), output), value)) in places.zip(values).enumerate() {
        let place = place(plan, layer, input, output).ok_or_else(|| {
            let input = input.map_or("no input".to_owned(), |input| format!("input {input}"));
            wrong(row, format!("layer {layer}, {input}, output {output} is none of the shape"))
        })?;
        if weights[place].replace(value).is_some() {
            return Err(wrong(row, "there was a weight for the same place before"));
        }
    }
    let given = weights.iter().flatten().count();
    weights.into_iter().collect::<Option<_>>().ok_or_else(|| {
        let expected = plan.weights();
        Error::new(format!("the model has {given} weights, and its shape {expected}"))
    })
}

fn wrong(row: usize, problem: impl std::fmt::Display) -> Error {
    Error::new(format!("row {} of the dataset {MODEL:?}: {problem}", row + 1))
}

/// Returns where a weight is among all.
fn place(plan: &Plan, layer: i64, input: Option<i64>, output: i64) -> Option<usize> {
    let layer = usize::try_from(layer).ok()?.checked_sub(1)?;
    let (inputs, outputs) = plan.shapes().nth(layer)?;
    let before: usize =
        plan.shapes().take(layer).map(|(inputs, outputs)| (inputs + 1) * outputs).sum();
    // Those that are added come last.
    let input = match input {
        Some(input) => usize::try_from(input).ok().filter(|input| *input < inputs)?,
        None => inputs,
    };
    let output = usize::try_from(output).ok().filter(|output| *output < outputs)?;
    Some(before + input * outputs + output)
}

fn records(table: &Table, plan: &Plan) -> Result<Input> {
    let all = || table.columns().iter().map(|column| column.name.clone()).collect();
    let names: Vec<String> = plan.features.clone().unwrap_or_else(all);
    if names.len() != plan.layers[0] {
        return Err(Error::new(format!(
            "there are {} columns of features, and the model has {} inputs",
            names.len(),
            plan.layers[0]
        )));
    }
    let columns: Result<Vec<Vec<Z2_64>>> =
        names.iter().map(|name| plan.feature.column(table, name)).collect();
    let columns = columns?;
    let records = columns[0].len();
    if records == 0 {
        return Err(Error::new(format!("the dataset {RECORDS:?} has no rows")));
    }
    let features = (0..records).flat_map(|row| columns.iter().map(move |column| column[row]));
    Ok(Input::Records { features: features.collect(), records })
}
